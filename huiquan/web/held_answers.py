"""Answers that leave a second later, so that machines come once a second.  稍后答复

A machine comes again at once, whatever it was told: told at once, two thousand of them would take
all the time of this process. So whoever is to come again, has no pass, or asks what was answered
before hears it a second later; and of those only so many a second, for each of them who hears it
comes again. The more there are, the longer they wait, up to some seconds: whoever waited longer
would believe that nobody is there, leave, and come again all the same.
"""

import asyncio
from collections import deque
from collections.abc import Callable

HELD_S = 1.0
LOOK_S = 0.02
# Each costs some 65 microseconds: that of the answer, and that of the request that follows it.
SAID_A_SECOND = 1000
ALL_WITHIN_S = 4.0

Say = Callable[[], None]


class HeldAnswers:
    """The answers of one web process that are said later, in the order in which they came."""

    def __init__(self) -> None:
        self._held: deque[tuple[float, Say]] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._looked_at = 0.0

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, say: Say) -> None:
        """Say it in a second, or later when many are held."""
        now = asyncio.get_running_loop().time()
        if self._looking is None:
            self._look_later(now)
        self._held.append((now + HELD_S, say))

    def _look(self) -> None:
        """Say what is due, as much of it as belongs to the time since the last look."""
        now = asyncio.get_running_loop().time()
        a_second = max(SAID_A_SECOND, len(self._held) / ALL_WITHIN_S)
        for _ in range(1 + int((now - self._looked_at) * a_second)):
            if not self._held or self._held[0][0] > now:
                break
            _, say = self._held.popleft()
            say()
        self._looking = None
        if self._held:
            self._look_later(now)

    def _look_later(self, now: float) -> None:
        self._looked_at = now
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)
