"""A notary and an auditor at work in one test, with a clock that the test moves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.domain import rounds
from huiquan.domain.rounds import Entry, Seal
from huiquan.domain.signing import Purpose
from notary.book import Book
from notary.configs import Accepted, Register
from notary.desk import Desk, SealRequest, Signed
from notary.keys import SEED_FILE, load_key
from notary.refusals import No, Refused
from tests.domain.draw_days import OPENS, SIGNERS, DrawDay, seed_for, sign_both


def put_key(home: Path, party: str) -> None:
    """Give a home the key of a party that the test config names."""
    home.mkdir(parents=True, exist_ok=True)
    (home / SEED_FILE).write_text(seed_for(party).hex())
    (home / SEED_FILE).chmod(0o600)


@dataclass
class Clock:
    """A clock that stands until the test moves it."""

    now: datetime = OPENS

    def __call__(self) -> datetime:
        return self.now


def open_desk(home: Path, role: str, clock: Clock, party: str | None = None) -> Desk:
    """The desk of a role in a home, new or with everything it signed before."""
    put_key(home, party or role)
    book = Book(home / "book.sqlite")
    return Desk(
        role=role,
        key=load_key(home),
        book=book,
        register=Register(book.configs()),
        clock=clock,
        notice=timedelta(hours=12),
    )


def request_for(seal: Seal, taken: Sequence[Entry], **more: bytes | None) -> SealRequest:
    """The platform's signed request for a seal."""
    raw = rounds.encode_seal(seal)
    return SealRequest(
        seal=raw,
        signature=SIGNERS["platform"].sign(Purpose.SEAL, raw),
        entries=rounds.encode_entries(taken),
        **more,
    )


@dataclass
class Pair:
    """Both signers, their clock, and the day that is drawn with them."""

    home: Path
    clock: Clock = field(default_factory=Clock)
    day: DrawDay = field(default_factory=DrawDay)

    def __post_init__(self) -> None:
        self.finals: dict[int, bytes] = {}
        self.asked: list[tuple[Seal, list[Entry], bytes]] = []
        self.open()
        self.publish()

    def open(self) -> None:
        """Open both books (again, after a crash)."""
        self.notary = open_desk(self.home / "notary", "notary", self.clock)
        self.auditor = open_desk(self.home / "auditor", "auditor", self.clock)

    def publish(self) -> None:
        """Both accept the day's config, a day before the draw opens."""
        self.clock.now = self.day.config.published_at
        both = sign_both(self.day.cfg_hash)
        for desk in (self.notary, self.auditor):
            assert isinstance(desk.accept_config(self.day.raw_config, both), Accepted)
        self.clock.now = OPENS

    def ask(self, seal: Seal, taken: Sequence[Entry]) -> tuple[bytes, bytes] | No:
        """Ask the notary, then the auditor; both proofs, or the first refusal."""
        final = self.finals.get(seal.lane)
        first = answer(self.notary, request_for(seal, taken, previous_final=final))
        if isinstance(first, No):
            return first
        second = answer(self.auditor, request_for(seal, taken, pi_notary=first))
        return second if isinstance(second, No) else (first, second)

    def draw(self, lane: int, count: int = 20) -> None:
        """Seal, sign and draw the next round of a lane at the clock's hour."""
        seal, taken = self.day.seal(lane, self.clock.now.hour, count)
        proofs = self.ask(seal, taken)
        row = self.day.finish(seal, taken)
        assert proofs == (bytes.fromhex(row.pi_notary), bytes.fromhex(row.pi_auditor))
        self.finals[lane] = bytes.fromhex(row.final)
        self.asked.append((seal, taken, bytes.fromhex(row.final)))


def answer(desk: Desk, request: SealRequest) -> bytes | No:
    """The proof, or the reason why there is none."""
    (given,) = desk.sign([request])
    if isinstance(given, Refused):
        assert given.no.zh
        return given.no
    assert isinstance(given, Signed)
    return given.pi
