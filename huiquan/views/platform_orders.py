"""What a platform is shown of its order, a real one or one that was tried.  平台查询"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import acquirers, sandbox_orders
from huiquan.db.order_books import book_of
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.online_orders import decide_event, decide_moment, decide_parcel
from huiquan.domain.order_evidence import Judged, judge_order
from huiquan.domain.order_requests import ChangeTold, change_of
from huiquan.domain.refusals import Refusal
from huiquan.views.orders import evidence


@dataclass(frozen=True, kw_only=True)
class OrderShown:
    """An order as it stands; the codes of carriers by their number, of warehouses by theirs."""

    order_ref: str
    county: str
    opened_at: datetime
    judged: Judged
    carriers: dict[int, str]
    warehouses: dict[int, str]


async def change_flaw(app: App, platform: Acquirer, told: ChangeTold) -> Refusal | None:
    """Why goods that came back would not be noted; asked before their money moves.

    None if they would be. Refuses UNKNOWN_ORDER, MALFORMED (goods that were not ordered so),
    EVENT_FROM_FUTURE, EVENT_BEFORE_ORDER, REQUEST_KEY_REUSED (the number stands for another
    change).
    """
    flaw = decide_event(told.kind, platform.kind, told.happened_at, now=app.clock())
    if flaw:
        return flaw
    book = book_of(platform)
    async with app.db.reading() as tx:
        order = await book.opened(tx, (platform.acquirer_id, told.order_ref))
        if order is None:
            return Refusal.UNKNOWN_ORDER
        flaw = decide_moment(told.happened_at, opened_at=order.opened_at)
        if flaw:
            return flaw
        event = change_of(told, platform.acquirer_id, waybill=None, county=None)
        is_taken = await book.is_contradicted(tx, event)
    return Refusal.REQUEST_KEY_REUSED if is_taken else decide_parcel(order.ordered, told.lines)


async def shown(app: App, platform: str, order_ref: str) -> OrderShown | Refusal:
    """A real order. Refuses UNKNOWN_ORDER."""
    found = await evidence(app, platform, order_ref)
    if isinstance(found, Refusal):
        return found
    async with app.db.reading() as tx:
        everyone = await acquirers.everyone(tx)
    return OrderShown(
        order_ref=order_ref,
        county=found.file.row.county,
        opened_at=found.file.row.opened_at,
        judged=found.judged,
        carriers={one.acquirer_id: one.code for one in everyone},
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
        carriers={one.acquirer_id: one.code for one in everyone},
        warehouses={one.acquirer_id: one.code for one in everyone},
    )
