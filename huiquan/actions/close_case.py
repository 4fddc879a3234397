"""Close a case: with a cause and a reason, by two people where money differs.  关闭差错"""

from datetime import datetime

from huiquan.app import App
from huiquan.db import audit, cases, closings, ledger, overpayments, staff, tranches
from huiquan.db.connection import Tx
from huiquan.db.overpayments import Named
from huiquan.db.settlements import hold_merchant
from huiquan.domain.cases import Cause, Closing, decide_closing
from huiquan.domain.ledger import HOUSE_LANE, POOL
from huiquan.domain.overpayments import decide_overpayment, late_payment_flaw
from huiquan.domain.refusals import Refusal


async def close_case(
    app: App, case_id: int, cause: Cause, reason: str, by: str, *, payment_ref: str = ""
) -> Closing | Refusal:
    """Write one person's explanation; is_final says whether the case is closed by it.

    A payment that went through after all is booked as the second person confirms it; payment_ref
    says which of ours it was where the bank's line bears the bank's own number alone. by is the
    login of somebody of the staff, so that two logins are two people. Refuses UNKNOWN_CASE,
    UNKNOWN_STAFF, PAYMENT_NOT_NAMED, CLOSING_UNDER_WAY (money would move in a campaign that is
    being closed), and what `decide_closing` and `decide_overpayment` refuse. (R2.4)
    """
    async with app.db.transaction() as tx:
        case = await cases.hold(tx, case_id)
        if case is None:
            return Refusal.UNKNOWN_CASE
        if not await staff.is_known(tx, by):
            return Refusal.UNKNOWN_STAFF
        named = None
        if cause is Cause.PAID_AFTER_ALL:
            named = await overpayments.named_by(tx, case_id, payment_ref)
        ref = named.ref if named else None
        closing = decide_closing(case, cause, reason, by, payment_ref=ref)
        if isinstance(closing, Refusal) or closing.is_known:
            return closing
        now = app.clock()
        detail: dict[str, object] = {"cause": cause.value, "reason": closing.reason}
        if cause is Cause.PAID_AFTER_ALL:
            if named is None:
                return Refusal.PAYMENT_NOT_NAMED
            asked_fen = await _ask(tx, case_id, named, closing, now)
            if isinstance(asked_fen, Refusal):
                return asked_fen
            detail |= {"payment_ref": named.ref, "amount_fen": asked_fen}
        await cases.explain(tx, case_id, closing, now)
        did = "closed" if closing.is_final else "proposed"
        await cases.note(tx, case_id, now, by, did, detail)
        await audit.note(
            tx, at=now, actor=by, tag=f"case:{did}", subject=f"case:{case_id}", detail=detail
        )
        return closing


async def _ask(
    tx: Tx, case_id: int, named: Named, closing: Closing, now: datetime
) -> int | Refusal:
    """What would be owed, in fen; booked, and kept beside the bank's line, if this closes it."""
    # A settlement of this merchant may be keeping a debt at this moment.
    await hold_merchant(tx, named.campaign_id, named.merchant_id)
    payment = await overpayments.hold_payment(tx, case_id, named)
    if not closing.is_final:
        return late_payment_flaw(payment) or payment.amount_fen
    await tranches.hold_fund(tx, named.campaign_id)
    if await closings.is_approved(tx, named.campaign_id):
        return Refusal.CLOSING_UNDER_WAY
    pool_fen = await ledger.balance_fen(tx, named.campaign_id, POOL)
    moves = decide_overpayment(payment, pool_fen=pool_fen)
    if isinstance(moves, Refusal):
        return moves
    covered, left = moves
    first_no = await ledger.book(
        tx, campaign_id=named.campaign_id, lane=HOUSE_LANE, transfers=(covered, left), at=now
    )
    await overpayments.keep_beside(tx, case_id, first_no + 1, left.amount_fen, now)
    return left.amount_fen
