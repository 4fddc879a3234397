"""Checking each minute: costly questions are asked more seldom, broken ones until they hold."""

from dataclasses import dataclass

import pytest

from huiquan.db.checks import every_check
from huiquan.jobs.checking import REST_MAX_S, Checking
from tests.checks.conftest import Copy

FIRST, EVERY = every_check()[0].name, len(every_check())


@dataclass
class Watch:
    """A clock that stands, but for the time that the first answer of the first run takes."""

    slow_s: float
    now: float = 0.0
    looks: int = 0

    def __call__(self) -> float:
        self.looks += 1
        if self.looks == 3:
            self.now += self.slow_s
        return self.now


# Seconds the first answer took; how many minutes later it is asked again.
RESTS = [(0.1, 1), (0.12, 1), (0.13, 2), (1.0, 9), (6.0, 50), (7.0, 58), (100.0, 60)]


@pytest.mark.parametrize(("slow_s", "again"), RESTS)
async def test_a_question_rests_five_hundred_times_as_long_as_its_answer_and_an_hour_at_most(
    copy: Copy, slow_s: float, again: int
) -> None:
    watch = Watch(slow_s)
    checking = Checking(monotonic=watch)
    assert (await checking.run(copy.house.app)).checked == EVERY
    for minute, checked in ((again - 1, EVERY - 1), (again, EVERY)):
        if minute:
            watch.now = 61.0 * minute + slow_s
            assert (await checking.run(copy.house.app)).checked == checked
    assert checking.rests_until[FIRST] <= watch.now + REST_MAX_S


async def test_a_promise_that_does_not_hold_is_asked_every_minute_until_it_does(
    copy: Copy,
) -> None:
    checking = Checking(monotonic=Watch(0.0))
    change = """
        update registrations
           set wins = wins + $1
         where pid = (select pid from vouchers order by pid limit 1)
    """
    await copy.owner.execute(change, 1)
    broken = "i13_win_counts_are_true"
    for _ in range(2):
        run = await checking.run(copy.house.app)
        assert broken in {one.name for one in run.failed}
        assert broken not in checking.rests_until
    await copy.owner.execute(change, -1)
    assert (await checking.run(copy.house.app)).failed == ()


OF_NEW_THINGS = {check.name for check in every_check() if check.is_of_new_things}
HOUR = 3600.0
BY_CONSENTS = "h8_consent_standings_are_true"


@dataclass
class Hand:
    """A clock moved by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def failed_of(checking: Checking, copy: Copy) -> set[str]:
    """What does not hold, among the questions that can be asked about new things."""
    checking.rests_until.clear()
    return {one.name for one in (await checking.run(copy.house.app)).failed} & OF_NEW_THINGS


def test_the_questions_that_read_everyone_can_be_asked_about_what_is_new() -> None:
    assert {name.split("_")[0] for name in OF_NEW_THINGS} == {"h3", "h8", "h9", "i02", "i37", "i38"}


async def spoil(copy: Copy, which: str, **changes: object) -> None:
    """A person's row says something else of their consents; `which` is asc for the lowest
    pseudonym, desc for the highest."""
    sets = "".join(f", {name} = ${place}" for place, name in enumerate(changes, 1))
    await copy.owner.execute(
        f"update registrations set consent_standing = 'missing'{sets}"
        f" where pid = (select pid from registrations order by pid {which} limit 1)",
        *changes.values(),
    )


async def test_what_a_hand_did_to_an_old_row_is_seen_within_six_hours(copy: Copy) -> None:
    hand = Hand()
    checking = Checking(monotonic=hand)
    assert await failed_of(checking, copy) == set()
    copy.house.clock.move(hours=1)
    await spoil(copy, "asc")
    for hour, found in ((1, set()), (5.9, set()), (6, {BY_CONSENTS}), (6.1, {BY_CONSENTS})):
        hand.now = hour * HOUR
        assert await failed_of(checking, copy) == found


async def test_what_is_new_is_seen_the_next_time_it_is_asked(copy: Copy) -> None:
    checking = Checking(monotonic=Hand())
    assert await failed_of(checking, copy) == set()
    copy.house.clock.move(minutes=1)
    await spoil(copy, "desc", registered_at=copy.now)
    assert BY_CONSENTS in await failed_of(checking, copy)
