"""Approve a payment file: two different people, one of the supervising department.  复核付款文件"""

from huiquan.app import App
from huiquan.db import approvals, audit, payment_files
from huiquan.domain.approvals import Approved, Given, decide_approval
from huiquan.domain.payment_files import FileState
from huiquan.domain.refusals import Refusal


async def approve_payment_file(app: App, file_id: int, staff_id: int) -> Given | Refusal:
    """Record one person's approval; with the second, another person's, the file may be sent (I34).

    Refuses UNKNOWN_FILE, FILE_ALREADY_SENT (or withdrawn), and what `decide_approval` refuses.
    """
    async with app.db.transaction() as tx:
        row = await payment_files.hold(tx, file_id)
        if row is None:
            return Refusal.UNKNOWN_FILE
        subject, action = f"payment_file:{file_id}", Approved.PAYMENT_FILE
        given = decide_approval(await approvals.standing(tx, subject, action, staff_id))
        if isinstance(given, Refusal):
            return given
        if row.state is not FileState.DRAFTED:
            return Refusal.FILE_ALREADY_SENT
        now = app.clock()
        await approvals.record(tx, subject, action, given.approval, now)
        if given.is_complete:
            await payment_files.move(tx, row, FileState.APPROVED, now)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="payment_file:approved",
            subject=subject,
            detail={"is_complete": given.is_complete, "sha256": row.sha256.hex()},
        )
        return given
