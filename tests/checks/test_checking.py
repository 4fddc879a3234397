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
    change = "update registrations set wins = wins + $1 where pid = (select min(pid) from vouchers)"
    await copy.owner.execute(change, 1)
    broken = "i13_win_counts_are_true"
    for _ in range(2):
        run = await checking.run(copy.house.app)
        assert broken in {one.name for one in run.failed}
        assert broken not in checking.rests_until
    await copy.owner.execute(change, -1)
    assert (await checking.run(copy.house.app)).failed == ()
