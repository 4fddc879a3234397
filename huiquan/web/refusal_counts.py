"""Refusals are counted at the door, so that officials see which rule turns how many away.  拒绝计数

Counted in memory and written every few seconds: a crash may lose a few counts, never a decision.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache

from litestar import Litestar

from huiquan.actions.note_refusals import note_refusals
from huiquan.domain.days import day_number, day_of
from huiquan.domain.refusals import Refusal

Count = tuple[int, str, str, int]

WRITE_S = 5.0
DOORS_MAX = 500
ELSEWHERE = "/elsewhere"
# A part of an address that is a word of ours, and no id; nothing that a table could not hold.
_WORD = re.compile(r"[a-z][a-z0-9-]{0,31}")


class RefusalCounts:
    """What was refused since the last time the counts were taken."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def count(self, path: str, refusal: Refusal) -> None:
        """Note one refusal at a door; ids in the path are left out so that doors stay few.

        Whoever makes up addresses fills neither the memory nor the table: past a number of doors
        the rest are counted as one.
        """
        door = _door_of(path)
        day = day_number(day_of(self._clock()))
        if (day, door, refusal.value) not in self._counts and len(self._counts) >= DOORS_MAX:
            door = ELSEWHERE
        self._counts[(day, door, refusal.value)] += 1

    def take(self) -> list[Count]:
        """Give the counts since last time and begin anew."""
        counts, self._counts = self._counts, Counter()
        return [(day, door, code, refused) for (day, door, code), refused in counts.items()]

    def give_back(self, counts: list[Count]) -> None:
        """Count these again with the next: they could not be written."""
        for day, door, code, refused in counts:
            self._counts[(day, door, code)] += refused


@lru_cache(DOORS_MAX)  # Of an overload most are refused at the same door.
def _door_of(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/")[:5] if _WORD.fullmatch(part))


@asynccontextmanager
async def refusals_written(site: Litestar) -> AsyncIterator[None]:
    """While the site is open, its counts are written every few seconds, and once at the end."""
    writing = asyncio.create_task(_keep_writing(site))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await _write(site)


async def _keep_writing(site: Litestar) -> None:
    while True:
        await asyncio.sleep(WRITE_S)
        await _write(site)


async def _write(site: Litestar) -> None:
    """A database that is away leaves the counts in memory for the next time."""
    counts = site.state.refusals.take()
    if not counts:
        return
    try:
        await note_refusals(site.state.house, counts)
    except Exception as error:
        site.state.refusals.give_back(counts)
        site.state.log.warning("refusals could not be counted", error=repr(error))
