"""Sealing: which waiting entries make the next round of a lane, and what its seal says.  封存

waiting entries --take the next ones of one day--> seal --both sign--> final
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.domain.campaigns import DrawDay
from huiquan.domain.days import day_number, day_of, slot_of
from huiquan.domain.entry_runs import count_of, first_of, root_of_run
from huiquan.domain.rounds import Seal
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
class SealedRound:
    """A committed seal with all that signing and drawing need, read once from the tables.

    run holds the entries, 80 bytes each, and its root is the seal's; previous_final is that of
    the lane's round before, None for the first.
    """

    seal: Seal
    raw_seal: bytes
    seal_hash: bytes
    run: bytes
    previous_final: bytes | None


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """Both signers' proofs over one seal, and the outputs that were verified under their keys."""

    notary: bytes
    auditor: bytes
    beta_notary: bytes
    beta_auditor: bytes


def slot_of_round(day: int, account: Account | None, now: datetime) -> int:
    """The hour a round counts its top-ups to: the clock's, but never back, and 23 after the day.

    A round drawn after midnight, because a signer was away, still belongs to its own day.
    """
    slot = slot_of(now) if day_number(day_of(now)) == day else LAST_SLOT
    if account is not None and account.day == day:
        return max(slot, account.slot)
    return slot


def make_seal(chain: LaneChain, draw_day: DrawDay, run: bytes, now: datetime) -> Seal:
    """The seal over a run of entries: their root, the lane's place in its chain, and its stock."""
    _, _, first_idx = first_of(run)
    slot = slot_of_round(draw_day.day, chain.account, now)
    topups = topups_of_lane(draw_day.plan.topups, chain.lane)
    tiers = len(draw_day.config.tiers)
    return Seal(
        cfg_hash=draw_day.cfg_hash,
        epoch=chain.epoch,
        lane=chain.lane,
        seq=chain.next_seq,
        prev_seal_hash=chain.prev_seal_hash,
        first_idx=first_idx,
        count=count_of(run),
        root=root_of_run(run),
        day=draw_day.day,
        slot=slot,
        left_before=left_before(chain.account, draw_day.day, slot, topups, tiers),
    )
