"""Vouchers: what a winner holds, and when it may be spent.  消费立减金

    held --lock--> locked --redeem--> redeemed
     |   <--unlock, or the lock's time is over--/
     \\--expire--> expired

A voucher never returns once it is redeemed, unless the rulebook's refund policy says otherwise.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from huiquan.domain import ledger
from huiquan.domain.days import day_of, ends_at
from huiquan.domain.ledger import Transfer
from huiquan.domain.rulebook_days import validity
from huiquan.domain.rulebooks import Rulebook, tier_numbered
from huiquan.domain.serials import Name, read_name, write_name

_LETTER = "V"


class State(StrEnum):
    """Where a voucher is in its life."""

    HELD = "held"  # 可用
    LOCKED = "locked"  # 占用中
    REDEEMED = "redeemed"  # 已核销
    EXPIRED = "expired"  # 已过期


@dataclass(frozen=True, kw_only=True)
class Win:
    """A kept win of a final round: which entry won which tier. city is that of registration."""

    campaign_id: int
    lane: int
    idx: int
    pid: bytes
    day: date
    tier: int
    city: str


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """One voucher. It is good while `valid_from <= now < valid_until`.

    Face, threshold and rulebook version are those in force when it was won, whatever comes later.
    lock_no counts the locks there have been; locked_until is set while the voucher is locked.
    """

    campaign_id: int
    lane: int
    idx: int
    pid: bytes
    day: date
    pack: int
    tier: int
    face_fen: int
    threshold_fen: int
    rulebook_version: int
    city: str
    state: State
    valid_from: datetime
    valid_until: datetime
    issued_at: datetime
    lock_no: int = 0
    locked_until: datetime | None = None

    def __post_init__(self) -> None:
        assert 0 < self.face_fen <= self.threshold_fen, "a voucher never pays a whole order"
        assert self.valid_from < self.valid_until
        assert (self.state is State.LOCKED) == (self.locked_until is not None)

    @property
    def serial(self) -> str:
        """The voucher's public name."""
        return serial_of(self.campaign_id, self.lane, self.idx)


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new voucher and the money set aside for it."""

    voucher: Voucher
    transfer: Transfer


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """The end of a voucher that was not used, and its money on the way back."""

    serial: str
    transfer: Transfer


def serial_of(campaign_id: int, lane: int, idx: int) -> str:
    """The public name of the voucher that this entry won: V001-0003-000000042-K."""
    return write_name(_LETTER, Name(campaign_id, lane, idx))


def parse_serial(text: str) -> tuple[int, int, int] | None:
    """Campaign, lane and entry behind a voucher's name; None if the name was mistyped."""
    name = read_name(_LETTER, 0, text)
    return name and (name.campaign_id, name.lane, name.idx)


def issue(win: Win, *, rulebook: Rulebook, rulebook_version: int, issued_at: datetime) -> Issued:
    """Make the voucher of a kept win and set its money aside (R1.3).

    Validity follows the rulebook: natural days with the draw day as the first, never beyond the
    campaign's last day. One exception: if the outcome itself came so late that nothing would be
    left, the voucher is good to 24:00 of the day it was issued, for the delay was not the
    winner's. The tier is one of the rulebook's.
    """
    tier = tier_numbered(rulebook, win.tier)
    assert tier is not None, f"tier {win.tier} is not in the rulebook"
    span = validity(rulebook, win.day, issued_at)
    voucher = Voucher(
        campaign_id=win.campaign_id,
        lane=win.lane,
        idx=win.idx,
        pid=win.pid,
        day=win.day,
        pack=tier.pack,
        tier=tier.number,
        face_fen=tier.face_fen,
        threshold_fen=tier.threshold_fen,
        rulebook_version=rulebook_version,
        city=win.city,
        state=State.HELD,
        valid_from=span.first,
        valid_until=max(span.until, ends_at(day_of(issued_at))),
        issued_at=issued_at,
    )
    transfer = ledger.reserve(
        lane=win.lane, idx=win.idx, amount_fen=tier.face_fen, ref=voucher.serial
    )
    return Issued(voucher=voucher, transfer=transfer)


def state_at(voucher: Voucher, now: datetime) -> State:
    """The state people are shown: a lock whose time is over counts as held, whoever noted it.

    A voucher whose validity is over counts as expired, even before the books say so.
    """
    if voucher.state in (State.REDEEMED, State.EXPIRED):
        return voucher.state
    if now >= voucher.valid_until:
        return State.EXPIRED
    locked = voucher.locked_until is not None and now < voucher.locked_until
    return State.LOCKED if locked else State.HELD


def decide_expiry(voucher: Voucher, now: datetime) -> Expiry | None:
    """End a voucher whose time is over and send its money back to the fund (R2.4).

    None while it may still be spent, and None once it is closed. A lock never outlives the
    voucher's validity, so at its end no till can be holding it.
    """
    closed = voucher.state in (State.REDEEMED, State.EXPIRED)
    if closed or now < voucher.valid_until:
        return None
    transfer = ledger.expire(
        lane=voucher.lane, idx=voucher.idx, amount_fen=voucher.face_fen, ref=voucher.serial
    )
    return Expiry(serial=voucher.serial, transfer=transfer)
