"""Close a warehouse, with a reason: what leaves it from then on is no evidence.  停用仓库"""

from huiquan.app import App
from huiquan.db import audit, warehouses
from huiquan.domain.refusals import Refusal

REASON_MAX = 200


async def close_warehouse(app: App, warehouse_id: int, reason: str, by: str) -> bool | Refusal:
    """Close it for good; False when it was closed before. Refuses MALFORMED, UNKNOWN_WAREHOUSE."""
    if not 0 < len(reason.strip()) <= REASON_MAX:
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        if await warehouses.hold(tx, warehouse_id) is None:
            return Refusal.UNKNOWN_WAREHOUSE
        now = app.clock()
        is_closed = await warehouses.close(tx, warehouse_id, reason, now)
        if is_closed:
            await audit.note(
                tx,
                at=now,
                actor=by,
                tag="warehouse:closed",
                subject=f"warehouse:{warehouse_id}",
                detail={"reason": reason},
            )
        return is_closed
