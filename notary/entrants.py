"""Who entered already today: nobody twice, and it stays fast with a million people.  当日去重

The book holds each round's pseudonyms. What is kept in memory is only a copy of the lane's present
day, brought up to the book before every question, so a restart or a second process changes nothing.
A person's lane is fixed by their pseudonym, so looking at one lane is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from huiquan.domain.lottery import PID_BYTES
from notary.book import Book


@dataclass
class _LaneDay:
    """The pseudonyms of one lane and day, of all rounds below next_seq."""

    day: int
    next_seq: int = 0
    pids: set[bytes] = field(default_factory=set)


@dataclass
class Entrants:
    """The pseudonyms of every lane's present day."""

    book: Book
    _lanes: dict[tuple[str, int, int], _LaneDay] = field(default_factory=dict)

    def is_anyone_twice(self, place: tuple[str, int, int], day: int, pids: Sequence[bytes]) -> bool:
        """True if someone stands twice among these, or entered in this lane that day before.

        place is (series, epoch, lane). Called inside the book's transaction.
        """
        lane = self._lanes.get(place)
        if lane is None or lane.day != day:
            lane = self._lanes[place] = _LaneDay(day=day)
        for seq, raw in self.book.pids_since(*place, day, lane.next_seq):
            lane.pids.update(split_pids(raw))
            lane.next_seq = seq + 1
        fresh = set(pids)
        return len(fresh) != len(pids) or not fresh.isdisjoint(lane.pids)

    def forget(self) -> None:
        """Drop the copy, after a transaction that was undone; the next question reads anew."""
        self._lanes.clear()


def split_pids(raw: bytes) -> list[bytes]:
    """Pseudonyms that stand one after another."""
    return [raw[at : at + PID_BYTES] for at in range(0, len(raw), PID_BYTES)]
