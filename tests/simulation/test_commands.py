"""The commands around the simulated world: what they refuse, and what they write."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from huiquan.cli.staff import app as staff
from simulation.__main__ import read_arguments, write_visitors
from simulation.people import make_people
from tests.houses import regions


def test_a_short_password_is_refused_before_anything_is_opened() -> None:
    words = ["add", "wang", "--name", "王监管", "--role", "supervisor"]
    told = CliRunner().invoke(staff, words, env={"HUIQUAN_NEW_PASSWORD": "short"})
    assert told.exit_code == 1
    assert "10 characters" in told.stderr


def test_a_visitor_may_play_people_who_are_not_in_the_crowd(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_visitors(path, seed=1, count=20)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    crowd = {person.document for person in make_people(regions(), 1, 2000)}
    assert len(rows) == 20
    assert not crowd & {row["document"] for row in rows}


@pytest.mark.parametrize("words", [["season", "--people", "0"], ["season", "--days", "-1"], []])
def test_a_season_of_nobody_and_no_command_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments(words)
    assert ended.value.code == 2
