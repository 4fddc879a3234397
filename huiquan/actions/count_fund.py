"""Count what was booked into the fund's cells, matching money and figures.  计入余额"""

from collections.abc import Callable

from huiquan.app import App
from huiquan.db import campaigns, figure_steps, fund_cells, fund_counts, fund_moves, matching
from huiquan.db.fund_cells import Mark
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.refusals import Refusal

TRANSFERS_AT_ONCE = 20_000
SETTLEMENTS_AT_ONCE = 500


async def count_fund(
    app: App,
    code: str,
    *,
    transfers_at_once: int = TRANSFERS_AT_ONCE,
    settlements_at_once: int = SETTLEMENTS_AT_ONCE,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> int | Refusal:
    """Count what the books hold by now, and where settlements stand; gives how many transfers.

    Book by book, each part in a transaction of its own with its mark, so a count that is cut short
    goes on where it was, and two at once count nothing twice. It holds no row that a draw, a till
    or a bank's answer waits for. What it has not reached yet is in the live balances all the same.
    on_progress hears (done, of), in transfers. Refuses UNKNOWN_CAMPAIGN. (R2.4)
    """
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        marks = await fund_cells.marks(tx, campaign.campaign_id)
    counted, of = 0, sum(mark.next_no - mark.counted_no for mark in marks)
    for mark in marks:
        while part := await _count_book(app, campaign.campaign_id, mark, transfers_at_once):
            counted += part
            on_progress(counted, of)
    while await _count_settlements(app, campaign.campaign_id, settlements_at_once):
        pass
    return counted


async def _count_book(app: App, campaign_id: int, until: Mark, most: int) -> int:
    """Count up to `most` transfers of a book, no further than `until` saw it; gives how many."""
    async with app.db.transaction() as tx:
        # One count at a time: two would add to the same cells, each in an order of its own.
        await fund_counts.hold_mark(tx, campaign_id, HOUSE_LANE)
        mark = await fund_counts.hold_mark(tx, campaign_id, until.lane)
        counted_no = min(mark.counted_no + most, until.next_no)
        if counted_no <= mark.counted_no:
            return 0
        part, now = (campaign_id, mark.lane, mark.counted_no, counted_no), app.clock()
        await fund_counts.add(tx, campaign_id, await fund_cells.booked(tx, *part), now)
        await matching.add(tx, campaign_id, await matching.booked(tx, *part), now)
        await figure_steps.add(tx, campaign_id, await figure_steps.booked(tx, *part), now)
        await fund_counts.move_mark(tx, campaign_id, mark, counted_no)
        return counted_no - mark.counted_no


async def _count_settlements(app: App, campaign_id: int, most: int) -> bool:
    """Count up to `most` settlements as what they are now; True when there may be more."""
    async with app.db.transaction() as tx:
        await fund_counts.hold_mark(tx, campaign_id, HOUSE_LANE)
        moves = (await fund_moves.due(tx, campaign_id))[:most]
        held = await fund_moves.hold(tx, moves)
        if not held:
            return False
        cells = await fund_cells.moved(tx, campaign_id, held)
        await fund_counts.add(tx, campaign_id, cells, app.clock())
        await fund_moves.mark(tx, held)
        return len(moves) == most
