"""A signer's home: its key file, its clock, and how it is started.  密钥与启动"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notary.__main__ import read_arguments
from notary.clock import file_clock, real_clock
from notary.home import open_desk
from notary.keys import SEED_FILE, UnsafeKeyError, load_key


def test_a_new_home_gets_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    key = load_key(tmp_path / "home")
    assert (tmp_path / "home" / SEED_FILE).stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path / "home").public == key.public
    assert key.seed.hex() not in repr(key)


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    load_key(tmp_path)
    (tmp_path / SEED_FILE).chmod(0o640)
    with pytest.raises(UnsafeKeyError, match="owner"):
        load_key(tmp_path)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
def test_a_damaged_key_is_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / SEED_FILE).write_text(text)
    (tmp_path / SEED_FILE).chmod(0o600)
    with pytest.raises(UnsafeKeyError, match="seed"):
        load_key(tmp_path)


def test_a_clock_is_real_shifted_or_stopped(tmp_path: Path) -> None:
    shifted = real_clock(3600)() - datetime.now(UTC)
    assert timedelta(minutes=59) < shifted < timedelta(minutes=61)
    path = tmp_path / "clock"
    stopped = file_clock(path)
    path.write_text("2026-02-06T10:00:00+08:00\n")
    assert stopped() == datetime(2026, 2, 6, 2, tzinfo=UTC)
    path.write_text("2026-02-06T11:00:00+08:00")
    assert stopped() == datetime(2026, 2, 6, 3, tzinfo=UTC)
    path.write_text("2026-02-06T11:00:00")
    with pytest.raises(ValueError, match="zone"):
        stopped()


def test_the_command_line_opens_the_desk_it_describes(tmp_path: Path) -> None:
    words = ["--role", "auditor", "--port", "7102", "--home", str(tmp_path / "home")]
    desk = open_desk(read_arguments(words))
    assert (desk.role, desk.ready, desk.notice) == ("auditor", True, timedelta(hours=12))
    (tmp_path / "clock").write_text("2026-02-06T10:00:00+08:00")
    peer = ["--peer", "http://notary", "--peer-key", "00" * 32]
    more = [*words, *peer, "--clock-file", str(tmp_path / "clock"), "--notice-s", "0"]
    desk = open_desk(read_arguments(more))
    assert not desk.ready
    assert desk.clock().hour == 10
    with pytest.raises(SystemExit):
        read_arguments([*words, "--peer", "http://notary"])
