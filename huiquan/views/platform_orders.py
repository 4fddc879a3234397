"""What a platform is shown of its order, a real one or one that was tried.  平台查询"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import acquirers, sandbox_orders
from huiquan.domain.order_evidence import Judged, judge_order
from huiquan.domain.refusals import Refusal
from huiquan.views.orders import evidence


@dataclass(frozen=True, kw_only=True)
class OrderShown:
    """An order as it stands; carriers by their number, warehouses by theirs."""

    order_ref: str
    county: str
    opened_at: datetime
    judged: Judged
    carriers: dict[int, str]
    warehouses: dict[int, str]


async def shown(app: App, platform: str, order_ref: str) -> OrderShown | Refusal:
    """A real order. Refuses UNKNOWN_ORDER."""
    found = await evidence(app, platform, order_ref)
    if isinstance(found, Refusal):
        return found
    return OrderShown(
        order_ref=order_ref,
        county=found.file.row.county,
        opened_at=found.file.row.opened_at,
        judged=found.judged,
        carriers=found.carriers,
        warehouses={number: one.code for number, one in found.warehouses.items()},
    )


async def shown_tried(app: App, acquirer_id: int, order_ref: str) -> OrderShown | Refusal:
    """An order of the sandbox. Refuses UNKNOWN_ORDER."""
    async with app.db.reading() as tx:
        order = await sandbox_orders.find(tx, acquirer_id, order_ref)
        if order is None:
            return Refusal.UNKNOWN_ORDER
        facts = await sandbox_orders.facts_of(tx, order)
        everyone = await acquirers.everyone(tx)
    return OrderShown(
        order_ref=order_ref,
        county=order.county,
        opened_at=order.opened_at,
        judged=judge_order(facts),
        carriers={one.acquirer_id: one.name_zh for one in everyone},
        warehouses={one.acquirer_id: one.code for one in everyone},
    )
