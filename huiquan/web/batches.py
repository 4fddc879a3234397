"""Micro-batches: what arrived while the last commit ran shares the next transaction.  攒批

One queue a lane, one batch of it in flight. Waiting for a fixed window would only add delay: under
load the commit itself is the window, and without load a single entry goes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

BATCH_MAX = 500
WAITING_MAX = 5000


class QueueFullError(Exception):
    """More people are waiting in this lane than can be answered in time."""


@dataclass
class BatchQueue(Generic[Asked, Answer]):
    """The people who wait in one lane, and the one batch that is being settled."""

    settle: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]]
    waiting: list[tuple[Asked, "asyncio.Future[Answer]"]] = field(default_factory=list)
    worker: "asyncio.Task[None] | None" = None

    async def ask(self, asked: Asked) -> Answer:
        """Wait for the answer of the batch this request ends up in; QueueFullError when full."""
        if len(self.waiting) >= WAITING_MAX:
            raise QueueFullError
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((asked, answer))
        if self.worker is None or self.worker.done():
            self.worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self.waiting:
            batch, self.waiting = self.waiting[:BATCH_MAX], self.waiting[BATCH_MAX:]
            try:
                answers = await self.settle([asked for asked, _ in batch])
            except Exception as fault:
                # Nobody knows whether the commit went through: everyone asks again with the same
                # key and finds either the entry or a free place.
                _fail(batch, fault)
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _fail(batch: list[tuple[Asked, "asyncio.Future[Answer]"]], fault: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(fault)
