"""A fault counts when it met something; whoever lies in wait does so by the clock of the plan."""

import asyncio
import random
from typing import Any, cast

from torture.faults import Breaker
from torture.lines import Line, Side
from torture.pace import FireClock
from torture.plan import CLIENT, Fault, Kind, Plan


class FakeHouse:
    """Everybody who asks is the jobs process, and whoever is killed lived."""

    def __init__(self) -> None:
        self.killed: list[str] = []

    def whose(self, port: int) -> str | None:
        return "jobs"

    def kill(self, name: str) -> bool:
        self.killed.append(name)
        return True


async def stands() -> bool:
    return True


WAITS = Fault(at_s=1, kind=Kind.KILL_WRITING, target=CLIENT, table="refunds", for_s=5, amount=1)


def breaker_of(house: FakeHouse) -> tuple[Breaker, Line]:
    line = Line(name="database", ways=[], cues=(), dice=random.Random(1))
    clock = FireClock(stands=stands)
    told: list[str] = []
    one = Breaker(house=cast(Any, house), lines={"database": line}, on=told.append, clock=clock)
    return one, line


async def laid(breaker: Breaker, line: Line) -> asyncio.Task[None]:
    """The plan is carried out, and its trap is laid."""
    plan = Plan(seed=1, minutes=1, faults=(WAITS,))
    running = asyncio.create_task(breaker.carry_out(plan))
    await asyncio.sleep(0)
    breaker.clock.tick(2, stands=True)
    for _ in range(10):
        await asyncio.sleep(0)
    assert [(one.waits_for, one.side) for one in line.traps] == [("refunds", Side.ANSWERED)]
    return running


async def test_who_writes_is_killed_at_that_moment_and_counted() -> None:
    house = FakeHouse()
    breaker, line = breaker_of(house)
    running = await laid(breaker, line)
    await line.traps.pop().act(7)
    await running
    assert (house.killed, breaker.victims) == (["jobs"], {"jobs": 1})
    assert (breaker.fired, breaker.missed) == ({"kill_writing client refunds": 1}, {})


async def test_a_trap_is_taken_up_again_when_its_seconds_of_the_plan_are_over() -> None:
    house = FakeHouse()
    breaker, line = breaker_of(house)
    running = await laid(breaker, line)
    breaker.clock.tick(4, stands=True)
    await asyncio.sleep(0)
    assert not running.done()
    breaker.clock.tick(2, stands=True)
    await running
    assert (line.traps, house.killed) == ([], [])
    assert breaker.missed == {"kill_writing client refunds": 1}
