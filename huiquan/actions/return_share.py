"""Return a share: the bank has paid a part of the remainder back to its payer.  余款退回"""

from huiquan.app import App
from huiquan.db import audit, campaigns, closings, ledger
from huiquan.db.connection import Tx
from huiquan.domain.fund import closing_name, is_bank_ref, return_remainder
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.refusals import Refusal


async def return_share(
    app: App, code: str, tranche_no: int, confirmed_fen: int, ref: str, by: str
) -> int | Refusal:
    """Book that a tranche's share went back under the bank's reference; gives the fen still to go.

    The last share closes the campaign. The same reference, tranche and amount again change
    nothing. Refuses UNKNOWN_CAMPAIGN, MALFORMED (not a reference), NO_CLOSING (none is approved),
    UNKNOWN_TRANCHE (it gets nothing back), BAD_AMOUNT (the bank names another amount),
    TRANCHE_RECEIVED (it went back under another reference), BANK_REF_USED. (R2.4)
    """
    bank_ref = ref.strip()
    if not is_bank_ref(bank_ref):
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await closings.hold_books(tx, campaign_id)
        closing = await closings.newest(tx, campaign_id)
        if closing is None or closing.state == "opened":
            return Refusal.NO_CLOSING
        rows = await closings.shares(tx, campaign_id, closing.closing_no)
        share = next((one for one in rows if one.tranche_no == tranche_no), None)
        if share is None:
            return Refusal.UNKNOWN_TRANCHE
        if share.amount_fen != confirmed_fen:
            return Refusal.BAD_AMOUNT
        if share.bank_ref is not None and share.bank_ref != bank_ref:
            return Refusal.TRANCHE_RECEIVED
        to_go_fen = sum(one.amount_fen for one in rows if one.bank_ref is None)
        if share.bank_ref == bank_ref:
            return to_go_fen
        if await closings.is_return_ref_used(tx, campaign_id, bank_ref):
            return Refusal.BANK_REF_USED
        await _record(tx, app, campaign_id, closing, share, bank_ref, by)
        return to_go_fen - share.amount_fen


async def _record(
    tx: Tx,
    app: App,
    campaign_id: int,
    closing: closings.ClosingRow,
    share: closings.ShareRow,
    bank_ref: str,
    by: str,
) -> None:
    """The share, its money, the end of the closing with the last one, and the audit line."""
    now, number = app.clock(), closing.closing_no
    await closings.mark_returned(
        tx, campaign_id, number, share.tranche_no, bank_ref=bank_ref, by=by, at=now
    )
    transfer = return_remainder(amount_fen=share.amount_fen, ref=bank_ref)
    await ledger.book(tx, campaign_id=campaign_id, lane=HOUSE_LANE, transfers=[transfer], at=now)
    if all(one.bank_ref is not None for one in await closings.shares(tx, campaign_id, number)):
        await closings.move(tx, campaign_id, number, "approved", "closed", now)
    await audit.note(
        tx,
        at=now,
        actor=by,
        tag="remainder:returned",
        subject=bank_ref,
        detail={
            "closing": closing_name(campaign_id, number),
            "tranche_no": share.tranche_no,
            "amount_fen": share.amount_fen,
        },
    )
