"""Draft a payment file: every settlement that can be paid, for the bank.  制作付款文件"""

from huiquan.app import App
from huiquan.db import account_requests, approvals, audit, campaigns, payment_files
from huiquan.db.payment_files import FileRow
from huiquan.domain.approvals import MONEY_ROLES
from huiquan.domain.days import day_of
from huiquan.domain.refusals import Refusal


async def draft_payment_file(app: App, code: str, staff_id: int) -> FileRow | Refusal:
    """Put what is settled and unpaid into a new file; nothing leaves before two people approve.

    A settlement goes into one file only. Merchants without an account that two people confirmed,
    or held back, wait. Refuses UNKNOWN_CAMPAIGN, FORBIDDEN, NOTHING_TO_PAY. (R2.4)
    """
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if await approvals.role_of(tx, staff_id) not in MONEY_ROLES:
            return Refusal.FORBIDDEN
        await account_requests.hold(tx)
        now = app.clock()
        drafted = await payment_files.draft(tx, campaign.campaign_id, day_of(now), staff_id, now)
        if drafted is None:
            return Refusal.NOTHING_TO_PAY
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="payment_file:drafted",
            subject=f"payment_file:{drafted.file_id}",
            detail={
                "lines": drafted.line_count,
                "amount_fen": drafted.amount_fen,
                "sha256": drafted.sha256.hex(),
            },
        )
        return drafted
