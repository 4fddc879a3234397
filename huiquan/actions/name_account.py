"""Name the account on which a merchant is paid.  登记收款账户"""

from huiquan.app import App
from huiquan.db import audit, payment_files
from huiquan.domain.merchants import normalise_uscc
from huiquan.domain.payment_files import PayeeAccount, read_account
from huiquan.domain.refusals import Refusal


async def name_account(app: App, uscc: str, account: PayeeAccount, by: str) -> int | Refusal:
    """Keep a merchant's account for payment files from now on; gives the merchant's id.

    Files that are drafted keep the account they were drafted with. Refuses BAD_ACCOUNT,
    UNKNOWN_MERCHANT. (R2.4)
    """
    read = read_account(account)
    if isinstance(read, Refusal):
        return read
    async with app.db.transaction() as tx:
        merchant_id = await payment_files.merchant_by_uscc(tx, normalise_uscc(uscc))
        if merchant_id is None:
            return Refusal.UNKNOWN_MERCHANT
        now = app.clock()
        await payment_files.name_account(tx, merchant_id, read, by, now)
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="merchant:account_named",
            subject=f"merchant:{merchant_id}",
            detail={"bank_code": read.bank_code, "account_ends_in": read.account_no[-4:]},
        )
        return merchant_id
