"""The high water mark: how far the books were seen, kept outside the database.  台账水位

A database that was restored from an older copy does not know what it has lost. Signers and
witnesses know of draws; of what was redeemed, refunded and paid between two draws only a note
beside the database tells. The rounds process writes it every two seconds, a few hundred bytes.
"""

import os
from collections.abc import Mapping
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
    """A mark in a file of the home directory, which is replaced whole."""

    path: Path

    def seen(self, campaign: str) -> Mapping[int, int]:
        """As the file tells. A file that is there and cannot be read raises ValueError."""
        return self._read().get(campaign, {})

    def note(self, campaign: str, books: Mapping[int, int]) -> None:
        """Write the larger number of each book, if any grew."""
        marks = self._read()
        before = marks.get(campaign, {})
        now = {lane: max(count, before.get(lane, 0)) for lane, count in books.items()}
        if now != before:
            # Each process under a name of its own: several look at once when a house starts.
            beside = self.path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(msgspec.json.encode({**marks, campaign: {**before, **now}}))
            beside.replace(self.path)

    def _read(self) -> dict[str, dict[int, int]]:
        if not self.path.exists():
            return {}
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=dict[str, dict[int, int]])
        except msgspec.DecodeError as error:
            raise ValueError(f"{self.path}: {error}") from error
        return found
