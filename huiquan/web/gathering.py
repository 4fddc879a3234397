"""Reads shared by everyone who asks at once: one query for all who came meanwhile.  合并读取

While one read runs, whoever asks is gathered for the next; a read never begins before its question
was asked, so nobody is told something older than their question.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

READ_MAX = 500
ASKED_MAX = 20_000


class GatheringFullError(Exception):
    """More questions wait than can be answered in time."""


class Gathering(Generic[Key, Found]):
    """Questions by key, and the one read that answers them; what is not found is None."""

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._read = read
        self._asked: dict[Key, asyncio.Future[Found | None]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Found | None:
        """The answer of a read that begins after this; a fault of the read reaches all it was for.

        Raises GatheringFullError when too many wait.
        """
        answer = self._asked.get(key)
        if answer is None:
            if len(self._asked) >= ASKED_MAX:
                raise GatheringFullError
            answer = self._asked[key] = asyncio.get_running_loop().create_future()
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._work())
        # Several may wait for one answer: who goes away takes it from nobody.
        return await asyncio.shield(answer)

    async def _work(self) -> None:
        while self._asked:
            keys = list(self._asked)[:READ_MAX]
            answers = {key: self._asked.pop(key) for key in keys}
            try:
                found = await self._read(keys)
            except Exception as fault:
                for answer in answers.values():
                    answer.set_exception(fault)
                    answer.exception()  # Whoever asked may have gone away.
                continue
            for key, answer in answers.items():
                answer.set_result(found.get(key))
