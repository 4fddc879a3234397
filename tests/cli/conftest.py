"""The command line, run in this process on a copy of the season."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from huiquan.cli.main import run
from huiquan.db.embedded import Embedded
from tests.played import copy_of, played_season


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def season_url(postgres: Embedded) -> str:
    """A fresh copy of the season."""
    return copy_of(postgres, played_season(postgres))


@pytest.fixture
def huiquan(
    postgres: Embedded,
    season_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Run one command as a shell would, by the clock of the season."""
    clock = tmp_path / "clock"
    clock.write_text(played_season(postgres).now.isoformat())
    monkeypatch.setenv("HUIQUAN_DATABASE_URL", season_url)
    monkeypatch.setenv("HUIQUAN_CLOCK_FILE", str(clock))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["huiquan", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        code = ended.value.code
        return Said(status=code if isinstance(code, int) else 0, out=told.out, err=told.err)

    return command
