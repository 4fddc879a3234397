"""Rule an order: pay what other proof carries, by two people, or refuse it.  裁定存疑订单"""

from huiquan.app import App
from huiquan.db import audit, online_orders, order_cases, order_facts, settlement_holds, staff
from huiquan.db.connection import Tx
from huiquan.domain.online_orders import HOUSE
from huiquan.domain.order_cases import OrderCase, OrderDecision, Ruling, decide_order_case
from huiquan.domain.refusals import Refusal


async def rule_order(
    app: App, case_id: int, decision: OrderDecision, reason: str, by: str
) -> Ruling | Refusal:
    """Write one person's decision; with the second one for paying, the order's hold is lifted.

    by is the login of somebody of the staff, so that two logins are two people. What a person
    lifted the house does not hold again. Refuses UNKNOWN_CASE, UNKNOWN_STAFF, and what
    `decide_order_case` refuses.
    """
    async with app.db.transaction() as tx:
        case = await order_cases.hold(tx, case_id)
        if case is None:
            return Refusal.UNKNOWN_CASE
        if not await staff.is_known(tx, by):
            return Refusal.UNKNOWN_STAFF
        ruling = decide_order_case(case, decision, reason, by)
        if isinstance(ruling, Refusal):
            return ruling
        now = app.clock()
        await order_cases.rule(tx, case_id, ruling, now)
        if ruling.is_final and ruling.decision is OrderDecision.PAY:
            await _lift(app, tx, case, ruling)
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="order_case:closed" if ruling.is_final else "order_case:proposed",
            subject=f"order_case:{case_id}",
            detail={"decision": decision.value, "reason": ruling.reason},
        )
        return ruling


async def _lift(app: App, tx: Tx, case: OrderCase, ruling: Ruling) -> None:
    row = await online_orders.hold(tx, case.acquirer_id, case.order_ref)
    assert row is not None, "a case is of an order"
    paid = (await order_facts.file_of(tx, row)).paid
    assert paid is not None, "only paid orders have cases"
    holds = await settlement_holds.of_redemption(tx, paid.redemption, HOUSE)
    if holds.in_force is not None:
        await settlement_holds.lift(
            tx, holds.in_force, reason=ruling.reason, by=ruling.by, at=app.clock()
        )
