"""A day that is filled in the door's own batches is a day like any other, and is measured."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import curve
from bench.busy import busy_rulebook, times_for
from bench.house import RULEBOOK, Prepared, prepared_house
from bench.load import has_wrk
from bench.slowed import slowed
from bench.taps import CrowdTooSmallError
from huiquan.cli.processes import Processes
from huiquan.domain.rulebook_reading import read_rulebook
from huiquan.domain.rulebooks import Rulebook
from simulation.household import members_of

PEOPLE = 16_000
MARK = 6000  # beyond those who warm the door up, so that many are filled


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    home = tmp_path_factory.mktemp("curve") / "home"
    with prepared_house(home, PEOPLE, lambda _: None, times_for(PEOPLE)) as found:
        yield found


@pytest.mark.slow
@pytest.mark.xdist_group("bench")
@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_a_filled_day_counts_right_and_is_measured_by_process(prepared: Prepared) -> None:
    asked = curve.arguments(["--marks", str(MARK), "--seconds", "1", "--connections", "8"])
    asked.people = PEOPLE
    so_far: list[int] = []
    points, counted = curve.curve(prepared, asked, lambda some: so_far.append(len(some)))
    assert counted.wrong == ()
    assert so_far == [1]
    (one,) = points
    assert one.entries_before >= MARK
    assert one.filled > 0
    assert counted.numbers["entries"] == counted.numbers["drawn"] == one.entries_before + one.draws
    for part in ("web", "rounds", "signers", "postgres for web", "postgres for rounds"):
        assert one.cpu_us[part] > 0, part
        assert one.own_mib[part] > 0, part
    # Those who fill have gone by then: what PostgreSQL did for them stands with its own.
    assert one.filled_us["filling"] > 0
    assert one.filled_us["postgres"] > 0
    assert all(each.answered for each in one.checks)


def test_a_mark_that_the_crowd_cannot_reach_is_said(prepared: Prepared) -> None:
    asked = curve.arguments(["--marks", "10000,10000000", "--seconds", "10"])
    assert curve.people_needed(asked) > 10_000_000
    asked.people = 20
    day = curve.Day(house=None, running=None, asked=asked, say=print)  # type: ignore[arg-type]
    with pytest.raises(CrowdTooSmallError, match="20 are left"):
        day.load("enter", 1, 1000)


class WithoutPeople(curve.Day):
    """A day that lacks entries, when everybody has come."""

    def entries(self) -> int:
        return 0


def test_a_day_does_not_wait_for_ever_when_everybody_has_come() -> None:
    asked = curve.arguments(["--marks", "10000", "--fill", "door"])
    asked.people = 20
    nobody: Any = SimpleNamespace(family=dict)
    day = WithoutPeople(house=nobody, running=nobody, asked=asked, say=print, came=20)
    with pytest.raises(CrowdTooSmallError, match="0 are left"):
        day.fill_to(10_000)


def parse(text: str) -> Rulebook:
    found = read_rulebook(text)
    assert isinstance(found, Rulebook)
    return found


def test_a_busy_day_has_the_same_chances() -> None:
    plain, busy = RULEBOOK.read_text(), busy_rulebook(RULEBOOK.read_text(), 8)
    one, more = parse(plain), parse(busy)
    assert more.budget_fen == 8 * one.budget_fen
    assert more.forecast.workday_entries == 8 * one.forecast.workday_entries
    assert sum(more.release.arrivals_percent) == 100
    assert more.tiers == one.tiers
    assert more.limits == one.limits


@pytest.mark.parametrize(("people", "times"), [(1, 1), (1_320_000, 1), (1_320_001, 2)])
def test_a_day_is_as_busy_as_the_people_who_come(people: int, times: int) -> None:
    assert times_for(people) == times


def test_a_group_that_is_held_to_a_part_of_a_core_lets_its_processes_go(tmp_path: Path) -> None:
    processes = Processes(logs=tmp_path, environment={})
    try:
        child = processes.start("sleeper", ["-c", "import time; time.sleep(60)"])
        with slowed(0.5) as group:
            if group is None:
                pytest.skip("control groups need root")
            group.take([child.process.pid])
            held = (group.directory / "cgroup.procs").read_text().split()
            assert str(child.process.pid) in held
        assert not group.directory.exists()
        assert members_of(child.process.pid)
    finally:
        processes.stop()
