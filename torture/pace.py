"""Waits that follow progress and not seconds: a slow machine is not a broken house.  步调

The plan's clock stands still while the house lies on the ground for long, so that as much is broken
where it takes half a minute to stand up as where it takes two seconds. And whoever waits for
something that has to come waits as long as anything at all goes on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf

LOOK_S = 0.25
# What lies on the ground may be hit again for so long; then it may stand up, or never will.
HIT_AGAIN_S = 5.0
STANDS_UP_WITHIN_S = 60.0
# Where nothing moved for so long, nothing will; and even what moves has to come to an end.
STILL_S = 120.0
LONGEST_S = 1800.0


@dataclass
class FireClock:
    """The seconds of a plan: they pass while the house stands, and for a while when it does not.

    They stop at may_reach_s, which moves on with the play: each day has its share of the fire, also
    where a day takes long.
    """

    stands: Callable[[], Awaitable[bool]]
    passed_s: float = 0.0
    may_reach_s: float = inf
    _lies_s: float = 0.0
    _ticked: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Go on until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_S)
            stands, now = await self.stands(), time.monotonic()
            self.tick(now - last, stands=stands)
            last = now

    def tick(self, by_s: float, *, stands: bool) -> None:
        """So much time went by in the world."""
        self._lies_s = 0.0 if stands else self._lies_s + by_s
        if self._lies_s <= HIT_AGAIN_S or self._lies_s > STANDS_UP_WITHIN_S:
            self.passed_s = max(self.passed_s, min(self.passed_s + by_s, self.may_reach_s))
        ticked, self._ticked = self._ticked, asyncio.Event()
        ticked.set()

    async def until(self, at_s: float) -> None:
        """Wait for a moment of the plan."""
        while self.passed_s < at_s:
            await self._ticked.wait()


async def comes(
    is_so: Callable[[], Awaitable[bool]],
    marks: Callable[[], Awaitable[object]],
    still_s: float = STILL_S,
) -> bool:
    """Wait for something that has to come; False once nothing has moved for so many seconds.

    marks: how far everything is that shows that work goes on.
    """
    began = moved_at = time.monotonic()
    last = await marks()
    while not await is_so():
        found, now = await marks(), time.monotonic()
        if found != last:
            last, moved_at = found, now
        if now - moved_at > still_s or now - began > LONGEST_S:
            return False
        await asyncio.sleep(LOOK_S)
    return True
