"""Link the ledger: close a link of the chain over what was booked since the last one.  台账链"""

from huiquan.app import App
from huiquan.db import campaigns, links
from huiquan.domain.ledger_chain import close_link
from huiquan.domain.refusals import Refusal

TRANSFERS_MAX = 5_000
"""The most transfers one link covers: what is held in memory at a time."""


async def link_ledger(app: App, code: str) -> int | Refusal:
    """Close links over every book of a campaign; gives how many were closed, 0 if nothing was new.

    A long stretch gets several links, each in a transaction of its own. Of two at one moment one
    closes the link and the other none. Refuses UNKNOWN_CAMPAIGN. (R2.4)
    """
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        books = await links.books(tx, campaign.campaign_id)
    closed = 0
    for book in books:
        while await _close_next(app, campaign.campaign_id, book.lane):
            closed += 1
    return closed


async def _close_next(app: App, campaign_id: int, lane: int) -> bool:
    """Close one link. Numbers are given under the book's lock, so what is visible has no gap."""
    async with app.db.transaction() as tx:
        last = await links.last_link(tx, campaign_id, lane)
        first_no = last.next_no if last else 0
        rows = await links.transfers_between(
            tx, campaign_id, lane, first_no, first_no + TRANSFERS_MAX
        )
        if not rows:
            return False
        return await links.record(tx, campaign_id, lane, close_link(last, rows), app.clock())
