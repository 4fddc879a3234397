"""Release a day: the money behind its stock moves from the pool into the lanes.  当日投放"""

from huiquan.app import App
from huiquan.db import campaign_state, configs, ledger
from huiquan.domain.config_making import release_by_lane
from huiquan.domain.ledger import POOL, decide_release
from huiquan.domain.refusals import Refusal


async def release_day(app: App, code: str, day: int) -> int | Refusal:
    """Book the day's release for each lane; gives the fen released, 0 when it had been already.

    All of it or nothing: FUND_TOO_SMALL when the pool does not hold it, and then nobody can win
    that day. Refuses UNKNOWN_CAMPAIGN, NO_DRAW_THAT_DAY for a day without a config. (R1.3, R2.3)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=day, last_day=day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        draw_day = campaign.days.get(day)
        if draw_day is None:
            return Refusal.NO_DRAW_THAT_DAY
        campaign_id = campaign.campaign_id
        transfers = decide_release(
            pool_fen=await ledger.balance_fen(tx, campaign_id, POOL),
            by_lane=release_by_lane(draw_day.plan, draw_day.config.tiers),
            ref=f"release {day}",
        )
        if draw_day.is_released:
            return 0
        if isinstance(transfers, Refusal):
            return transfers
        # The guard: whoever comes second finds the day released and books nothing.
        if not await configs.mark_released(tx, campaign_id, day, now):
            return 0
        for transfer in transfers:
            await ledger.book(
                tx,
                campaign_id=campaign_id,
                lane=transfer.credit.lane,
                transfers=[transfer],
                at=now,
            )
        return sum(transfer.amount_fen for transfer in transfers)
