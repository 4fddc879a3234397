"""The high water mark: how far the books were seen, kept outside the database.  台账水位

A database that was restored from an older copy does not know what it has lost. Signers and
witnesses know of draws; of what was redeemed, refunded and paid between two draws only a note
beside the database tells. The rounds process writes it every two seconds, a few hundred bytes;
others write it, too, when they start, and one at a time: a mark only rises.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

FILE = "high-water.json"

Marks = Mapping[str, Mapping[int, int]]
"""Of each campaign, by its code: how many movements were seen in each book, by its lane."""


class HighWater(Protocol):
    """Whoever remembers how far the books of a campaign were seen."""

    def seen(self, campaign: str) -> Mapping[int, int]:
        """How many movements were seen in each book; empty if none ever were."""
        ...

    def note(self, campaign: str, books: Mapping[int, int]) -> None:
        """Remember what is seen now; a book that is shorter than it was seen stays as it was."""
        ...


class NoMark:
    """Nobody remembers: a house of tests."""

    def seen(self, campaign: str) -> Mapping[int, int]:
        """Nothing was ever seen."""
        return {}

    def note(self, campaign: str, books: Mapping[int, int]) -> None:
        """Forget it."""


@dataclass(frozen=True)
class FileMark:
    """A mark in a file of the home directory, which is replaced whole by one process at a time."""

    path: Path

    def seen(self, campaign: str) -> Mapping[int, int]:
        """As the file tells. A file that is there and cannot be read raises ValueError."""
        return self._read().get(campaign, {})

    def note(self, campaign: str, books: Mapping[int, int]) -> None:
        """Write the larger number of each book, if any grew."""
        if _grew(books, self.seen(campaign)):
            with self._alone():
                self._raise(campaign, books)

    def _raise(self, campaign: str, books: Mapping[int, int]) -> None:
        """Read again, for another process may have written meanwhile, and write what is more."""
        marks = self._read()
        before = marks.get(campaign, {})
        if grown := _grew(books, before):
            # A name of this process alone: whoever reads sees the old mark or the new one, whole.
            beside = self.path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(msgspec.json.encode({**marks, campaign: {**before, **grown}}))
            beside.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time between reading and writing: of two that read the same mark, the
        later to write would lower what the other had raised. The kernel gives the lock back when
        its process ends, however it ends."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, dict[int, int]]:
        if not self.path.exists():
            return {}
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=dict[str, dict[int, int]])
        except msgspec.DecodeError as error:
            raise ValueError(f"{self.path}: {error}") from error
        return found


def _grew(books: Mapping[int, int], before: Mapping[int, int]) -> dict[int, int]:
    """The books that are longer than they were seen."""
    return {lane: count for lane, count in books.items() if count > before.get(lane, -1)}
