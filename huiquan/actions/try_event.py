"""Try to tell what happened to a parcel, in the sandbox.  沙箱物流事件"""

from huiquan.app import App
from huiquan.db import acquirers, sandbox_orders
from huiquan.db.connection import Tx
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.online_orders import decide_event
from huiquan.domain.order_requests import EventTaken, EventTold, Standing, event_of
from huiquan.domain.parcel_events import Event, EventKind, Sender, Waybill
from huiquan.domain.refusals import Refusal


async def try_event(app: App, sender: Acquirer, told: EventTold) -> EventTaken | Refusal:
    """Keep an event as `take_event` would, among those of the sandbox; refuses what that refuses.

    Its signature was verified like any other, and is not kept.
    """
    now = app.clock()
    flaw = decide_event(told.kind, sender.kind, told.happened_at, now=now)
    if flaw:
        return flaw
    async with app.db.transaction() as tx:
        event = await _event(app, tx, sender, told)
        if isinstance(event, Refusal):
            return event
        is_new = await sandbox_orders.append(tx, event, now)
        assert event.waybill is not None, "carrier and warehouse speak of parcels"
        order = await sandbox_orders.order_of_parcel(tx, event.waybill)
        if await sandbox_orders.is_contradicted(tx, event):
            return EventTaken(standing=Standing.CONTRADICTS, order=order)
        standing = Standing.TAKEN if is_new else Standing.KNOWN
        return EventTaken(standing=standing, order=order)


async def _event(app: App, tx: Tx, sender: Acquirer, told: EventTold) -> Event | Refusal:
    carrier_id, keeper_id = sender.acquirer_id, None
    if told.kind is EventKind.DISPATCHED:
        carrier = await acquirers.partner(tx, told.carrier, Sender.CARRIER, is_sandbox=True)
        keeper = await acquirers.partner(tx, told.warehouse, Sender.WAREHOUSE, is_sandbox=True)
        if carrier is None:
            return Refusal.UNKNOWN_CARRIER
        if keeper is None:
            return Refusal.UNKNOWN_WAREHOUSE
        carrier_id, keeper_id = carrier.acquirer_id, keeper.acquirer_id
    waybill = Waybill(carrier_id=carrier_id, number=told.waybill)
    known = {one.code for one in app.regions.counties}
    return event_of(told, sender.acquirer_id, waybill, keeper_id, known)
