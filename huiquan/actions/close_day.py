"""Close a day: what nobody won goes back to the pool.  当日收回未中签额度"""

from huiquan.app import App
from huiquan.db import campaigns, configs, lanes, ledger
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import Account, recall
from huiquan.domain.refusals import Refusal


async def close_day(app: App, code: str, day: int) -> int | Refusal | None:
    """Recall a released day's unwon stock; gives the fen recalled, 0 when it was closed already.

    None while the day still runs, or while a round of it waits for its signatures: the people in
    it may still win. Refuses UNKNOWN_CAMPAIGN. (R2.4)
    """
    now = app.clock()
    if day >= day_number(day_of(now)):
        return None
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        if await lanes.has_undrawn(tx, campaign_id, day):
            return None
        if not await configs.mark_closed(tx, campaign_id, day, now):
            return 0
        unwon = await lanes.unwon_fen(tx, campaign_id, day)
        stands = await ledger.lane_balances(tx, campaign_id, Account.RELEASED)
        recalled_fen = 0
        for lane, amount_fen in sorted(unwon.items()):
            assert amount_fen <= stands.get(lane, 0), "a lane never gave out more than it had"
            if amount_fen:
                transfer = recall(lane=lane, amount_fen=amount_fen, ref=f"recall {day}")
                await ledger.book(
                    tx, campaign_id=campaign_id, lane=lane, transfers=[transfer], at=now
                )
                recalled_fen += amount_fen
        return recalled_fen
