"""Refusals are counted at the door, so that officials see which rule turns how many away.  拒绝计数

Counted in memory and written every few seconds: a crash may lose a few counts, never a decision.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from huiquan.domain.days import day_number, day_of
from huiquan.domain.refusals import Refusal

Count = tuple[int, str, str, int]


class RefusalCounts:
    """What was refused since the last time the counts were taken."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def count(self, path: str, refusal: Refusal) -> None:
        """Note one refusal at a door; ids in the path are left out so that doors stay few."""
        door = "/".join(part for part in path.split("/")[:5] if part.isascii() and part.islower())
        self._counts[(day_number(day_of(self._clock())), door, refusal.value)] += 1

    def take(self) -> list[Count]:
        """Give the counts since last time and begin anew."""
        counts, self._counts = self._counts, Counter()
        return [(day, door, code, refused) for (day, door, code), refused in counts.items()]
