"""Answers that leave a second later, so that machines come once a second.  稍后答复

A machine comes again at once, whatever it was told: told at once, two thousand of them would take
all the time of this process. So whoever is to come again, has no pass, or asks what was answered
before hears it a second later; and of those only so many at a time, for each of them who hears it
comes again. The more there are, the longer they wait, and they never cost more than that.
"""

import asyncio
from collections import deque
from collections.abc import Callable

HELD_S = 1.0
LOOK_S = 0.02
# Two thousand a second: a seventh of what one core reads, refuses and answers. Few at a time, for
# those who are let in wait for the same turns of the event loop.
SAID_AT_ONCE = 40

Say = Callable[[], None]


class HeldAnswers:
    """The answers of one web process that are said later, in the order in which they came."""

    def __init__(self) -> None:
        self._held: deque[tuple[float, Say]] = deque()
        self._looking: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, say: Say) -> None:
        """Say it in a second, or later when many are held."""
        self._held.append((asyncio.get_running_loop().time() + HELD_S, say))
        self._look_soon()

    def _look(self) -> None:
        """Say what is due, at most so much."""
        self._looking = None
        now = asyncio.get_running_loop().time()
        for _ in range(SAID_AT_ONCE):
            if not self._held or self._held[0][0] > now:
                break
            _, say = self._held.popleft()
            say()
        if self._held:
            self._look_soon()

    def _look_soon(self) -> None:
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)
