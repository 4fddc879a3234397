"""Lift a hold: the money goes with the next settlement.  恢复清算"""

from huiquan.app import App
from huiquan.db import audit, settlement_holds
from huiquan.domain.online_orders import HOUSE
from huiquan.domain.refusals import Refusal

REASON_MAX = 200


async def lift_hold(app: App, hold_id: int, reason: str, by: str) -> bool | Refusal:
    """Lift a hold, with a reason; False when it was lifted before.

    Days that passed meanwhile count: what is due by its day is settled with the next run. Refuses
    MALFORMED, UNKNOWN_HOLD, and HOLD_OF_AN_ORDER: what the house holds for an order's evidence is
    let go by the evidence, or by two people who rule the order's case.
    """
    if not 0 < len(reason) <= REASON_MAX:
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        hold = await settlement_holds.find(tx, hold_id)
        if hold is None:
            return Refusal.UNKNOWN_HOLD
        if hold.placed_by == HOUSE:
            return Refusal.HOLD_OF_AN_ORDER
        now = app.clock()
        lifted = await settlement_holds.lift(tx, hold_id, reason=reason, by=by, at=now)
        if lifted:
            subject = f"hold:{hold_id}"
            detail = {"reason": reason}
            await audit.note(
                tx, at=now, actor=by, tag="hold:lifted", subject=subject, detail=detail
            )
        return lifted
