"""Try to declare a parcel of an online order in the sandbox.  沙箱登记包裹"""

import msgspec

from huiquan.app import App
from huiquan.db import acquirers, requests, sandbox, sandbox_orders
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.db.sandbox_orders import TriedOnlineOrder
from huiquan.domain.online_orders import decide_parcel
from huiquan.domain.order_requests import ParcelAsked
from huiquan.domain.parcel_events import Parcel, Sender, Waybill
from huiquan.domain.refusals import Refusal
from huiquan.domain.sandbox import warehouse_of


async def try_parcel(app: App, acquirer_id: int, asked: ParcelAsked) -> Waybill | Refusal:
    """Declare a parcel, as `declare_parcel` would; carrier and warehouse are of the sandbox.

    Refuses what that refuses, but for WAREHOUSE_NOT_OPEN.
    """
    now = app.clock()
    key = f"parcel {asked.carrier} {asked.waybill}"
    request = RequestKey(scope=f"acquirer:{acquirer_id}", key=key, body=msgspec.json.encode(asked))
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, Waybill)
        order = await sandbox_orders.find(tx, acquirer_id, asked.order_ref)
        parcel = order and await _parcel(tx, order, asked)
        if order is None or not parcel:
            return Refusal.UNKNOWN_ORDER
        if isinstance(parcel, Refusal):
            return parcel
        if not await sandbox_orders.declare_parcel(tx, order, parcel, now):
            return Refusal.WAYBILL_TAKEN
        await requests.record_answer(tx, request, msgspec.to_builtins(parcel.waybill), now)
        return parcel.waybill


async def _parcel(tx: Tx, order: TriedOnlineOrder, asked: ParcelAsked) -> Parcel | Refusal:
    tried = await sandbox.find_order(tx, order.acquirer_id, order.order_ref)
    if tried is None or tried.redeemed_at is None:
        return Refusal.ORDER_NOT_PAID
    carrier = await acquirers.partner(tx, asked.carrier, Sender.CARRIER, is_sandbox=True)
    if carrier is None:
        return Refusal.UNKNOWN_CARRIER
    keeper = await acquirers.partner(tx, asked.warehouse, Sender.WAREHOUSE, is_sandbox=True)
    if keeper is None:
        return Refusal.UNKNOWN_WAREHOUSE
    flaw = decide_parcel(order.ordered, asked.lines)
    return flaw or Parcel(
        waybill=Waybill(carrier_id=carrier.acquirer_id, number=asked.waybill),
        warehouse=warehouse_of(keeper.acquirer_id),
        lines=asked.lines,
    )
