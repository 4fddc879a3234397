"""Seal the next round of a lane: fix who is in it before anyone knows its randomness.  封存"""

from huiquan.app import App
from huiquan.db import entries, lanes, rounds
from huiquan.db.rounds import RoundRow
from huiquan.domain.campaigns import Campaign
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_seal, seal_hash_of
from huiquan.domain.sealing import LaneChain, make_seal, next_entries


async def seal_round(app: App, campaign: Campaign, lane: int) -> RoundRow | Refusal | None:
    """Seal the lane's next contiguous entries of one day, and give the sealed round.

    None when nobody waits. A round that is sealed and not final yet is given again: a lane is
    drawn in order, and the same seal is what the signers are asked for, however often. The
    entries are read anew from the tables, and the seal is committed before anyone is asked.
    Refuses LANE_FROZEN, and NO_DRAW_THAT_DAY while the day's money is not released.
    """
    campaign_id = campaign.campaign_id
    async with app.db.transaction() as tx:
        head = await lanes.lock(tx, campaign_id, lane)
        if head.is_frozen:
            return Refusal.LANE_FROZEN
        waiting_round = await rounds.open_round(tx, campaign_id, lane)
        if waiting_round is not None or head.sealed_idx == head.next_idx:
            return waiting_round
        now = app.clock()
        (first,) = await entries.between(tx, campaign_id, lane, head.sealed_idx, 1)
        draw_day = campaign.days.get(first.entry.day)
        if draw_day is None or not draw_day.is_released:
            return Refusal.NO_DRAW_THAT_DAY
        most = draw_day.config.round_max
        waiting = await entries.between(tx, campaign_id, lane, head.sealed_idx, most)
        taken = next_entries([row.entry for row in waiting], most)
        chain = LaneChain(
            lane=lane,
            epoch=campaign.epoch,
            next_seq=head.next_seq,
            prev_seal_hash=head.prev_seal_hash,
            account=await rounds.last_account(tx, campaign_id, lane),
        )
        seal = make_seal(chain, draw_day, taken, now)
        seal_hash = seal_hash_of(encode_seal(seal))
        await rounds.record_seal(tx, campaign_id, seal, seal_hash, now)
        return await rounds.open_round(tx, campaign_id, lane)
