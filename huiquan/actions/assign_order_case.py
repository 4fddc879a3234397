"""Assign an order's case: from now on somebody answers for it.  指派存疑订单"""

from huiquan.app import App
from huiquan.db import audit, order_cases, staff
from huiquan.domain.cases import CaseState
from huiquan.domain.refusals import Refusal


async def assign_order_case(app: App, case_id: int, owner: str, by: str) -> str | Refusal:
    """Give a case to somebody of the staff; gives the owner's login.

    Refuses UNKNOWN_CASE, CASE_CLOSED and UNKNOWN_STAFF.
    """
    async with app.db.transaction() as tx:
        case = await order_cases.hold(tx, case_id)
        if case is None:
            return Refusal.UNKNOWN_CASE
        if case.state is CaseState.CLOSED:
            return Refusal.CASE_CLOSED
        if not await staff.is_known(tx, owner):
            return Refusal.UNKNOWN_STAFF
        if case.owner != owner:
            await order_cases.assign(tx, case_id, owner)
            await audit.note(
                tx,
                at=app.clock(),
                actor=by,
                tag="order_case:assigned",
                subject=f"order_case:{case_id}",
                detail={"owner": owner},
            )
        return owner
