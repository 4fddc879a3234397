"""Who entered already today: nobody twice, and it stays fast with ten million people.  当日去重

The book holds each round's pseudonyms. What is kept in memory is only a copy of the lane's present
day, brought up to the book before every question, so a restart or a second process changes nothing.
A person's lane is fixed by their pseudonym, so looking at one lane is enough.

The copy keeps eight bytes of each pseudonym. Two people may share them, once in a great while; so
a mark that is found only sends us to the book, which decides.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huiquan.domain.lottery import PID_BYTES
from notary.book import Book

_SMALLEST = 1024

Numbers = NDArray[np.uint64]


class Marks:
    """A growing set of eight-byte marks in one flat table, at most two thirds full.

    Whole rounds are looked up and added at once. A mark's place follows from a number drawn at the
    start, so whoever chooses the marks cannot make them crowd in one place.
    """

    def __init__(self) -> None:
        self._spread = np.uint64(secrets.randbits(64) | 1)
        self._table: Numbers = np.zeros(_SMALLEST, dtype=np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def size_bytes(self) -> int:
        """What the table takes of the memory."""
        return self._table.nbytes

    def may_hold_any(self, marks: Numbers) -> bool:
        """True if one of these marks is in the set."""
        table, last = self._table, np.uint64(len(self._table) - 1)
        places = self._places(marks)
        while len(marks):
            found = table[places]
            if bool((found == marks).any()):
                return True
            goes_on = found != 0
            marks, places = marks[goes_on], (places[goes_on] + np.uint64(1)) & last
        return False

    def add(self, marks: Numbers) -> None:
        """Put marks into the set; one that is there already stays as it is."""
        self._count += len(marks)
        while 3 * self._count > 2 * len(self._table):
            old, self._table = self._table, np.zeros(2 * len(self._table), dtype=np.uint64)
            self._put(old[old != 0])
        self._put(marks)

    def _put(self, marks: Numbers) -> None:
        table, last = self._table, np.uint64(len(self._table) - 1)
        places = self._places(marks)
        while len(marks):
            free = table[places] == 0
            # Several may reach for one free place: one gets it, the others go on.
            table[places[free]] = marks[free]
            goes_on = table[places] != marks
            marks, places = marks[goes_on], (places[goes_on] + np.uint64(1)) & last

    def _places(self, marks: Numbers) -> Numbers:
        bits = len(self._table).bit_length() - 1
        return (marks * self._spread) >> np.uint64(64 - bits)


@dataclass
class _LaneDay:
    """The marks of one lane and day, of all rounds below next_seq."""

    day: int
    next_seq: int = 0
    marks: Marks = field(default_factory=Marks)


@dataclass
class Entrants:
    """The pseudonyms of every lane's present day."""

    book: Book
    _lanes: dict[tuple[str, int, int], _LaneDay] = field(default_factory=dict)

    def is_anyone_twice(self, place: tuple[str, int, int], day: int, pids: Sequence[bytes]) -> bool:
        """True if someone stands twice among these, or entered in this lane that day before.

        place is (series, epoch, lane). Called inside the book's transaction.
        """
        fresh = set(pids)
        if len(fresh) != len(pids):
            return True
        lane = self._lanes.get(place)
        if lane is None or lane.day != day:
            lane = self._lanes[place] = _LaneDay(day=day)
        for seq, raw in self.book.pids_since(*place, day, lane.next_seq):
            lane.marks.add(marks_of(raw))
            lane.next_seq = seq + 1
        if not lane.marks.may_hold_any(marks_of(b"".join(pids))):
            return False
        known = self.book.pids_since(*place, day, 0)
        return any(not fresh.isdisjoint(split_pids(raw)) for _, raw in known)

    def forget(self) -> None:
        """Drop the copy, after a transaction that was undone; the next question reads anew."""
        self._lanes.clear()


def marks_of(pids: bytes) -> Numbers:
    """The first eight bytes of each pseudonym of a run; zero is no mark and stands for one."""
    marks = np.frombuffer(pids, dtype=">u8")[0::2].astype(np.uint64)
    return np.maximum(marks, np.uint64(1))


def split_pids(raw: bytes) -> list[bytes]:
    """Pseudonyms that stand one after another."""
    return [raw[at : at + PID_BYTES] for at in range(0, len(raw), PID_BYTES)]
