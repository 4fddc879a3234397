"""Pledge matching money: what platform or a merchant adds on its own account.  配套资金承诺"""

from huiquan.app import App
from huiquan.db import audit, campaigns, pledges, tranches
from huiquan.domain.offers import Funder
from huiquan.domain.refusals import Refusal


async def pledge_matching(
    app: App, code: str, *, merchant_id: int | None, pledged_fen: int, document: str, by: str
) -> int | Refusal:
    """Record a pledge under the document that makes it; gives its id (R5.7).

    merchant_id None: the platform's. No money moves in the books: it is the pledger's own, and
    what is used of it is counted from the offers at the till. The same document again with the
    same pledge changes nothing. Refuses UNKNOWN_CAMPAIGN, BAD_AMOUNT (zero or less), MALFORMED
    (no document), UNKNOWN_MERCHANT, REQUEST_KEY_REUSED (the document holds another pledge).
    """
    name = document.strip()
    if pledged_fen <= 0:
        return Refusal.BAD_AMOUNT
    if not name:
        return Refusal.MALFORMED
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if merchant_id is not None and not await pledges.is_merchant(tx, merchant_id):
            return Refusal.UNKNOWN_MERCHANT
        await tranches.hold_fund(tx, campaign.campaign_id)
        before = await pledges.find(tx, campaign.campaign_id, name)
        if before is not None:
            same = (before.merchant_id, before.pledged_fen) == (merchant_id, pledged_fen)
            return before.pledge_id if same else Refusal.REQUEST_KEY_REUSED
        pledge_id = await pledges.record(
            tx,
            campaign.campaign_id,
            funder=Funder.PLATFORM if merchant_id is None else Funder.MERCHANT,
            merchant_id=merchant_id,
            pledged_fen=pledged_fen,
            document=name,
            by=by,
            at=now,
        )
        detail = {"pledge_id": pledge_id, "merchant_id": merchant_id, "pledged_fen": pledged_fen}
        await audit.note(tx, at=now, actor=by, tag="matching:pledged", subject=name, detail=detail)
        return pledge_id
