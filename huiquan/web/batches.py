"""Micro-batches: what arrived while the last commit ran shares the next transaction.  攒批

One queue a lane, one batch of it in flight, and few batches of a whole process: most of what a
batch costs is the same for one person and for a hundred, so it is filled with whoever came while
its lane waited for a turn. Waiting for a fixed window would only add delay: under load the commits
themselves are the window, and without load a single entry goes at once.

Everyone brings the moment until which an answer is of use. Who could not be answered by then is
told so before any work is done for them, and never after a commit.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from huiquan.domain.refusals import Refusal

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Heard = Callable[[Answer | Refusal | Exception], None]

BATCH_MAX = 500
# How long a batch takes that is larger than any before it nobody knows: so each is at most twice
# as large as the last one, as TCP finds out what a line carries.
FIRST_BATCH_MAX = 64
WAITING_MAX = 5000
# How much the newest batch says about the pace, against all before it.
NEWEST_WEIGHS = 0.5
# A batch is expected to take no longer, so that after a standstill somebody is let in again.
EXPECTED_MAX_S = 0.5


class Waiting(NamedTuple, Generic[Asked, Answer]):
    """One who waits: what is asked, who hears the answer, until when it is of use (loop time)."""

    asked: Asked
    hear: Heard[Answer]
    until: float


@dataclass
class BatchQueue(Generic[Asked, Answer]):
    """The people who wait in one lane, and the one batch that is being settled."""

    settle: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Refusal]]]
    turns: asyncio.Semaphore
    waiting: deque[Waiting[Asked, Answer]] = field(default_factory=deque)
    worker: "asyncio.Task[None] | None" = None
    batch_s: float = 0.0
    settle_s: float = 0.0
    batch_max: int = FIRST_BATCH_MAX
    began: float = 0.0
    is_settling: bool = False

    def ask(self, one: Waiting[Asked, Answer], now: float) -> None:
        """Wait for the answer of the batch this ends up in; BUSY at once when that would be late.

        The answer is the batch's word for this one, a refusal, or the fault that hit the batch.
        """
        if len(self.waiting) >= WAITING_MAX or now + self.wait_s(now) > one.until:
            one.hear(Refusal.BUSY)
            return
        self.waiting.append(one)
        if self.worker is None or self.worker.done():
            self.worker = asyncio.create_task(self._work())

    def wait_s(self, now: float) -> float:
        """How long a newcomer would wait, by the pace of the last batches; in seconds.

        For the rest of the batch that is being settled, then for their own; while the lane still
        waits for a turn, newcomers are taken along. Not at all when nobody is at work: however slow
        the last batch was, the lane may be well.
        """
        if self.worker is None or self.worker.done():
            return 0.0
        batches = len(self.waiting) // self.batch_max + self.is_settling
        return self._rest_s(now) + batches * self.batch_s

    def room(self, now: float, within_s: float) -> int:
        """How many more could be answered within so many seconds, by the same pace."""
        most = WAITING_MAX
        if self.worker is not None and not self.worker.done() and self.batch_s:
            batches = math.floor((within_s - self._rest_s(now)) / self.batch_s) + 1
            most = min(most, (batches - self.is_settling) * self.batch_max)
        return max(0, most - len(self.waiting))

    def turn_away_late(self, now: float) -> None:
        """Tell those whose time is over, while the batch before them is still at work."""
        while self.waiting and self.waiting[0].until <= now:
            self.waiting.popleft().hear(Refusal.BUSY)

    def _rest_s(self, now: float) -> float:
        """What is left of the batch at work."""
        return max(0.0, self.batch_s - (now - self.began))

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        while self.waiting:
            self.began = clock()
            async with self.turns:
                settling = clock()
                self.turn_away_late(settling + min(self.settle_s, EXPECTED_MAX_S))
                size = min(len(self.waiting), self.batch_max)
                batch = [self.waiting.popleft() for _ in range(size)]
                if not batch:
                    return
                self.is_settling = True
                answers = await self._settled([one.asked for one in batch])
                self.is_settling = False
            for one, answer in zip(batch, answers, strict=True):
                one.hear(answer)
            self.batch_max = min(BATCH_MAX, max(FIRST_BATCH_MAX, 2 * size))
            now = clock()
            self.batch_s += NEWEST_WEIGHS * (now - self.began - self.batch_s)
            self.settle_s += NEWEST_WEIGHS * (now - settling - self.settle_s)

    async def _settled(self, asked: Sequence[Asked]) -> Sequence[Answer | Refusal | Exception]:
        try:
            return await self.settle(asked)
        except Exception as fault:
            # Nobody knows whether the commit went through: everyone asks again with the same key
            # and finds either the entry or a free place.
            return [fault] * len(asked)
