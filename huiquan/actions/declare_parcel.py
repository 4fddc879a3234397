"""Declare a parcel of an online order: which goods, from which warehouse, by whom.  登记包裹"""

import msgspec

from huiquan.app import App
from huiquan.db import acquirers, audit, online_orders, requests, warehouses
from huiquan.db.connection import Tx
from huiquan.db.online_orders import OrderRow
from huiquan.db.requests import RequestKey
from huiquan.db.warehouses import WarehouseRow
from huiquan.domain.online_orders import decide_parcel
from huiquan.domain.order_requests import ParcelAsked
from huiquan.domain.parcel_events import Sender, Waybill
from huiquan.domain.refusals import Refusal


async def declare_parcel(app: App, acquirer_id: int, asked: ParcelAsked) -> Waybill | Refusal:
    """Record a parcel; what its carrier and warehouse have said of it already counts from now on.

    The same waybill with the same content gives the same answer. Refuses REQUEST_KEY_REUSED,
    UNKNOWN_ORDER, ORDER_NOT_PAID, UNKNOWN_CARRIER, UNKNOWN_WAREHOUSE (also another merchant's),
    WAREHOUSE_NOT_OPEN, MALFORMED (goods that were not ordered so), WAYBILL_TAKEN.
    """
    now = app.clock()
    key = f"parcel {asked.carrier} {asked.waybill}"
    request = RequestKey(scope=f"acquirer:{acquirer_id}", key=key, body=msgspec.json.encode(asked))
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, Waybill)
        facts = await _facts(tx, acquirer_id, asked)
        if isinstance(facts, Refusal):
            return facts
        order, carrier_id, warehouse = facts
        if not warehouse.as_evidence.is_open(now):
            return Refusal.WAREHOUSE_NOT_OPEN
        flaw = decide_parcel(order.ordered, asked.lines)
        if flaw:
            return flaw
        waybill = Waybill(carrier_id=carrier_id, number=asked.waybill)
        is_ours = await online_orders.declare_parcel(
            tx, order, waybill, warehouse_id=warehouse.warehouse_id, lines=asked.lines, at=now
        )
        if not is_ours:
            return Refusal.WAYBILL_TAKEN
        await audit.note(
            tx,
            at=now,
            actor=f"acquirer:{acquirer_id}",
            tag="parcel:declared",
            subject=asked.order_ref,
            detail={"waybill": asked.waybill, "carrier": asked.carrier},
        )
        await requests.record_answer(tx, request, msgspec.to_builtins(waybill), now)
        return waybill


async def _facts(
    tx: Tx, acquirer_id: int, asked: ParcelAsked
) -> tuple[OrderRow, int, WarehouseRow] | Refusal:
    order = await online_orders.hold(tx, acquirer_id, asked.order_ref)
    if order is None:
        return Refusal.UNKNOWN_ORDER
    if order.paid_at is None:
        return Refusal.ORDER_NOT_PAID
    carrier = await acquirers.partner(tx, asked.carrier, Sender.CARRIER)
    if carrier is None:
        return Refusal.UNKNOWN_CARRIER
    warehouse = await warehouses.by_code(tx, asked.warehouse)
    first = await warehouses.of_ids(tx, [order.warehouse_id])
    if warehouse is None or warehouse.merchant_id != first[order.warehouse_id].merchant_id:
        return Refusal.UNKNOWN_WAREHOUSE
    return order, carrier.acquirer_id, warehouse
