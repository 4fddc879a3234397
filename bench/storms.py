"""More people than a house can take: overload, retries, bots, slow clients.  过载与重试风暴

People here remember what they were told, so that afterwards nobody's entry is lost or doubled. The
load of bots comes from wrk, which is cheaper than people are.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bench.arrivals import Seen, all_home, arrive
from bench.contenders import ENTERING, Running
from bench.load import Load, percentile_ms, run_wrk
from bench.runs import street
from bench.taps import CrowdTooSmallError, Tap
from huiquan.cli.starts import port_of

PROBES = 20
PROBE_S = 1.0
RECOVERED_WITHIN_S = 120
CALM_MS = 1000.0
BOTS = 200
SLOW_PAUSE_S = 1.0


@dataclass
class Crowd:
    """The people of one house: each comes once, whichever storm they come in."""

    running: Running
    people: int
    first: int = 0
    acknowledged: int = 0
    in_flight: int = 0
    seen: list[Seen] = field(default_factory=list)

    def some(self, count: int, what: str) -> Iterator[Tap]:
        """The next people. Raises CrowdTooSmallError when there are not so many."""
        self.first += self._insist(count, what)
        return self.running.taps.some(self.first - count, count)

    def hands(self, count: int, what: str) -> str:
        """The next people, as files for wrk. Raises CrowdTooSmallError, too."""
        self.first += self._insist(count, what)
        return self.running.taps.deal(self.first - count, count)

    def _insist(self, count: int, what: str) -> int:
        left = self.people - self.first
        if count > left:
            raise CrowdTooSmallError(count, left, what)
        return count

    def remember(self, seen: Seen) -> None:
        """Keep what a storm's people were told."""
        self.seen.append(seen)

    @property
    def told(self) -> set[str]:
        """Everybody who was told yes."""
        return {name for seen in self.seen for name in seen.told}


def capacity(crowd: Crowd, seconds: int, connections: int, people: int) -> float:
    """Acknowledged entries a second, as many as the house can: what overload is measured by.

    people: how many are ready to come; who is not reached stays away. Raises CrowdTooSmallError
    where there are not so many.
    """
    files = crowd.hands(people, "measuring the capacity")
    arguments = (files, str(crowd.running.ahead_s), ENTERING)
    url = crowd.running.url
    load = Load(
        url=url, script="enter", arguments=arguments, connections=connections, seconds=seconds
    )
    measured = run_wrk(load)
    crowd.acknowledged += measured.accepted
    crowd.in_flight += connections + measured.broken
    return measured.each_second


async def storm(
    crowd: Crowd, *, rate: float, seconds: int, most: int, patience_s: float, bots: int = 0
) -> dict[str, Any]:
    """People at a rate, who tap again when they are asked to; and bots, who do not wait.

    goodput counts only people, and only while they still came.
    """
    with street(crowd.running, most=most, outcome=None, patience_s=patience_s) as walked:
        pressing = asyncio.create_task(_press(crowd, bots, seconds)) if bots else None
        began = time.monotonic()
        people = crowd.some(int(rate * seconds) + 1, f"{rate:,.0f} a second for {seconds} s")
        under_way = await arrive(people, rate, seconds, walked.person, walked.seen)
        ended = time.monotonic()
        found = walked.seen.summary()
        found["goodput"] = round(walked.seen.told_between(began, ended) / (ended - began))
        found["answers_each_second"] = round(sum(walked.seen.statuses.values()) / (ended - began))
        found["bots_each_second"] = round(await pressing) if pressing else 0
        found["calm_after_s"] = round(await _calm(crowd, most), 1)
        found["cut_off"] = await all_home(under_way, patience_s + 15, walked.seen)
        found["admitted_p99_ms"] = percentile_ms(walked.seen.admitted_s, 99)
        crowd.remember(walked.seen)
    return found


async def _press(crowd: Crowd, connections: int, seconds: int) -> float:
    """Bots for as long as the storm lasts; gives how many requests they made each second."""
    files = crowd.hands(BOTS, "a crowd of bots")
    arguments = (files, str(crowd.running.ahead_s), ENTERING)
    load = Load(
        url=crowd.running.url,
        script="bots",
        arguments=arguments,
        connections=connections,
        seconds=seconds,
    )
    measured = await asyncio.to_thread(run_wrk, load)
    # Each bot is a person, too, and has at most one entry.
    crowd.in_flight += BOTS
    return measured.requests / measured.seconds


async def _calm(crowd: Crowd, most: int) -> float:
    """How long until a few new people are let in at their first try, within a second."""
    began = time.monotonic()
    while time.monotonic() - began < RECOVERED_WITHIN_S:
        at = time.monotonic() - began
        with street(crowd.running, most=most, outcome=None, patience_s=0) as walked:
            people = crowd.some(PROBES, "looking whether it is calm again")
            under_way = await arrive(people, PROBES / PROBE_S, PROBE_S, walked.person, walked.seen)
            await all_home(under_way, 15, walked.seen)
        crowd.remember(walked.seen)
        seen = walked.seen
        if seen.arrived == len(seen.told) and percentile_ms(seen.admitted_s, 99) < CALM_MS:
            return at
    return float(RECOVERED_WITHIN_S)


@asynccontextmanager
async def slow_clients(running: Running, count: int) -> Any:
    """Clients that send their request a byte a second and never come to its end."""
    tasks = [asyncio.create_task(_dawdle(running)) for _ in range(count)]
    try:
        await asyncio.sleep(1)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _dawdle(running: Running) -> None:
    head = f"POST {ENTERING} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ".encode()
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", int(port_of(running.url)))
            writer.write(head)
            while not writer.is_closing():
                await asyncio.sleep(SLOW_PAUSE_S)
                writer.write(b"x")
                await writer.drain()
        await asyncio.sleep(SLOW_PAUSE_S)
