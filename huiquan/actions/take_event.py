"""Take what a carrier or warehouse says of a parcel, and keep it as signed.  接收物流事件"""

from huiquan.app import App
from huiquan.db import acquirers
from huiquan.db.connection import Tx
from huiquan.db.order_books import OrderBook, book_of
from huiquan.db.order_events import EventRow
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.online_orders import decide_event
from huiquan.domain.order_requests import EventTaken, EventTold, Standing, event_of
from huiquan.domain.parcel_events import Event, EventKind, Sender, Waybill
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import KeptSignature


async def take_event(
    app: App, sender: Acquirer, told: EventTold, signature: KeptSignature, body: bytes
) -> EventTaken | Refusal:
    """Keep an event, however late; the same again is known, another under its number contradicts.

    body is the message that was signed. Both of two that contradict each other are kept, and
    neither is believed. An event about a parcel that nobody has declared waits for it. A sender of
    the sandbox speaks of the sandbox's parcels only. Refuses NOT_THEIRS_TO_SAY, EVENT_FROM_FUTURE,
    UNKNOWN_CARRIER, UNKNOWN_WAREHOUSE, MALFORMED (a word that is missing).
    """
    now, book = app.clock(), book_of(sender)
    flaw = decide_event(told.kind, sender.kind, told.happened_at, now=now)
    if flaw:
        return flaw
    async with app.db.transaction() as tx:
        event = await _event(app, tx, book, sender, told)
        if isinstance(event, Refusal):
            return event
        row = EventRow(event=event, signature=signature, received_at=now, body=body.decode())
        is_new = await book.append(tx, row)
        assert event.waybill is not None, "carrier and warehouse speak of parcels"
        order = await book.order_of_parcel(tx, event.waybill)
        if await book.is_contradicted(tx, event):
            return EventTaken(standing=Standing.CONTRADICTS, order=order)
        standing = Standing.TAKEN if is_new else Standing.KNOWN
        return EventTaken(standing=standing, order=order)


async def _event(
    app: App, tx: Tx, book: OrderBook, sender: Acquirer, told: EventTold
) -> Event | Refusal:
    carrier_id, warehouse_id = sender.acquirer_id, None
    if told.kind is EventKind.DISPATCHED:
        carrier = await acquirers.partner(
            tx, told.carrier, Sender.CARRIER, is_sandbox=book.is_sandbox
        )
        if carrier is None:
            return Refusal.UNKNOWN_CARRIER
        warehouse_id = await book.warehouse(tx, told.warehouse)
        if warehouse_id is None:
            return Refusal.UNKNOWN_WAREHOUSE
        carrier_id = carrier.acquirer_id
    waybill = Waybill(carrier_id=carrier_id, number=told.waybill)
    known = {one.code for one in app.regions.counties}
    return event_of(told, sender.acquirer_id, waybill, warehouse_id, known)
