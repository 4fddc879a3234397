"""Close an acquirer's order that never arrived, so that it cannot arrive later.  关闭未到订单"""

from huiquan.app import App
from huiquan.db import acquirer_orders, audit


async def close_order(app: App, acquirer_id: int, order_ref: str) -> bool:
    """Close a number for good; False when the order has arrived meanwhile and must be unlocked.

    A request may be under way for five minutes. Whoever has told the customer that nothing came
    of an order closes it, and the lock that arrives late is refused (ORDER_CLOSED).
    Closed again, by two at once or after an answer that was lost, it is noted once.
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        if not await acquirer_orders.close_unarrived(tx, acquirer_id, order_ref, now):
            return await acquirer_orders.is_closed(tx, acquirer_id, order_ref)
        await audit.note(
            tx, at=now, actor=f"acquirer:{acquirer_id}", tag="order:closed", subject=order_ref
        )
        return True
