"""Sum finished draw days: what can change no more is counted once and kept.  封存历史日资金"""

from huiquan.app import App
from huiquan.db import campaigns, fund_cells, tranches
from huiquan.db.fund_cells import Cell
from huiquan.domain.refusals import Refusal


async def sum_days(app: App, code: str) -> int | Refusal:
    """Keep the cells of every finished day; gives how many days were summed now.

    A day is finished when it was closed, no voucher of it lives, and every redemption is paid or
    came back whole before it was settled. Late refunds stay outside the sums, for they may still
    come. Refuses UNKNOWN_CAMPAIGN. (R2.4)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await tranches.hold_fund(tx, campaign_id)
        done = set(await fund_cells.summed_days(tx, campaign_id))
        summed = 0
        for day, is_closed in await fund_cells.draw_days(tx, campaign_id):
            if not is_closed or day in done:
                continue
            cells = await fund_cells.count_live(tx, campaign_id, day, day, [], now)
            if all(_is_finished(cell) for cell in cells):
                await fund_cells.record_day(tx, campaign_id, day, cells, now)
                summed += 1
        return summed


def _is_finished(cell: Cell) -> bool:
    return not (cell.reserved_fen or cell.locked_fen or cell.payable_fen or cell.settling_fen)
