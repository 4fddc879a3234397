"""Book an appropriation: the department's money arrives in the dedicated account.  拨款"""

from huiquan.app import App
from huiquan.db import audit, campaigns, ledger
from huiquan.domain.ledger import HOUSE_LANE, appropriate
from huiquan.domain.refusals import Refusal


async def fund_campaign(app: App, code: str, amount_fen: int, ref: str, by: str) -> int | Refusal:
    """Book amount_fen under the bank's reference; gives what was appropriated in all, in fen.

    The same reference with the same amount again changes nothing. Refuses UNKNOWN_CAMPAIGN,
    BAD_AMOUNT (zero or less), and REQUEST_KEY_REUSED for a reference with another amount. (R2.4)
    """
    now = app.clock()
    if amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        booked_fen = await ledger.booked_fen(
            tx, campaign.campaign_id, HOUSE_LANE, "appropriate", ref
        )
        if booked_fen not in (None, amount_fen):
            return Refusal.REQUEST_KEY_REUSED
        if booked_fen is None:
            transfer = appropriate(amount_fen=amount_fen, ref=ref)
            await ledger.book(
                tx,
                campaign_id=campaign.campaign_id,
                lane=HOUSE_LANE,
                transfers=[transfer],
                at=now,
            )
            detail = {"amount_fen": amount_fen}
            await audit.note(
                tx, at=now, actor=by, tag="fund:appropriated", subject=ref, detail=detail
            )
        return (await ledger.fund(tx, campaign.campaign_id)).appropriated_fen
