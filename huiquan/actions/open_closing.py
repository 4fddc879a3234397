"""Open the closing of a campaign: what is left, and what of it goes back to whom.  发起活动关闭"""

from huiquan.app import App
from huiquan.db import audit, campaigns, closings, tranches
from huiquan.db.connection import Tx
from huiquan.domain.days import day_of
from huiquan.domain.fund import closing_name, obstacles, share_remainder
from huiquan.domain.ledger import Account
from huiquan.domain.refusals import Refusal


async def open_closing(app: App, code: str, staff_id: int) -> int | Refusal:
    """Open a closing over what the pool holds now; gives its number. No money moves yet (R2.4).

    Opened again it is the same closing, unless the pool has changed since: then the old one is
    withdrawn, with its approvals. Refuses UNKNOWN_CAMPAIGN, NOT_READY_TO_CLOSE (`obstacles` says
    why), CLOSING_UNDER_WAY (the remainder is on its way back already).
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await closings.hold_books(tx, campaign_id)
        standing = await closings.standing(tx, campaign_id)
        if obstacles(standing, day_of(now)):
            return Refusal.NOT_READY_TO_CLOSE
        remainder_fen = standing.totals[Account.POOL]
        open_one = await _settle_earlier(tx, app, campaign_id, remainder_fen)
        if open_one is not None:
            return open_one
        everything = await tranches.everything(tx, campaign_id)
        number = await closings.record(
            tx,
            campaign_id,
            remainder_fen=remainder_fen,
            receivable_fen=standing.totals[Account.RECEIVABLE],
            shares=share_remainder(remainder_fen, [one.tranche for one in everything]),
            by=staff_id,
            at=now,
        )
        await audit.note(
            tx,
            at=now,
            actor=f"staff {staff_id}",
            tag="closing:opened",
            subject=closing_name(campaign_id, number),
            detail={"remainder_fen": remainder_fen},
        )
        return number


async def _settle_earlier(
    tx: Tx, app: App, campaign_id: int, remainder_fen: int
) -> int | Refusal | None:
    """The closing that stands already, or None when a new one is to be opened."""
    earlier = await closings.newest(tx, campaign_id)
    if earlier is None or earlier.state == "closed":
        return None
    if earlier.state == "approved":
        return Refusal.CLOSING_UNDER_WAY
    if earlier.remainder_fen == remainder_fen:
        return earlier.closing_no
    await closings.move(tx, campaign_id, earlier.closing_no, "opened", "withdrawn", app.clock())
    return None
