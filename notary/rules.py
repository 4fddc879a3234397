"""What a signer checks before it signs a round; each check has its reason.  签发规则

The first half needs the request and the config alone, the second half the lane's last round too.
Nothing here writes or reads a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from huiquan.domain.days import day_from_number, day_number, day_of, slot_of, starts_at
from huiquan.domain.entry_runs import (
    are_packs_known,
    count_of,
    first_of,
    is_gapless,
    is_one_place,
    root_of_run,
)
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.lottery import are_in_lane
from huiquan.domain.rounds import Seal
from huiquan.domain.stock import Account, left_before
from notary.book import SignedRound
from notary.configs import TOLERANCE, Accepted
from notary.refusals import No

LAST_SLOT = 23


@dataclass(frozen=True, kw_only=True)
class Due:
    """What the next round of a lane must be: number, link, first entry; and the round before it."""

    seq: int = 0
    prev_seal_hash: bytes = ZERO_HASH
    first_idx: int = 0
    last: SignedRound | None = None


def decide_entries(accepted: Accepted, seal: Seal, run: bytes, pids: Sequence[bytes]) -> No | None:
    """Say what is wrong with a round's entries, if anything; pids are the pseudonyms in the run.

    They are those of the seal, of one day and lane, without a gap; everyone is in the lane that
    the hash of their pseudonym gives them.
    """
    config = accepted.config
    if not 0 < seal.count <= config.round_max or count_of(run) != seal.count:
        return No.WRONG_COUNT
    if root_of_run(run) != seal.root:
        return No.WRONG_ROOT
    tables = accepted.tables.get(seal.day)
    if tables is None or seal.epoch != config.epoch or len(seal.left_before) != len(config.tiers):
        return No.CONFIG_NOT_IN_FORCE
    lane, day, _ = first_of(run)
    if (lane, day) != (seal.lane, seal.day) or not is_one_place(run):
        return No.WRONG_ENTRY
    if not is_gapless(run, seal.first_idx):
        return No.IDX_GAP
    if not are_packs_known(run, tables):
        return No.UNKNOWN_PACK
    if not are_in_lane(accepted.epoch_start, pids, config.lanes, seal.lane):
        return No.WRONG_LANE
    return None


def decide_place(seal: Seal, due: Due) -> No | None:
    """Say whether the seal is the next of its lane: number, link, first entry."""
    if seal.seq != due.seq:
        return No.SEQ_GAP
    if seal.prev_seal_hash != due.prev_seal_hash:
        return No.CHAIN_BROKEN
    return None if seal.first_idx == due.first_idx else No.IDX_GAP


def decide_slot(
    seal: Seal, last_seal: Seal | None, free_since: datetime | None, now: datetime
) -> No | None:
    """Say whether the hour is right by this signer's clock, give or take 5 seconds.

    The hour lies between the one in which the lane became free (this signer's answer to the round
    before) and the present one. So a round that waited through an outage is signed as it was
    sealed, and nobody can hold the hour back for longer than that one round. Entries of a day
    that has ended are drawn with its last hour, when all its stock is out.
    """
    until = now + TOLERANCE
    place = (seal.day, seal.slot)
    if seal.slot > LAST_SLOT or place > (day_number(day_of(until)), slot_of(until)):
        return No.SLOT_AHEAD
    if last_seal is not None and place < (last_seal.day, last_seal.slot):
        return No.SLOT_FELL
    if free_since is not None:
        since = free_since - TOLERANCE
        day = day_number(day_of(since))
        if seal.day == day and seal.slot < slot_of(since):
            return No.SLOT_BEHIND
        if seal.day < day and seal.slot != LAST_SLOT:
            return No.SLOT_BEHIND
    return None


def decide_stock(accepted: Accepted, seal: Seal, account: Account | None) -> No | None:
    """Say whether the stock in the seal is what this signer counts itself."""
    topups = accepted.topups.get((seal.day, seal.lane), [])
    left = left_before(account, seal.day, seal.slot, topups, len(accepted.config.tiers))
    return None if left == seal.left_before else No.WRONG_STOCK


def instant(milliseconds: int) -> datetime:
    """The instant behind whole milliseconds since 1970."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def hour_of(seal: Seal) -> datetime:
    """The first instant of the hour that a seal names."""
    return starts_at(day_from_number(seal.day)) + timedelta(hours=seal.slot)
