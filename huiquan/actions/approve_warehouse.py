"""Approve a warehouse: two different people, one of the supervising department.  批准仓库"""

from huiquan.app import App
from huiquan.db import approvals, audit, warehouses
from huiquan.domain.approvals import Approved, Given, decide_approval
from huiquan.domain.refusals import Refusal


async def approve_warehouse(app: App, warehouse_id: int, staff_id: int) -> Given | Refusal:
    """Record one person's approval; with the second, orders may ship from there from now on.

    Refuses UNKNOWN_WAREHOUSE, WAREHOUSE_DECIDED and what `decide_approval` refuses.
    """
    async with app.db.transaction() as tx:
        row = await warehouses.hold(tx, warehouse_id)
        if row is None:
            return Refusal.UNKNOWN_WAREHOUSE
        if row.state != "proposed":
            return Refusal.WAREHOUSE_DECIDED
        subject, action = f"warehouse:{warehouse_id}", Approved.WAREHOUSE
        given = decide_approval(await approvals.standing(tx, subject, action, staff_id))
        if isinstance(given, Refusal):
            return given
        now = app.clock()
        await approvals.record(tx, subject, action, given.approval, now)
        if given.is_complete:
            await warehouses.open_it(tx, warehouse_id, now)
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="warehouse:approved",
            subject=subject,
            detail={"is_complete": given.is_complete},
        )
        return given
