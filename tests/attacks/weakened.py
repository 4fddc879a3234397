"""Weakened pieces for the attacks to succeed against, each wrong in one way only.  弱化件

They are passed in where the house takes its own pieces, so an attack meets everything else as it
is. None of them is reachable from the product.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.domain import exports, rounds, vrf
from huiquan.domain.verdict_sentences import CHECKED
from huiquan.domain.verdicts import Finding, Verdict
from huiquan.domain.verification_files import Files
from huiquan.domain.verification_lane import LaneTally, LaneTask
from notary.book import Book, SignedRound
from notary.configs import Accepted, Register
from notary.desk import Desk
from notary.keys import load_key
from tests.domain.draw_days import seed_for
from tests.notary.houses import Clock, put_key


class ForgetfulBook(Book):
    """A signer's book in which nothing is written down: every round is the lane's first."""

    def round_of(self, series: str, epoch: int, lane: int, seq: int) -> SignedRound | None:
        return None

    def last_round(self, series: str, epoch: int, lane: int) -> SignedRound | None:
        return None

    def record_round(self, row: SignedRound, day: int, pids: bytes) -> None:
        return None


class OpenRegister(Register):
    """A register that holds no config against another, and lets each act at any time."""

    def of_series(self, series: str) -> list[Accepted]:
        return []

    def was_in_force(self, accepted: Accepted, day: int, since: datetime, until: datetime) -> bool:
        return True


class MemorylessBook(Book):
    """A witness's book that forgets the log: every checkpoint is the first it sees."""

    def checkpoint_of(self, origin: str) -> tuple[int, bytes] | None:
        return None


def weak_desk(
    home: Path,
    role: str,
    clock: Clock,
    book: type[Book] = Book,
    register: type[Register] = Register,
    notice: timedelta = timedelta(hours=12),
) -> Desk:
    """A desk with one weak piece; the others are the house's own."""
    put_key(home, role)
    opened = book(home / "book.sqlite")
    return Desk(
        role=role,
        key=load_key(home),
        book=opened,
        register=register(opened.configs()),
        clock=clock,
        notice=notice,
    )


def careless_proof(role: str, raw_seal: bytes) -> bytes:
    """A signer that proves whatever it is shown, as often as it is asked."""
    letter = {"notary": "N", "auditor": "W"}[role]
    return vrf.prove(seed_for(role), vrf.seal_alpha(letter, rounds.seal_hash_of(raw_seal)))


def believing_reader(files: Files, tasks: Sequence[LaneTask]) -> Iterator[LaneTally | Finding]:
    """A verifier that reads the platform's numbers and draws nothing again."""
    kept = exports.parse_kept(files["kept.ndjson"])
    for task in tasks:
        lane = task.rules.lane
        tally = LaneTally(
            lane=lane, kept={(row.lane, row.idx): row.tier for row in kept if row.lane == lane}
        )
        for entry in rounds.decode_entries(files[exports.entries_file(lane)]):
            tally.entered[0, entry.pack] += 1
        for row in task.rows:
            tally.drawn += _said(row)
        yield tally


def yes_man(files: Files) -> Verdict:
    """A verifier that always says yes."""
    return Verdict(checked=tuple(CHECKED))


def _said(row: exports.RoundRow) -> Counter[tuple[int, int]]:
    """What a final says was drawn of each tier."""
    final = rounds.decode_final(bytes.fromhex(row.final))
    return Counter(
        {(0, tier): kept + cut
         for tier, (kept, cut) in enumerate(zip(final.kept, final.cut, strict=True), start=1)}
    )  # fmt: skip
