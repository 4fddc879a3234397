"""Every test has a home of its own: what it leaves there no house and no other test comes upon."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from huiquan.gateways.high_water import FILE, FileMark
from huiquan.settings import read_settings

SAY_HOME = (
    "import os; from huiquan.settings import read_settings; print(read_settings(os.environ).home)"
)


@pytest.mark.parametrize("turn", ["before", "after"])
def test_what_one_test_saw_of_the_books_the_next_one_does_not_know(turn: str) -> None:
    home = read_settings(os.environ).home
    home.mkdir(parents=True)
    mark = FileMark(home / FILE)
    assert mark.seen("a") == {}
    mark.note("a", {0: 10})


def test_the_processes_of_a_test_have_its_home_and_not_the_projects(
    tmp_path_factory: pytest.TempPathFactory, repository: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SAY_HOME], cwd=repository, capture_output=True, text=True, check=True
    )
    assert Path(told.stdout.strip()) == read_settings(os.environ).home
    assert Path(told.stdout.strip()).is_relative_to(tmp_path_factory.getbasetemp())
