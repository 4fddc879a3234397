"""An outage before, at, or after ten o'clock: nobody may lose their chance.  停机与机会

Everybody keeps tapping, as a page does. In the end everybody has exactly one entry.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import uvloop

from bench.arrivals import Seen, all_home, arrive
from bench.contenders import running_ours
from bench.house import OPENING, House, Prepared, running_house
from bench.runs import street

# When the part dies, in seconds from ten o'clock.
MOMENTS = {"before": -4.0, "at the opening": 0.0, "after": 4.0}
PARTS = ("database", "web")
AWAY_S = 6.0
COME_S = 12
EARLY_S = 20
COME_EARLY_S = 6
PATIENCE_S = 180.0


def outage(prepared: Prepared, workers: int, part: str, moment: str, people: int) -> dict[str, Any]:
    """One part dies by kill -9 around ten, stays away for some seconds, and comes back."""
    at = OPENING - timedelta(seconds=EARLY_S)
    with running_house(prepared, workers=workers, at=at) as house:
        running = running_ours(house)
        seen = uvloop.run(_through(house, part, MOMENTS[moment], people))
        counted = running.count(len(seen.told), seen.broken)
        stored = running.stored()
    return {
        "people": seen.arrived,
        "entered": len(seen.told),
        "without a chance": len(seen.asked) - len(seen.told),
        "lost": len(set(seen.told) - stored),
        "nobody asked for": len(stored - seen.asked),
        "longest wait s": round(max(seen.entered_s, default=0.0), 1),
        "wrong": list(counted.wrong),
    }


def _until_opening(house: House) -> float:
    """Seconds until ten by the clock of the house."""
    return OPENING.timestamp() - (time.time() + house.settings.clock_offset_s)


async def _through(house: House, part: str, moment_s: float, people: int) -> Seen:
    running = running_ours(house)
    keeping = asyncio.create_task(house.keep_alive())
    breaking = asyncio.create_task(_break(house, part, moment_s))
    await asyncio.sleep(max(0.0, _until_opening(house) - COME_EARLY_S))
    try:
        with street(running, most=500, outcome=None, patience_s=PATIENCE_S) as walked:
            taps = running.taps.some(0, people)
            rate = people / COME_S
            under_way = await arrive(taps, rate, COME_S + 1, walked.person, walked.seen)
            await breaking
            await all_home(under_way, PATIENCE_S, walked.seen)
            return walked.seen
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def _break(house: House, part: str, moment_s: float) -> None:
    await asyncio.sleep(max(0.0, _until_opening(house) + moment_s))
    house.away.add(part)
    await asyncio.to_thread(house.kill, part)
    await asyncio.sleep(AWAY_S)
    house.away.discard(part)
