"""Answers that leave later, so that machines come seldom and cost little.  稍后答复

A machine comes again at once, whatever it was told: told at once, two thousand of them would take
all the time of this process. So whoever is to come again, has no pass, or asks what was answered
before hears it a second later; and of those one for every four who were let in, for each of them
who hears it comes again, and to refuse takes from the time of those who could be let in. Nobody is
held longer than some seconds: they would believe that nobody is there, leave, and come again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from huiquan.domain.refusals import Refusal
from huiquan.web.rush_answers import Answer, refused

# Come again; and a pass that is none, is over, or is for another door.
HELD = frozenset(
    (
        Refusal.BUSY,
        Refusal.TOO_MANY_REQUESTS,
        Refusal.UNAUTHENTICATED,
        Refusal.TOKEN_EXPIRED,
        Refusal.FORBIDDEN,
    )
)
HELD_S = 1.0
LOOK_S = 0.02
SAID_FOR_EACH_LET_IN = 0.25
# What is said even when nobody is let in.
SAID_A_SECOND = 200
ALL_WITHIN_S = 8.0

Say = Callable[[], None]


class HeldAnswers:
    """The answers of one web process that are said later, in the order in which they came."""

    def __init__(self) -> None:
        self._held: deque[tuple[float, Say]] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._looked_at = 0.0
        self._earned = 0.0

    def __len__(self) -> int:
        return len(self._held)

    def let_in(self, people: int) -> None:
        """So many were let in: some who are held may go for that."""
        if self._held:
            self._earned += people * SAID_FOR_EACH_LET_IN

    def refuse(self, refusal: Refusal, reply: Callable[[Answer], None]) -> None:
        """Say no: later to whoever is to come again or has no pass, to others at once."""
        if refusal in HELD:
            self.hold(partial(reply, refused(refusal)))
        else:
            reply(refused(refusal))

    def hold(self, say: Say) -> None:
        """Say it in a second, or later when many are held."""
        now = asyncio.get_running_loop().time()
        if self._looking is None:
            self._look_later(now)
        self._held.append((now + HELD_S, say))

    def _look(self) -> None:
        """Say what is due, as much of it as was earned since the last look."""
        now = asyncio.get_running_loop().time()
        a_second = max(SAID_A_SECOND, len(self._held) / ALL_WITHIN_S)
        by_time = (now - self._looked_at) * a_second
        most, said = 1 + int(by_time + max(self._earned, 0.0)), 0
        while said < most and self._held and self._held[0][0] <= now:
            _, say = self._held.popleft()
            say()
            said += 1
        # What was said for the time counts for those who are let in soon after: a batch of them
        # comes at once, and both together would be more than either allows.
        self._earned = max(self._earned - said, -a_second) if self._held else 0.0
        self._looking = None
        if self._held:
            self._look_later(now)

    def _look_later(self, now: float) -> None:
        self._looked_at = now
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)
