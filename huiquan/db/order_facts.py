"""All that is known of an online order, read together for judging and for showing.  订单全部事实"""

from dataclasses import dataclass

from huiquan.db import acquirer_orders, online_orders, order_events, redemptions
from huiquan.db.connection import Tx
from huiquan.db.online_orders import OrderRow
from huiquan.db.order_events import EventRow
from huiquan.db.redemptions import RedemptionRow
from huiquan.domain.order_evidence import OrderFacts, Refunded


@dataclass(frozen=True, kw_only=True)
class OrderFile:
    """An order with its redemption, if it is paid, and every word about it."""

    row: OrderRow
    paid: RedemptionRow | None
    events: tuple[EventRow, ...]
    facts: OrderFacts


async def file_of(tx: Tx, row: OrderRow) -> OrderFile:
    """Read an order's file; whoever writes afterwards has held the order's row."""
    place = await acquirer_orders.find_order(tx, row.acquirer_id, row.order_ref)
    paid = await redemptions.find(tx, *place.place) if place and place.place else None
    parcels = await online_orders.parcels_of(tx, row.acquirer_id, row.order_ref)
    events = await order_events.of_order(
        tx, row.acquirer_id, row.order_ref, [one.waybill for one in parcels]
    )
    facts = OrderFacts(
        lines=row.ordered,
        county=row.county,
        opened_at=row.opened_at,
        parcels=parcels,
        events=tuple(one.event for one in events),
        paid_at=paid.redemption.redeemed_at if paid else None,
        refunded=_refunded(row, paid) if paid else None,
    )
    return OrderFile(row=row, paid=paid, events=tuple(events), facts=facts)


def _refunded(row: OrderRow, paid: RedemptionRow) -> Refunded:
    return Refunded.of(
        row.lines,
        order_fen=row.order_fen,
        net_fen=paid.redemption.quote.net_fen,
        refunded_fen=paid.so_far.refunded_fen,
    )
