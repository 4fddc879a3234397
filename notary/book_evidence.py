"""The part of the book that holds what was refused, as evidence: seals and checkpoints.  证据

Nothing of it is ever dropped, and nobody is given all of it at once: lists are asked for from a
number downwards, so many at a time.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

# A number above every other: where a list begins.
NEWEST = 2**63 - 1

_FORK = "rowid, at_ms, origin, note, seen"
_PROVEN = "(:proven is null or is_proven(note, seen) = :proven)"


@dataclass(frozen=True, kw_only=True)
class ForkLine:
    """A checkpoint that the platform signed and this witness did not, and what it had cosigned."""

    id: int
    at_ms: int
    origin: str
    note: str
    seen: str | None


def is_proven(note: str, seen: str | None) -> bool:
    """True if two roots stand at one size: a checkpoint begins with origin, size and root.

    Anyone may bring an honest checkpoint with a wrong proof: that alone accuses nobody.
    """
    one, other = note.split("\n", 3)[:3], (seen or "").split("\n", 3)[:3]
    return one[:2] == other[:2] and one[2:] != other[2:]


class EvidenceBook:
    """What the book keeps of refusals."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.create_function("is_proven", 2, is_proven, deterministic=True)

    def record_refusal(
        self, at_ms: int, code: str, seal: tuple[bytes, bytes, bytes], detail: str
    ) -> None:
        """Keep a refused seal (hash, bytes, the platform's signature) as evidence, once."""
        self._db.execute(
            "insert or ignore into refusal (at_ms, code, seal_hash, seal, signature, detail)"
            " values (?, ?, ?, ?, ?, ?)",
            (at_ms, code, *seal, detail),
        )

    def refusals(
        self, limit: int, before: int = NEWEST, code: str | None = None
    ) -> list[dict[str, Any]]:
        """Refusals below a number, the newest first, of one code or of all."""
        names = ("id", "at_ms", "code", "seal_hash", "seal", "signature", "detail")
        rows = self._db.execute(
            f"select {', '.join(names)} from refusal where id < ? and code = coalesce(?, code)"
            " order by id desc limit ?",
            (before, code, limit),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def refusal_row(self, number: int) -> dict[str, Any] | None:
        """The refusal of this number, if there is one."""
        rows = self.refusals(1, before=number + 1)
        return rows[0] if rows and rows[0]["id"] == number else None

    def refusal_count(self, code: str | None = None) -> int:
        """How many seals were ever refused, for one reason or for any."""
        (count,) = self._db.execute(
            "select count(*) from refusal where code = coalesce(?, code)", (code,)
        ).fetchone()
        return int(count)

    def record_fork(self, origin: str, note: str, at_ms: int) -> None:
        """Keep a signed checkpoint that was not shown to continue what was cosigned, once.

        Beside it stands what was cosigned last, for that may have grown by the time it is read.
        When it comes again, that is nearer to its size: a smaller one would not come so far.
        """
        self._db.execute(
            "insert into fork (note, origin, at_ms, seen)"
            " values (?, ?, ?, (select note from checkpoint where origin = ?))"
            " on conflict (note) do update set seen = excluded.seen",
            (note, origin, at_ms, origin),
        )

    def forks(self, limit: int, before: int = NEWEST, proven: bool | None = None) -> list[ForkLine]:
        """Refused checkpoints below a number, the newest first: proven ones, others, or all."""
        rows = self._db.execute(
            f"select {_FORK} from fork where rowid < :before and {_PROVEN}"
            " order by rowid desc limit :limit",
            {"before": before, "proven": proven, "limit": limit},
        )
        return [
            ForkLine(id=number, at_ms=at_ms, origin=origin, note=note, seen=seen)
            for number, at_ms, origin, note, seen in rows
        ]

    def fork_row(self, number: int) -> ForkLine | None:
        """The refused checkpoint of this number, if there is one."""
        lines = self.forks(1, before=number + 1)
        return lines[0] if lines and lines[0].id == number else None

    def fork_count(self, proven: bool | None = None) -> int:
        """How many checkpoints were refused: proven ones, others, or all."""
        (count,) = self._db.execute(
            f"select count(*) from fork where {_PROVEN}", {"proven": proven}
        ).fetchone()
        return int(count)
