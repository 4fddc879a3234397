"""Sealing: which waiting entries make the next round of a lane, and what its seal says.  封存

waiting entries --take the next ones of one day--> seal --both sign--> final
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.domain import merkle
from huiquan.domain.campaigns import DrawDay
from huiquan.domain.days import day_number, day_of, slot_of
from huiquan.domain.rounds import Entry, Seal, encode_entry
from huiquan.domain.stock import Account, left_before, topups_of_lane

LAST_SLOT = 23


@dataclass(frozen=True, kw_only=True)
class LaneChain:
    """Where a lane's chain of rounds stands: the next number, the last seal, what was left."""

    lane: int
    epoch: int
    next_seq: int
    prev_seal_hash: bytes
    account: Account | None


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """Both signers' proofs over one seal."""

    notary: bytes
    auditor: bytes


def next_entries(waiting: Sequence[Entry], round_max: int) -> Sequence[Entry]:
    """The entries of the next round: the longest run of one day from the front, at most round_max.

    A round holds entries of one day only, so midnight ends a round.
    """
    taken = 0
    while taken < min(len(waiting), round_max) and waiting[taken].day == waiting[0].day:
        taken += 1
    return waiting[:taken]


def slot_of_round(day: int, account: Account | None, now: datetime) -> int:
    """The hour a round counts its top-ups to: the clock's, but never back, and 23 after the day.

    A round drawn after midnight, because a signer was away, still belongs to its own day.
    """
    slot = slot_of(now) if day_number(day_of(now)) == day else LAST_SLOT
    if account is not None and account.day == day:
        return max(slot, account.slot)
    return slot


def make_seal(chain: LaneChain, draw_day: DrawDay, entries: Sequence[Entry], now: datetime) -> Seal:
    """The seal over these entries: their root, the lane's place in its chain, and its stock."""
    slot = slot_of_round(draw_day.day, chain.account, now)
    topups = topups_of_lane(draw_day.plan.topups, chain.lane)
    tiers = len(draw_day.config.tiers)
    return Seal(
        cfg_hash=draw_day.cfg_hash,
        epoch=chain.epoch,
        lane=chain.lane,
        seq=chain.next_seq,
        prev_seal_hash=chain.prev_seal_hash,
        first_idx=entries[0].idx,
        count=len(entries),
        root=merkle.root_of([encode_entry(entry) for entry in entries]),
        day=draw_day.day,
        slot=slot,
        left_before=left_before(chain.account, draw_day.day, slot, topups, tiers),
    )
