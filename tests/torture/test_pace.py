"""Waits follow progress: the plan's clock waits for a house that lies, and no wait for a clock."""

import asyncio
from collections.abc import Iterator

import pytest

from torture.pace import HIT_AGAIN_S, FireClock, comes


async def stands() -> bool:
    return True


@pytest.mark.parametrize(
    ("lies_s", "passes_s"),
    [
        (0, 0),
        (5, HIT_AGAIN_S),  # what lies may be hit again at once
        (30, HIT_AGAIN_S),  # then the plan waits until it stands
        (60, HIT_AGAIN_S),
        (80, HIT_AGAIN_S + 20),  # and not for ever
    ],
)
def test_the_plans_clock_stands_still_while_the_house_lies_for_long(
    lies_s: int, passes_s: float
) -> None:
    clock = FireClock(stands=stands)
    for _ in range(10):
        clock.tick(1, stands=True)
    for _ in range(lies_s):
        clock.tick(1, stands=False)
    assert clock.passed_s == 10 + passes_s
    for _ in range(5):
        clock.tick(1, stands=True)
    assert clock.passed_s == 15 + passes_s


async def test_a_moment_of_the_plan_comes_once_its_seconds_have_passed() -> None:
    clock = FireClock(stands=stands)
    waiting = asyncio.create_task(clock.until(2))
    await asyncio.sleep(0)
    clock.tick(1.5, stands=True)
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.tick(1.5, stands=True)
    await waiting
    await clock.until(3)


def test_each_day_keeps_its_share_of_the_fire_also_where_a_day_takes_long() -> None:
    clock = FireClock(stands=stands, may_reach_s=45)
    for _ in range(100):
        clock.tick(1, stands=True)
    assert clock.passed_s == 45
    clock.may_reach_s = 60
    clock.tick(1, stands=True)
    assert clock.passed_s == 46


async def test_something_is_waited_for_as_long_as_anything_goes_on() -> None:
    work: Iterator[int] = iter(range(3))
    left = [1, 2, 3]

    async def is_so() -> bool:
        return not left

    async def marks() -> object:
        if left:
            left.pop()
        return next(work, None)

    assert await comes(is_so, marks, still_s=0.0)


async def test_where_nothing_moves_nobody_waits_for_ever() -> None:
    async def never() -> bool:
        return False

    async def still() -> object:
        return "still"

    assert not await comes(never, still, still_s=0.0)
