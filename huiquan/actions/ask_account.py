"""Ask for the account on which a merchant is paid; another person confirms it.  申请收款账户"""

from huiquan.app import App
from huiquan.db import account_requests, approvals, audit
from huiquan.domain.account_requests import AccountRequest, decide_asking
from huiquan.domain.approvals import Approved, Standing
from huiquan.domain.merchants import normalise_uscc
from huiquan.domain.payment_files import PayeeAccount, read_account
from huiquan.domain.refusals import Refusal


async def ask_account(
    app: App, uscc: str, account: PayeeAccount, staff_id: int
) -> AccountRequest | Refusal:
    """Open a request, which is the first person's word for it; the account before stays in force.

    Asked again with the same content it is the same request, also after it was confirmed. Refuses
    BAD_ACCOUNT, UNKNOWN_MERCHANT and what `decide_asking` refuses. (R2.4, I34)
    """
    read, code = read_account(account), normalise_uscc(uscc)
    if isinstance(read, Refusal):
        return read
    if not code.isalnum():
        return Refusal.UNKNOWN_MERCHANT
    async with app.db.transaction() as tx:
        await account_requests.hold(tx)
        merchant_id = await account_requests.merchant_by_uscc(tx, code)
        if merchant_id is None:
            return Refusal.UNKNOWN_MERCHANT
        role = await approvals.role_of(tx, staff_id)
        asking = Standing(earlier=(), staff_id=staff_id, role=role)
        asked = decide_asking(await account_requests.earlier_of(tx, merchant_id), read, asking)
        if isinstance(asked, Refusal | AccountRequest):
            return asked
        now = app.clock()
        request = await account_requests.record(tx, merchant_id, read, staff_id, now)
        subject = f"account_request:{request.request_id}"
        await approvals.record(tx, subject, Approved.ACCOUNT, asked.approval, now)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="account_request:asked",
            subject=subject,
            detail={
                "merchant_id": merchant_id,
                "bank_code": read.bank_code,
                "account_ends_in": read.account_no[-4:],
            },
        )
        return request
