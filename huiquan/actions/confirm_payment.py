"""Confirm a payment: the bank has paid a settlement, and money leaves the account.  付款确认"""

from huiquan.app import App
from huiquan.db import audit, ledger, settlements
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.refusals import Refusal
from huiquan.domain.settlement import decide_payment

BANK_REF_MAX = 64


async def confirm_payment(
    app: App, settlement_id: int, bank_ref: str, confirmed_fen: int, by: str = "house"
) -> int | Refusal:
    """Book the bank's payment of a settlement under the bank's reference; gives the fen paid.

    The same reference again changes nothing. Refuses NOT_FOUND, MALFORMED (an empty, unprintable
    or long reference), REQUEST_KEY_REUSED (it was paid under another reference, or the same one
    names another amount), BAD_AMOUNT and NOTHING_TO_SETTLE as `decide_payment` does. (R2.4)
    """
    ref = bank_ref.strip()
    if not 0 < len(ref) <= BANK_REF_MAX or not ref.isprintable():
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        row = await settlements.hold(tx, settlement_id)
        if row is None:
            return Refusal.NOT_FOUND
        if row.bank_ref is not None:
            same = (row.bank_ref, row.amount_fen) == (ref, confirmed_fen)
            return row.amount_fen if same else Refusal.REQUEST_KEY_REUSED
        now = app.clock()
        transfer = decide_payment(
            merchant_id=row.merchant_id,
            day=row.day,
            amount_fen=row.amount_fen,
            confirmed_fen=confirmed_fen,
        )
        if isinstance(transfer, Refusal):
            return transfer
        await settlements.mark_paid(tx, settlement_id, ref, now)
        await ledger.book(
            tx, campaign_id=row.campaign_id, lane=HOUSE_LANE, transfers=[transfer], at=now
        )
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="settlement:paid",
            subject=ref,
            detail={"settlement_id": settlement_id, "amount_fen": row.amount_fen},
        )
        return row.amount_fen
