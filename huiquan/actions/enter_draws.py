"""Enter people into today's draw: one transaction for everyone who came at once.  参与摇号

The receipts are signed inside the transaction: when the entry is there, its receipt exists, and a
round can be sealed only after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import entries, lanes
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import Desk, EntryRequest, day_of_entry, judge_batch, receipts_of
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class LaneBatch:
    """Everyone who came to one lane of a campaign while the last batch was being settled."""

    campaign: Campaign
    lane: int
    requests: Sequence[EntryRequest]


async def enter_draws(app: App, batch: LaneBatch) -> list[EntryReceipt | Refusal]:
    """Give each request its receipt or its refusal, in order.

    Asking again with the same key, nonce and pack gives a receipt of the same statement. The same
    key with another nonce or pack is REQUEST_KEY_REUSED; a second key the same day is
    ALREADY_ENTERED; for the other refusals see `decide_entry`. (R1.3, R1.4)
    """
    campaign, lane = batch.campaign, batch.lane
    async with app.db.transaction() as tx:
        head, account = await lanes.lock_to_enter(tx, campaign.campaign_id, lane)
        if head.is_frozen:
            return [Refusal.LANE_FROZEN for _ in batch.requests]
        now = app.clock()
        standings = await entries.standings(
            tx,
            campaign_id=campaign.campaign_id,
            lane=lane,
            day=day_of_entry(campaign, now),
            final_idx=head.final_idx,
            pids=[request.pid for request in batch.requests],
        )
        desk = Desk(
            campaign=campaign,
            lane=lane,
            now=now,
            next_idx=head.next_idx,
            account=account,
            standings=standings,
            salts_key=app.keys.salts,
        )
        judged = judge_batch(desk, batch.requests)
        answers = receipts_of(app.signer, judged)
        if judged.accepted:
            await entries.record(
                tx,
                campaign_id=campaign.campaign_id,
                lane=lane,
                first_idx=head.next_idx,
                rows=judged.accepted,
            )
    return answers
