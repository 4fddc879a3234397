"""The plan of faults: the same for the same seed, and every kind in every minute."""

import json

import pytest

from torture.plan import (
    CLIENT,
    LINES,
    MONEY_WRITTEN,
    OUTSIDERS,
    PROCESSES,
    Fault,
    Kind,
    make_plan,
)


def names(seed: int, minutes: float, *, with_disk: bool = True) -> set[str]:
    return {one.name for one in make_plan(seed, minutes, with_disk=with_disk).faults}


def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    assert make_plan(7, 3, with_disk=True) == make_plan(7, 3, with_disk=True)
    assert make_plan(7, 3, with_disk=True).faults != make_plan(8, 3, with_disk=True).faults


@pytest.mark.parametrize("seed", range(20))
def test_nearly_every_fault_comes_in_the_first_minute_and_all_in_the_second(seed: int) -> None:
    wanted = {f"kill {name}" for name in PROCESSES} | {f"lie {name}" for name in OUTSIDERS}
    for kind in (Kind.CUT_ALL, Kind.CUT_BEFORE, Kind.CUT_AFTER, Kind.SLOW, Kind.PART):
        wanted |= {f"{kind.value} {line}" for line in LINES}
    wanted |= {"jump house", "full_disk database"}
    assert len(wanted - names(seed, 1)) <= 4
    assert wanted - names(seed, 3) == set()


@pytest.mark.parametrize("seed", range(20))
def test_each_minute_somebody_is_killed_over_writing_to_each_book_of_money(seed: int) -> None:
    kills = [
        one for one in make_plan(seed, 3, with_disk=False).faults if one.kind is Kind.KILL_WRITING
    ]
    for tables, _ in MONEY_WRITTEN:
        assert len([one for one in kills if one.table in tables]) >= 2
    assert {one.target for one in kills} == {CLIENT, "database"}
    assert {one.amount for one in kills} == {0, 1}


def test_without_a_disk_of_its_own_none_is_filled() -> None:
    assert "full_disk database" not in names(1, 5, with_disk=False)


def test_faults_come_in_order_and_leave_the_beginning_and_the_end_quiet() -> None:
    plan = make_plan(3, 2.5, with_disk=True)
    moments = [one.at_s for one in plan.faults]
    assert moments == sorted(moments)
    assert moments[0] >= 4
    assert moments[-1] <= 148


def test_the_clocks_of_a_plan_stay_within_what_the_house_allows() -> None:
    for seed in range(30):
        for one in make_plan(seed, 2, with_disk=False).faults:
            if one.kind is Kind.SKEW and one.target not in ("notary", "auditor"):
                assert abs(one.amount) < 1, one
            if one.kind is Kind.JUMP:
                assert one.amount > 0, one


def test_a_plan_is_written_with_a_line_for_each_fault() -> None:
    plan = make_plan(7, 1, with_disk=True)
    read = json.loads(plan.write())
    assert (read["seed"], read["minutes"]) == (7, 1)
    assert tuple(Fault(**{**one, "kind": Kind(one["kind"])}) for one in read["faults"]) == (
        plan.faults
    )
