"""Seal the next round of a lane: fix who is in it before anyone knows its randomness.  封存"""

from huiquan.app import App
from huiquan.db import entries, lanes, rounds
from huiquan.db.connection import Tx
from huiquan.db.lanes import LaneHead
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entry_runs import first_of, next_run, root_of_run
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_seal, seal_hash_of
from huiquan.domain.sealing import LaneChain, SealedRound, make_seal


async def seal_round(app: App, campaign: Campaign, lane: int) -> SealedRound | Refusal | None:
    """Seal the lane's next contiguous entries of one day, and give the sealed round.

    None when nobody waits, or when another process sealed first. A round that is sealed and not
    final yet is given again: a lane is drawn in order, and the same seal is what the signers are
    asked for, however often. The entries are read from the tables once, and the seal is committed
    before anyone is asked. The lane is not held while its entries are hashed: they stand for good,
    and the seal is recorded only if the lane has not moved. (R5.1)
    Refuses LANE_FROZEN, NO_DRAW_THAT_DAY while the day's money is not released, and EPOCH_CHANGING
    after a change of keys, until the new key's notice is over.
    """
    async with app.db.reading() as tx:
        head = await lanes.head(tx, campaign.campaign_id, lane)
        if head.is_frozen:
            return Refusal.LANE_FROZEN
        if head.epoch != campaign.epoch:
            return None  # keys are being changed, or this campaign was read before they were
        if head.final_idx < head.sealed_idx:
            return await _open_round(tx, campaign.campaign_id, lane)
        if head.sealed_idx == head.next_idx:
            return None
        sealed = await _next_round(app, tx, campaign, head)
    if isinstance(sealed, Refusal):
        return sealed
    async with app.db.transaction() as tx:
        recorded = await rounds.record_seal(
            tx, campaign.campaign_id, sealed.seal, sealed.seal_hash, app.clock()
        )
    return sealed if recorded else None


async def _open_round(tx: Tx, campaign_id: int, lane: int) -> SealedRound:
    row = await rounds.open_round(tx, campaign_id, lane)
    assert row is not None, "what is sealed and not final stands in an open round"
    seal = row.seal
    run = await entries.run_between(tx, campaign_id, lane, seal.first_idx, seal.count)
    assert root_of_run(run) == seal.root, "the entries are no longer those that were sealed"
    before = await rounds.state_before(tx, campaign_id, lane, seal.seq)
    return SealedRound(
        seal=seal,
        raw_seal=row.raw_seal,
        seal_hash=row.seal_hash,
        run=run,
        previous_final=before and before[1],
    )


async def _next_round(
    app: App, tx: Tx, campaign: Campaign, head: LaneHead
) -> SealedRound | Refusal:
    most = max((day.config.round_max for day in campaign.days.values()), default=1)
    waiting = await entries.run_between(tx, campaign.campaign_id, head.lane, head.sealed_idx, most)
    _, day, _ = first_of(waiting)
    draw_day = campaign.days.get(day)
    if draw_day is None or not draw_day.is_released:
        return Refusal.NO_DRAW_THAT_DAY
    if draw_day.config.epoch != campaign.epoch:
        return Refusal.EPOCH_CHANGING
    before = await rounds.state_before(tx, campaign.campaign_id, head.lane, head.next_seq)
    chain = LaneChain(
        lane=head.lane,
        epoch=campaign.epoch,
        next_seq=head.next_seq,
        prev_seal_hash=head.prev_seal_hash,
        account=before and before[0],
    )
    run = next_run(waiting, draw_day.config.round_max)
    seal = make_seal(chain, draw_day, run, app.clock())
    raw_seal = encode_seal(seal)
    return SealedRound(
        seal=seal,
        raw_seal=raw_seal,
        seal_hash=seal_hash_of(raw_seal),
        run=run,
        previous_final=before and before[1],
    )
