"""Roll over: money of expired and refunded vouchers returns to the pool.  滚动使用"""

from huiquan.app import App
from huiquan.db import campaigns, ledger
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import Account, roll_over
from huiquan.domain.refusals import Refusal


async def roll_over_returned(app: App, code: str) -> int | Refusal:
    """Move what came back until now into the pool, lane by lane; gives the fen moved.

    Once a campaign day at most: from then on it can be planned into later releases, and not
    before. Refuses UNKNOWN_CAMPAIGN. (R2.4; Hubei 2024: expired money rolls to the next batch)
    """
    now = app.clock()
    ref = f"roll over {day_number(day_of(now))}"
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        returned = await ledger.lane_balances(tx, campaign_id, Account.RETURNED)
        moved_fen = 0
        for lane, amount_fen in returned.items():
            if await ledger.booked_fen(tx, campaign_id, lane, "roll_over", ref) is None:
                transfer = roll_over(lane=lane, amount_fen=amount_fen, ref=ref)
                await ledger.book(
                    tx, campaign_id=campaign_id, lane=lane, transfers=[transfer], at=now
                )
                moved_fen += amount_fen
        return moved_fen
