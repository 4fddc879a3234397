"""Carrying out the plan, and counting what really fired.  执行故障

A fault fires when something was there to be broken: a process that lived, a connection that was
open, a message that passed. What met nothing is counted as missed.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import psutil

from simulation.household import DATABASE
from torture.disk import until_it_answers, until_noticed
from torture.house import House
from torture.lines import CUE, Line, Side, Trap
from torture.pace import LOOK_S, FireClock
from torture.plan import MINUTE_S, OUTSIDERS, Fault, Kind, Plan
from torture.prepare import change_mood

CALM = {"latency_ms": 0.0, "outage_rate": 0.0, "wrong_rate": 0.0}
LATENCY_MS = 150.0
DEAD_WITHIN_S = 15.0
# What lasts goes on for so long when nothing met it yet: where the machine is slow, little passes.
MEETS_WITHIN_S = 10.0


@dataclass
class Breaker:
    """Breaks a house as a plan says. `on` hears each fault as it fires or misses; victims counts
    who was killed, for whatever reason."""

    house: House
    lines: Mapping[str, Line]
    on: Callable[[str], None]
    clock: FireClock
    fired: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    victims: Counter[str] = field(default_factory=Counter)
    burned_s: float = 0.0
    ends_s: float = 0.0

    async def carry_out(self, plan: Plan) -> None:
        """Every fault at its moment; faults that last run side by side."""
        self.ends_s = plan.minutes * MINUTE_S
        async with asyncio.TaskGroup() as group:
            for fault in plan.faults:
                await self.clock.until(fault.at_s)
                group.create_task(self._do(fault))

    async def heal(self) -> None:
        """Nothing is broken any more; what lies dead is started by whoever looks after it."""
        for line in self.lines.values():
            line.heal()
        for name in list(self.house.clock.skews):
            self.house.clock.set_right(name)
        if self.house.disk is not None:
            self.house.disk.free()
        self.house.away.clear()
        for outsider in OUTSIDERS:
            await change_mood(self._url(outsider), **CALM)

    async def _do(self, fault: Fault) -> None:
        try:
            did = await _DEEDS[fault.kind](self, fault)
        except (OSError, httpx.HTTPError, psutil.Error) as trouble:
            self.house.troubles.append(f"{fault.name} could not be done: {trouble!r}")
            did = False
        (self.fired if did else self.missed)[fault.name] += 1
        self.on(fault.name if did else f"({fault.name} met nothing)")

    async def _kill(self, fault: Fault) -> bool:
        was_alive: bool = await asyncio.to_thread(self.house.kill, fault.target)
        self.victims[fault.target] += was_alive
        return was_alive

    async def _kill_committing(self, fault: Fault) -> bool:
        """At a commit on its way to PostgreSQL."""
        return await self._kill_at(fault, CUE, Side.UNDER_WAY if fault.amount else Side.BEFORE)

    async def _kill_writing(self, fault: Fault) -> bool:
        """At a statement on its way to PostgreSQL that writes a table."""
        side = Side.ANSWERED if fault.amount else Side.BEFORE
        return await self._kill_at(fault, fault.table, side)

    async def _kill_at(self, fault: Fault, moment: str, side: Side) -> bool:
        """Lie in wait for a moment on PostgreSQL's line, and kill who asks or who is asked."""
        line, killed, sprung = self.lines[DATABASE], asyncio.Event(), asyncio.Event()

        async def act(port: int) -> None:
            sprung.set()
            name: str | None = DATABASE
            if fault.target != DATABASE:
                name = await asyncio.to_thread(self.house.whose, port)
            if name is None:
                return
            was_alive: bool = await asyncio.to_thread(self.house.kill, name)
            if was_alive:
                self.victims[name] += 1
                killed.set()

        trap = Trap(waits_for=moment, side=side, act=act)
        line.traps.append(trap)
        until_s = min(self.clock.passed_s + fault.for_s, self.ends_s)
        await _first_of(sprung.wait(), self.clock.until(until_s))
        if trap in line.traps:
            line.traps.remove(trap)
        if sprung.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(killed.wait(), DEAD_WITHIN_S)
        return killed.is_set()

    async def _cut_all(self, fault: Fault) -> bool:
        return self.lines[fault.target].cut_all() > 0

    async def _cut_before(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        line.before = fault.amount
        has_met = await self._lasts(fault, line, "cut_before")
        line.before = 0.0
        return has_met

    async def _cut_after(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        line.after = fault.amount
        has_met = await self._lasts(fault, line, "cut_after")
        line.after = 0.0
        return has_met

    async def _slow(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        line.slow_s = fault.amount
        has_met = await self._lasts(fault, line, "slow")
        line.slow_s = 0.0
        return has_met

    async def _part(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        line.shut()
        has_met = await self._lasts(fault, line, "part")
        line.open()
        return has_met

    async def _lasts(self, fault: Fault, line: Line, what: str) -> bool:
        before = line.fired[what]

        async def has_met() -> bool:
            return line.fired[what] > before

        return await _lasts(fault.for_s, has_met)

    async def _jump(self, fault: Fault) -> bool:
        self.house.clock.jump(timedelta(seconds=fault.amount))
        return True

    async def _skew(self, fault: Fault) -> bool:
        is_read = self.house.is_alive(fault.target)
        self.house.clock.skew(fault.target, fault.amount)
        await asyncio.sleep(fault.for_s)
        self.house.clock.set_right(fault.target)
        return is_read

    async def _full_disk(self, fault: Fault) -> bool:
        house, disk = self.house, self.house.disk
        if disk is None or not await until_it_answers(house.embedded):
            return False
        # Whoever looks after the machine sees the disk first, and starts nothing before there is
        # room.
        house.away.add(DATABASE)
        await asyncio.to_thread(disk.fill)
        noticed = await until_noticed(house.embedded)
        await asyncio.sleep(fault.for_s)
        disk.free()
        house.away.discard(DATABASE)
        return noticed

    async def _lie(self, fault: Fault) -> bool:
        url = self._url(fault.target)
        before = await _lies_told(url)
        moods = {"outage_rate": fault.amount / 2, "wrong_rate": fault.amount}

        async def has_met() -> bool:
            return await _lies_told(url) > before

        await change_mood(url, latency_ms=LATENCY_MS, **moods)
        has_lied = await _lasts(fault.for_s, has_met)
        await change_mood(url, **CALM)
        return has_lied

    def _url(self, outsider: str) -> str:
        settings = self.house.settings
        return {
            "sms": settings.sms_url,
            "identity": settings.identity_url,
            "acquirers": self.house.ears_url,
        }[outsider]


async def _first_of(*waits: Coroutine[None, None, object]) -> None:
    """Wait until one of these is over, and give the others up."""
    tasks = [asyncio.create_task(one) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _lasts(for_s: float, has_met: Callable[[], Awaitable[bool]]) -> bool:
    """Let something last, and longer if it met nothing; says whether it met something."""
    await asyncio.sleep(for_s)
    for _ in range(round(MEETS_WITHIN_S / LOOK_S)):
        if await has_met():
            return True
        await asyncio.sleep(LOOK_S)
    return await has_met()


async def _lies_told(url: str) -> int:
    """How often an outsider was away or answered nonsense so far."""
    with suppress(httpx.HTTPError):
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            told: dict[str, int] = (await client.get(f"{url}/lies")).json()
            return sum(told.values())
    return 0


_DEEDS = {
    Kind.KILL: Breaker._kill,
    Kind.KILL_COMMITTING: Breaker._kill_committing,
    Kind.KILL_WRITING: Breaker._kill_writing,
    Kind.CUT_ALL: Breaker._cut_all,
    Kind.CUT_BEFORE: Breaker._cut_before,
    Kind.CUT_AFTER: Breaker._cut_after,
    Kind.SLOW: Breaker._slow,
    Kind.PART: Breaker._part,
    Kind.JUMP: Breaker._jump,
    Kind.SKEW: Breaker._skew,
    Kind.FULL_DISK: Breaker._full_disk,
    Kind.LIE: Breaker._lie,
}
