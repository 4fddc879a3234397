"""The list of everyone who registered, and what the auditor is told who holds a day against it."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from huiquan.cli import registrants
from huiquan.domain.exclusions import exclusion_list, exclusion_list_hash
from tests.attacks.test_pseudonyms import CAMPAIGN_KEY, registered
from tests.domain.draw_days import a_drawn_day


@pytest.mark.parametrize("is_there", [False, True])
def test_nobody_else_on_the_machine_may_read_the_list_of_everyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    monkeypatch.setattr(registrants, "ask", lambda work: b"00" * 32 + b"\n")
    out = tmp_path / "people.txt"
    if is_there:
        out.write_bytes(b"an older and longer list" * 9)
        out.chmod(0o644)
    before = os.umask(0o022)
    try:
        said = CliRunner().invoke(registrants.app, ["list", str(out)])
    finally:
        os.umask(before)
    assert said.exit_code == 0, said.output
    assert out.read_bytes() == b"00" * 32 + b"\n"
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("lists", [1, 2])
def test_a_day_of_several_exclusion_lists_is_not_called_right_after_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: int
) -> None:
    day, files = a_drawn_day(people=160)
    kept = [exclusion_list([bytes([number]) * 32]) for number in range(lists)]
    configs = {
        number: replace(day.config, exclusion_list_hash=exclusion_list_hash(one))
        for number, one in enumerate(kept)
    }
    monkeypatch.setattr(registrants, "read_day", lambda files: SimpleNamespace(configs=configs))
    for name, raw in files.items():
        path = tmp_path / "day" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    people, key, excluded = (tmp_path / name for name in ("people", "key", "excluded"))
    people.write_bytes(exclusion_list(registered(day, 160)))
    key.write_text("unused")
    monkeypatch.setattr(registrants, "read_key", lambda path: CAMPAIGN_KEY)
    excluded.write_bytes(kept[0])
    asked = ["check", str(tmp_path / "day"), "--people", str(people), "--key", str(key)]
    said = CliRunner().invoke(registrants.app, [*asked, "--excluded", str(excluded)])
    assert said.exit_code == 0, said.output
    assert ("2 exclusion lists" in said.output) is (lists == 2)
    assert ("2 份排除名单" in said.output) is (lists == 2)
    assert said.output.endswith("ok\n") is (lists == 1)
