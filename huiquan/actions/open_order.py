"""Open an online order: goods, warehouse and address, before a voucher is locked.  开立订单"""

import msgspec

from huiquan.app import App
from huiquan.db import audit, online_orders, requests, stores, warehouses
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain.addresses import parse_address
from huiquan.domain.campaigns import Campaign
from huiquan.domain.online_orders import Opening, OpeningFacts, decide_opening
from huiquan.domain.order_requests import OrderAsked, OrderOpened, opened_as
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import OnlineRules
from huiquan.domain.tills import Terminal


async def open_order(
    app: App, campaign: Campaign, at: Terminal, asked: OrderAsked
) -> OrderOpened | Refusal:
    """Record an order whose goods, warehouse and address are fit for a voucher (R3.7, R5.4).

    The same number with the same content gives the same answer. Refuses REQUEST_KEY_REUSED,
    UNKNOWN_STORE, UNKNOWN_WAREHOUSE, and what `decide_opening` refuses; then nothing is kept. The
    address is locked up; only its county is read again.
    """
    body = msgspec.json.encode(asked) + f" at {at.store_id}".encode()
    request = RequestKey(scope=f"acquirer:{at.acquirer_id}", key=f"open {at.ref}", body=body)
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, OrderOpened)
        now = app.clock()
        facts = await _facts(app, tx, campaign.rulebook_at(now).online, at, asked)
        if isinstance(facts, Refusal):
            return facts
        opening = decide_opening(facts, now=now)
        if isinstance(opening, Refusal):
            return opening
        await _record(app, tx, at, asked, facts.warehouse.warehouse_id, opening)
        opened = opened_as(opening)
        await requests.record_answer(tx, request, msgspec.to_builtins(opened), now)
        return opened


async def _facts(
    app: App, tx: Tx, rules: OnlineRules, at: Terminal, asked: OrderAsked
) -> OpeningFacts | Refusal:
    store = await stores.by_id(tx, at.store_id)
    if store is None:
        return Refusal.UNKNOWN_STORE
    warehouse = await warehouses.by_code(tx, asked.warehouse)
    if warehouse is None:
        return Refusal.UNKNOWN_WAREHOUSE
    return OpeningFacts(
        lines=asked.lines,
        channel=store.channel,
        merchant_id=store.merchant_id,
        warehouse=warehouse.as_evidence,
        warehouse_merchant_id=warehouse.merchant_id,
        destination=parse_address(asked.address, app.regions.counties),
        rules=rules,
    )


async def _record(
    app: App, tx: Tx, at: Terminal, asked: OrderAsked, warehouse_id: int, opening: Opening
) -> None:
    now = app.clock()
    await online_orders.record(
        tx,
        at,
        opening,
        lines=asked.lines,
        warehouse_id=warehouse_id,
        sealed_address=app.vault.seal({"address": asked.address}, _context(at)),
        now=now,
    )
    await audit.note(
        tx,
        at=now,
        actor=f"acquirer:{at.acquirer_id}",
        tag="order:opened",
        subject=at.ref,
        detail={"county": opening.destination.county, "warehouse": asked.warehouse},
    )


def _context(at: Terminal) -> bytes:
    """What an order's address is locked up for."""
    return f"order-address {at.acquirer_id} {at.ref}".encode()
