"""The signer's book: what was signed, kept so that no crash makes it sign twice.  签发账本

SQLite in write-ahead mode, flushed to the disk at every commit (synchronous=FULL). One row for
each (campaign, platform, epoch, lane, round); the row is there before its proof is made.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from notary.book_evidence import EvidenceBook
from notary.book_schema import SCHEMA


@dataclass(frozen=True, kw_only=True)
class SignedRound:
    """One row of the book: a seal that was signed, and what is known of its outcome."""

    series: str
    epoch: int
    lane: int
    seq: int
    seal_hash: bytes
    seal: bytes
    entries: bytes | None
    other_pi: bytes | None
    final: bytes | None
    signed_ms: int
    signature: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class StopLine:
    """One line of the book about a stop or a resumption: who asked for it, when and why."""

    at_ms: int
    kind: str
    name: str
    reason: str


_ROUND = "series, epoch, lane, seq, seal_hash, seal, entries, other_pi, final, signed_ms, signature"


class Book(EvidenceBook):
    """The open book. Callers hold `writing()` around everything that must stand or fall."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
        self._one_writer = threading.Lock()
        self.on_undo: Callable[[], None] = lambda: None
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.execute("pragma busy_timeout = 5000")
        self._db.executescript(SCHEMA)
        # A book begun before these were kept gets the place for them.
        for table, column, kind in (("round", "signature", "blob"), ("fork", "seen", "text")):
            if column not in {row[1] for row in self._db.execute(f"pragma table_info({table})")}:
                self._db.execute(f"alter table {table} add column {column} {kind}")
        self.flushed_at: datetime | None = None

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, on the disk when the block has ended, undone if it raises.

        After an undone one, `on_undo` tells whoever holds a copy of the book to drop it.
        """
        with self._one_writer:
            self._db.execute("begin immediate")
            try:
                yield
                self._db.execute("commit")
                self.flushed_at = datetime.now(UTC)
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                self.on_undo()
                raise

    def last_round(self, series: str, epoch: int, lane: int) -> SignedRound | None:
        """The newest signed round of a lane."""
        return self._one_round(
            f"select {_ROUND} from round where series = ? and epoch = ? and lane = ?"
            " order by seq desc limit 1",
            series,
            epoch,
            lane,
        )

    def round_of(self, series: str, epoch: int, lane: int, seq: int) -> SignedRound | None:
        """The signed round of this number, if there is one."""
        return self._one_round(
            f"select {_ROUND} from round where series = ? and epoch = ? and lane = ? and seq = ?",
            series,
            epoch,
            lane,
            seq,
        )

    def round_sealed(self, seal_hash: bytes) -> SignedRound | None:
        """The signed round of this seal, if there is one."""
        return self._one_round(f"select {_ROUND} from round where seal_hash = ?", seal_hash)

    def rounds_of_day(self, series: str, day: int) -> list[SignedRound]:
        """All signed rounds of a day, in the order of lane and number."""
        rows = self._db.execute(
            f"select {_ROUND} from round where series = ? and day = ? order by epoch, lane, seq",
            (series, day),
        )
        return [_round(row) for row in rows]

    def last_rounds(self) -> list[SignedRound]:
        """The newest round of every lane. Asked often, so it jumps from lane to lane."""
        found: list[SignedRound] = []
        place: tuple[str, int, int] | None = ("", -1, -1)
        while place is not None:
            place = self._db.execute(
                "select series, epoch, lane from round where (series, epoch, lane) > (?, ?, ?)"
                " order by series, epoch, lane limit 1",
                place,
            ).fetchone()
            last = None if place is None else self.last_round(*place)
            found += [] if last is None else [last]
        return found

    def record_round(self, row: SignedRound, day: int, pids: bytes) -> None:
        """Write a round and its pseudonyms; a second row for one round is a broken promise."""
        self._db.execute(
            f"insert into round ({_ROUND}, day, pids) values"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row.series, row.epoch, row.lane, row.seq, row.seal_hash, row.seal),
                *(row.entries, row.other_pi, row.final, row.signed_ms, row.signature, day, pids),
            ),
        )

    def pids_since(
        self, series: str, epoch: int, lane: int, day: int, seq: int
    ) -> list[tuple[int, bytes]]:
        """The pseudonyms of a lane's rounds of a day up to this epoch, from round number seq on.

        A round that was voided names nobody any more. The index is named because SQLite, which
        knows nothing of the table's size, would read all rounds of the day at each new one.
        """
        rows = self._db.execute(
            "select seq, pids from round indexed by round_lane"
            " where series = ? and epoch <= ? and lane = ? and seq >= ?"
            " and day = ? order by epoch, seq",
            (series, epoch, lane, seq, day),
        )
        return list(rows)

    def record_final(self, seal_hash: bytes, final: bytes) -> None:
        """Write what a round came to; its entries need not be kept any longer."""
        self._db.execute(
            "update round set final = ?, entries = null where seal_hash = ?", (final, seal_hash)
        )

    def last_signed(self, series: str, epoch: int, lane: int) -> list[tuple[int, int]]:
        """Number and time of a lane's newest round; empty before its first."""
        return list(
            self._db.execute(
                "select seq, signed_ms from round where series = ? and epoch = ? and lane = ?"
                " order by seq desc limit 1",
                (series, epoch, lane),
            )
        )

    def record_config(
        self, series: str, cfg_hash: bytes, raw: bytes, signatures: tuple[bytes, bytes], ms: int
    ) -> None:
        """Keep an accepted config with the platform's and the approver's signature."""
        self._db.execute(
            "insert or ignore into config values (?, ?, ?, ?, ?, ?)",
            (cfg_hash, series, raw, *signatures, ms),
        )

    def configs(self) -> list[bytes]:
        """The bytes of every accepted config, in the order of acceptance."""
        rows = self._db.execute("select raw from config order by accepted_ms, rowid")
        return [raw for (raw,) in rows]

    def checkpoints(self) -> list[tuple[str, int, bytes, str]]:
        """Name, size, root and note of every log at its last cosigned checkpoint."""
        rows = self._db.execute("select origin, size, root, note from checkpoint order by origin")
        return list(rows)

    def checkpoint_of(self, origin: str) -> tuple[int, bytes] | None:
        """Size and root of one log at its last cosigned checkpoint."""
        row = self._db.execute(
            "select size, root from checkpoint where origin = ?", (origin,)
        ).fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]))

    def record_checkpoint(self, origin: str, size: int, root: bytes, note: str) -> None:
        """Remember the newest checkpoint of a log. Refused ones of its size now stand beside it."""
        self._db.execute(
            "insert into checkpoint values (?, ?, ?, ?) on conflict (origin) do update"
            " set size = excluded.size, root = excluded.root, note = excluded.note",
            (origin, size, root, note),
        )
        self._db.execute(
            "update fork set seen = ? where origin = ? and instr(note, ?) = 1",
            (note, origin, f"{origin}\n{size}\n"),
        )

    def manifest_of(self, series: str, day: int) -> bytes | None:
        """The manifest that was signed for a day, if any."""
        row = self._db.execute(
            "select body from manifest where series = ? and day = ?", (series, day)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def record_manifest(self, series: str, day: int, body: bytes) -> None:
        """Remember the one manifest of a day; who entered need not be known any longer."""
        self._db.execute("insert or replace into manifest values (?, ?, ?)", (series, day, body))
        self._db.execute("update round set pids = x'' where series = ? and day = ?", (series, day))

    def declaration_of(self, series: str) -> bytes | None:
        """The declaration of a new epoch that this signer signed for a campaign, if any."""
        row = self._db.execute(
            "select body from declaration where series = ?", (series,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def declarations(self) -> list[tuple[str, bytes, int]]:
        """Every declaration in the book: campaign, bytes, when it was signed."""
        rows = self._db.execute("select series, body, signed_ms from declaration order by series")
        return list(rows)

    def record_declaration(
        self, series: str, body: bytes, signed_ms: int, voided: Iterable[bytes]
    ) -> None:
        """Remember the one declaration of a campaign; whom voided seals name may enter again.

        A second one for the campaign is a broken promise.
        """
        self._db.execute("insert into declaration values (?, ?, ?)", (series, body, signed_ms))
        self._db.executemany(
            "update round set pids = x'', entries = null where seal_hash = ?",
            [(seal_hash,) for seal_hash in voided],
        )

    def record_stop(self, line: StopLine) -> None:
        """Write that a person stopped this signer, or let it go on."""
        self._db.execute(
            "insert into stop (at_ms, kind, name, reason) values (?, ?, ?, ?)",
            (line.at_ms, line.kind, line.name, line.reason),
        )

    def stops(self, limit: int) -> list[StopLine]:
        """The newest lines about stops and resumptions, the last one first."""
        rows = self._db.execute(
            "select at_ms, kind, name, reason from stop order by id desc limit ?", (limit,)
        )
        return [
            StopLine(at_ms=at_ms, kind=kind, name=name, reason=reason)
            for at_ms, kind, name, reason in rows
        ]

    def stop_in_force(self) -> StopLine | None:
        """The line that keeps this signer from signing, or None while it may sign."""
        last = next(iter(self.stops(1)), None)
        return last if last is not None and last.kind == "stop" else None

    def _one_round(self, query: str, *values: Any) -> SignedRound | None:
        """The one row a query finds."""
        row = self._db.execute(query, values).fetchone()
        return None if row is None else _round(row)


def _round(row: tuple[Any, ...]) -> SignedRound:
    """A row of the book as a value."""
    series, epoch, lane, seq, seal_hash, seal, entries, other_pi, final, signed_ms, signed = row
    return SignedRound(
        series=series,
        epoch=epoch,
        lane=lane,
        seq=seq,
        seal_hash=seal_hash,
        seal=seal,
        entries=entries,
        other_pi=other_pi,
        final=final,
        signed_ms=signed_ms,
        signature=signed,
    )
