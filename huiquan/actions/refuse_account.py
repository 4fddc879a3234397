"""Refuse a request for a merchant's account, or withdraw one's own.  不同意或撤回收款账户申请"""

from huiquan.app import App
from huiquan.db import account_requests, approvals, audit
from huiquan.domain.account_requests import REASON_MAX, RequestState, decide_ending
from huiquan.domain.approvals import Approved
from huiquan.domain.refusals import Refusal


async def refuse_account(
    app: App, request_id: int, reason: str, staff_id: int
) -> RequestState | Refusal:
    """End an open request; the account before it stays in force.

    It is withdrawn when whoever asked says so, and refused when anybody else does. Refuses
    MALFORMED (no reason), UNKNOWN_ACCOUNT_REQUEST and what `decide_ending` refuses. (R2.4)
    """
    said = reason.strip()
    if not 0 < len(said) <= REASON_MAX or "\0" in said:
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        await account_requests.hold(tx)
        request = await account_requests.find(tx, request_id)
        if request is None:
            return Refusal.UNKNOWN_ACCOUNT_REQUEST
        subject = f"account_request:{request_id}"
        state = decide_ending(
            request, await approvals.standing(tx, subject, Approved.ACCOUNT, staff_id)
        )
        if isinstance(state, Refusal) or request.state is state:
            return state
        now = app.clock()
        await account_requests.end(tx, request_id, state, staff_id, said, now)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag=f"account_request:{state.value}",
            subject=subject,
            detail={"merchant_id": request.merchant_id, "reason": said},
        )
        return state
