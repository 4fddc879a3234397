"""Try a change of an online order in the sandbox: address, stopped parcel, return.  沙箱变更"""

from huiquan.app import App
from huiquan.db import acquirers, sandbox_orders
from huiquan.db.connection import Tx
from huiquan.db.sandbox_orders import TriedOnlineOrder
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.addresses import parse_address
from huiquan.domain.online_orders import decide_address_change, decide_event, decide_parcel
from huiquan.domain.order_requests import ChangeNoted, ChangeTold, change_of
from huiquan.domain.parcel_events import Event, EventKind, Sender, Waybill
from huiquan.domain.refusals import Refusal


async def try_change(app: App, platform: Acquirer, told: ChangeTold) -> ChangeNoted | Refusal:
    """Keep a change as `note_change` would; refuses what that refuses.

    The address itself is not kept.
    """
    now = app.clock()
    flaw = decide_event(told.kind, platform.kind, told.happened_at, now=now)
    if flaw:
        return flaw
    async with app.db.transaction() as tx:
        order = await sandbox_orders.find(tx, platform.acquirer_id, told.order_ref)
        if order is None:
            return Refusal.UNKNOWN_ORDER
        event = await _event(app, tx, order, told)
        if isinstance(event, Refusal):
            return event
        if await sandbox_orders.is_contradicted(tx, event):
            return Refusal.REQUEST_KEY_REUSED
        await sandbox_orders.append(tx, event, now, (order.acquirer_id, order.order_ref))
        return ChangeNoted(county=event.county)


async def _event(app: App, tx: Tx, order: TriedOnlineOrder, told: ChangeTold) -> Event | Refusal:
    county, waybill = None, None
    facts = await sandbox_orders.facts_of(tx, order)
    if told.kind is EventKind.ADDRESS_CHANGED:
        has_left = any(one.waybill is not None for one in facts.events)
        destination = parse_address(told.address or "", app.regions.counties)
        changed = decide_address_change(destination, has_left=has_left)
        if isinstance(changed, Refusal):
            return changed
        county = changed
    elif told.kind is EventKind.INTERCEPTED:
        carrier = await acquirers.partner(tx, told.carrier, Sender.CARRIER, is_sandbox=True)
        if carrier is None:
            return Refusal.UNKNOWN_PARCEL
        waybill = Waybill(carrier_id=carrier.acquirer_id, number=told.waybill or "")
        if waybill not in {one.waybill for one in facts.parcels}:
            return Refusal.UNKNOWN_PARCEL
    else:
        flaw = decide_parcel(order.ordered, told.lines)
        if flaw:
            return flaw
    return change_of(told, order.acquirer_id, waybill=waybill, county=county)
