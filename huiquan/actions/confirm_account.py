"""Confirm the account on which a merchant is paid, as a second, different person.  确认收款账户"""

from huiquan.app import App
from huiquan.db import account_requests, approvals, audit
from huiquan.db.connection import Tx
from huiquan.domain.account_requests import AccountRequest, RequestState, decide_confirming
from huiquan.domain.approvals import Approved
from huiquan.domain.refusals import Refusal


async def confirm_account(
    app: App, request_id: int, account_no: str, staff_id: int
) -> AccountRequest | Refusal:
    """Add a person's word; with the second, another person's, the account is in force (I34).

    account_no is the number as this person has it from the merchant. The request is still open
    where one person had named the account before two were needed: somebody else confirms it then.
    Refuses UNKNOWN_ACCOUNT_REQUEST and what `decide_confirming` refuses. (R2.4)
    """
    async with app.db.transaction() as tx:
        await account_requests.hold(tx)
        request = await account_requests.find(tx, request_id)
        if request is None:
            return Refusal.UNKNOWN_ACCOUNT_REQUEST
        subject = f"account_request:{request_id}"
        standing = await approvals.standing(tx, subject, Approved.ACCOUNT, staff_id)
        given = decide_confirming(request, account_no, standing)
        if isinstance(given, Refusal):
            return given
        if isinstance(given, RequestState):
            return request
        now = app.clock()
        await approvals.record(tx, subject, Approved.ACCOUNT, given.approval, now)
        if given.is_complete:
            await account_requests.put_in_force(tx, request, staff_id, now)
        else:
            await account_requests.take_up(tx, request_id, staff_id)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="account_request:confirmed",
            subject=subject,
            detail={"merchant_id": request.merchant_id, "is_complete": given.is_complete},
        )
        return await _now(tx, request)


async def _now(tx: Tx, request: AccountRequest) -> AccountRequest:
    found = await account_requests.find(tx, request.request_id)
    assert found is not None, "a request is never taken away"
    return found
