"""Carrying out the plan, and counting what really fired.  执行故障

A fault fires when something was there to be broken: a process that lived, a connection that was
open, a message that passed. What met nothing is counted as missed.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import psutil

from simulation.household import DATABASE
from torture.disk import until_noticed
from torture.house import House
from torture.lines import Line
from torture.plan import OUTSIDERS, Fault, Kind, Plan
from torture.prepare import change_mood

CALM = {"latency_ms": 0.0, "outage_rate": 0.0, "wrong_rate": 0.0}
LATENCY_MS = 150.0
DEAD_WITHIN_S = 15.0
STANDS_UP_TURNS = 100  # a server that was just killed is waited for, ten seconds at most


@dataclass
class Breaker:
    """Breaks a house as a plan says. `on` hears each fault as it fires or misses."""

    house: House
    lines: Mapping[str, Line]
    on: Callable[[str], None]
    fired: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    async def carry_out(self, plan: Plan) -> None:
        """Every fault at its moment; faults that last run side by side."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in plan.faults:
                await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
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
        return await asyncio.to_thread(self.house.kill, fault.target)

    async def _kill_committing(self, fault: Fault) -> bool:
        """Wait for a commit on its way to PostgreSQL, and kill who sent it or who takes it."""
        line, killed, sprung = self.lines[DATABASE], asyncio.Event(), asyncio.Event()

        async def trap(port: int) -> None:
            sprung.set()
            name: str | None = DATABASE
            if fault.target != DATABASE:
                name = await asyncio.to_thread(self.house.whose, port)
            if name is None:
                return
            was_alive: bool = await asyncio.to_thread(self.house.kill, name)
            if was_alive:
                killed.set()

        line.trap, line.traps_after = trap, fault.amount > 0
        with suppress(TimeoutError):
            await asyncio.wait_for(sprung.wait(), fault.for_s)
            await asyncio.wait_for(killed.wait(), DEAD_WITHIN_S)
        line.trap = None
        return killed.is_set()

    async def _cut_all(self, fault: Fault) -> bool:
        return self.lines[fault.target].cut_all() > 0

    async def _cut_before(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        before = line.fired["cut_before"]
        line.before = fault.amount
        await asyncio.sleep(fault.for_s)
        line.before = 0.0
        return line.fired["cut_before"] > before

    async def _cut_after(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        before = line.fired["cut_after"]
        line.after = fault.amount
        await asyncio.sleep(fault.for_s)
        line.after = 0.0
        return line.fired["cut_after"] > before

    async def _slow(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        before = line.fired["slow"]
        line.slow_s = fault.amount
        await asyncio.sleep(fault.for_s)
        line.slow_s = 0.0
        return line.fired["slow"] > before

    async def _part(self, fault: Fault) -> bool:
        line = self.lines[fault.target]
        before = line.fired["part"]
        line.shut()
        await asyncio.sleep(fault.for_s)
        line.open()
        return line.fired["part"] > before

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
        for _ in range(STANDS_UP_TURNS):
            if house.is_alive(DATABASE):
                break
            await asyncio.sleep(0.1)
        if disk is None or not house.is_alive(DATABASE):
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
        await change_mood(url, latency_ms=LATENCY_MS, **moods)
        await asyncio.sleep(fault.for_s)
        await change_mood(url, **CALM)
        return await _lies_told(url) > before

    def _url(self, outsider: str) -> str:
        settings = self.house.settings
        return {
            "sms": settings.sms_url,
            "identity": settings.identity_url,
            "acquirers": self.house.ears_url,
        }[outsider]


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
