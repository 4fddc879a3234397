"""Plan a tranche: who will pay how much into the dedicated account, and when.  拨款计划"""

from datetime import date

from huiquan.app import App
from huiquan.db import audit, campaigns, tranches
from huiquan.domain.refusals import Refusal


async def plan_tranche(
    app: App, code: str, *, planned_fen: int, due_on: date, payer: str, payer_account: str, by: str
) -> int | Refusal:
    """Record what is to come; gives the tranche's number. No money moves (R2.4).

    Refuses UNKNOWN_CAMPAIGN, BAD_AMOUNT (zero or less), MALFORMED (no payer).
    """
    if planned_fen <= 0:
        return Refusal.BAD_AMOUNT
    if not payer.strip():
        return Refusal.MALFORMED
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        await tranches.hold_fund(tx, campaign.campaign_id)
        number = await tranches.record(
            tx,
            campaign.campaign_id,
            planned_fen=planned_fen,
            due_on=due_on,
            payer=payer.strip(),
            payer_account=payer_account.strip(),
            by=by,
            at=now,
        )
        detail = {"planned_fen": planned_fen, "due_on": due_on.isoformat(), "payer": payer.strip()}
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="tranche:planned",
            subject=f"{code} tranche {number}",
            detail=detail,
        )
        return number
