"""Open a dispute: a merchant says what is wrong with a statement.  结算异议"""

from huiquan.app import App
from huiquan.db import audit, disputes, settlements
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.refusals import Refusal

WORDS_MAX = 500


async def open_dispute(
    app: App, cashier_id: int, settlement_id: int, words: str, redemption: str | None = None
) -> int | Refusal:
    """Record what a store's manager disputes of a settlement, or of one line; gives its number.

    Nothing moves by it. Refuses MALFORMED (no words), FORBIDDEN (not a manager),
    UNKNOWN_SETTLEMENT (or another merchant's), UNKNOWN_REDEMPTION (not a line of it).
    """
    if not 0 < len(words.strip()) <= WORDS_MAX:
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        merchant_id = await disputes.merchant_led_by(tx, cashier_id)
        if merchant_id is None:
            return Refusal.FORBIDDEN
        row = await settlements.find(tx, settlement_id)
        if row is None or row.merchant_id != merchant_id:
            return Refusal.UNKNOWN_SETTLEMENT
        if redemption is not None:
            place = parse_redemption_id(redemption)
            if place is None or not await disputes.is_in_settlement(tx, settlement_id, place):
                return Refusal.UNKNOWN_REDEMPTION
        now = app.clock()
        dispute_id = await disputes.record(
            tx,
            settlement_id=settlement_id,
            redemption=redemption,
            words=words.strip(),
            cashier_id=cashier_id,
            at=now,
        )
        await audit.note(
            tx,
            at=now,
            actor=f"cashier:{cashier_id}",
            tag="settlement:disputed",
            subject=row.ref,
            detail={"dispute_id": dispute_id},
        )
        return dispute_id
