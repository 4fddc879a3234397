"""Note what the platform says of its order: a new address, an interception, goods that came back.

订单变更。 Each is an event among the others, signed by the platform, appended and never changed.
"""

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.db.connection import Tx
from huiquan.db.order_books import OrderBook, book_of
from huiquan.db.order_events import EventRow
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.addresses import parse_address
from huiquan.domain.online_orders import (
    decide_address_change,
    decide_event,
    decide_moment,
    decide_parcel,
)
from huiquan.domain.order_evidence import OrderFacts
from huiquan.domain.order_requests import ChangeNoted, ChangeTold, change_of
from huiquan.domain.parcel_events import Event, EventKind, Sender, Waybill
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import KeptSignature


async def note_change(
    app: App, platform: Acquirer, told: ChangeTold, signature: KeptSignature
) -> ChangeNoted | Refusal:
    """Keep a change (R3.7, R5.4). The same number with the same content gives the same answer.

    Refuses UNKNOWN_ORDER, UNKNOWN_PARCEL, MALFORMED (goods that were not ordered so),
    NOT_THEIRS_TO_SAY, EVENT_FROM_FUTURE, EVENT_BEFORE_ORDER, what `decide_address_change`
    refuses, and REQUEST_KEY_REUSED when the number stands for another change.
    """
    now, book = app.clock(), book_of(platform)
    flaw = decide_event(told.kind, platform.kind, told.happened_at, now=now)
    if flaw:
        return flaw
    order = (platform.acquirer_id, told.order_ref)
    async with app.db.transaction() as tx:
        facts = await book.hold(tx, order)
        if facts is None:
            return Refusal.UNKNOWN_ORDER
        flaw = decide_moment(told.happened_at, opened_at=facts.opened_at)
        if flaw:
            return flaw
        event = await _event(app, tx, book, platform, facts, told)
        if isinstance(event, Refusal):
            return event
        if await book.is_contradicted(tx, event):
            return Refusal.REQUEST_KEY_REUSED
        sealed = told.address and app.vault.seal(
            {"address": told.address},
            f"order-address {platform.acquirer_id} {told.order_ref} {told.change_ref}".encode(),
        )
        row = EventRow(event=event, signature=signature, received_at=now, order=order)
        if await book.append(tx, row, sealed or None) and not book.is_sandbox:
            await audit.note(
                tx,
                at=now,
                actor=f"acquirer:{platform.acquirer_id}",
                tag=f"order:{told.kind.value}",
                subject=told.order_ref,
                detail={"ref": told.change_ref, "county": event.county},
            )
        return ChangeNoted(county=event.county)


async def _event(
    app: App,
    tx: Tx,
    book: OrderBook,
    platform: Acquirer,
    facts: OrderFacts,
    told: ChangeTold,
) -> Event | Refusal:
    county, waybill = None, None
    if told.kind is EventKind.ADDRESS_CHANGED:
        has_left = any(one.waybill is not None for one in facts.events)
        destination = parse_address(told.address or "", app.regions.counties)
        changed = decide_address_change(destination, has_left=has_left)
        if isinstance(changed, Refusal):
            return changed
        county = changed
    elif told.kind is EventKind.INTERCEPTED:
        carrier = await acquirers.partner(
            tx, told.carrier, Sender.CARRIER, is_sandbox=book.is_sandbox
        )
        if carrier is None:
            return Refusal.UNKNOWN_PARCEL
        waybill = Waybill(carrier_id=carrier.acquirer_id, number=told.waybill or "")
        if waybill not in {one.waybill for one in facts.parcels}:
            return Refusal.UNKNOWN_PARCEL
    else:
        flaw = decide_parcel(facts.lines, told.lines)
        if flaw:
            return flaw
    return change_of(told, platform.acquirer_id, waybill=waybill, county=county)
