"""Close a case: with a cause and a reason, by two people where money differs.  关闭差错"""

from huiquan.app import App
from huiquan.db import audit, cases, staff
from huiquan.domain.cases import Cause, Closing, decide_closing
from huiquan.domain.refusals import Refusal


async def close_case(
    app: App, case_id: int, cause: Cause, reason: str, by: str
) -> Closing | Refusal:
    """Write one person's explanation; is_final says whether the case is closed by it.

    by is the login of somebody of the staff, so that two logins are two people. Refuses
    UNKNOWN_CASE, UNKNOWN_STAFF, and what `decide_closing` refuses.
    """
    async with app.db.transaction() as tx:
        case = await cases.hold(tx, case_id)
        if case is None:
            return Refusal.UNKNOWN_CASE
        if not await staff.is_known(tx, by):
            return Refusal.UNKNOWN_STAFF
        closing = decide_closing(case, cause, reason, by)
        if isinstance(closing, Refusal):
            return closing
        now = app.clock()
        await cases.explain(tx, case_id, closing, now)
        did = "closed" if closing.is_final else "proposed"
        detail = {"cause": cause.value, "reason": closing.reason}
        await cases.note(tx, case_id, now, by, did, detail)
        await audit.note(
            tx, at=now, actor=by, tag=f"case:{did}", subject=f"case:{case_id}", detail=detail
        )
        return closing
