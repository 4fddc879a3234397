"""Try to open an online order in the sandbox.  沙箱开立订单"""

import msgspec

from huiquan.app import App
from huiquan.db import acquirers, requests, sandbox_orders, stores
from huiquan.db.requests import RequestKey
from huiquan.db.sandbox_orders import TriedOnlineOrder
from huiquan.domain.addresses import parse_address
from huiquan.domain.campaigns import Campaign
from huiquan.domain.online_orders import OpeningFacts, decide_opening
from huiquan.domain.order_requests import OrderAsked, OrderOpened, opened_as
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.sandbox import warehouse_of
from huiquan.domain.tills import Terminal


async def try_opening(
    app: App, campaign: Campaign, at: Terminal, asked: OrderAsked
) -> OrderOpened | Refusal:
    """Open a made-up order, as `open_order` would. Refuses what that refuses.

    Its warehouse is a keeper's of the sandbox, under the keeper's code, and every merchant's. Of
    the address no more is kept than its county.
    """
    body = msgspec.json.encode(asked) + f" at {at.store_id}".encode()
    request = RequestKey(scope=f"acquirer:{at.acquirer_id}", key=f"open {at.ref}", body=body)
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, OrderOpened)
        store, now = await stores.by_id(tx, at.store_id), app.clock()
        if store is None:
            return Refusal.UNKNOWN_STORE
        keeper = await acquirers.partner(tx, asked.warehouse, Sender.WAREHOUSE, is_sandbox=True)
        if keeper is None:
            return Refusal.UNKNOWN_WAREHOUSE
        facts = OpeningFacts(
            lines=asked.lines,
            channel=store.channel,
            merchant_id=store.merchant_id,
            warehouse=warehouse_of(keeper.acquirer_id),
            warehouse_merchant_id=store.merchant_id,
            destination=parse_address(asked.address, app.regions.counties),
            rules=campaign.rulebook_at(now).online,
        )
        opening = decide_opening(facts, now=now)
        if isinstance(opening, Refusal):
            return opening
        order = TriedOnlineOrder(
            acquirer_id=at.acquirer_id,
            order_ref=at.ref,
            store_id=at.store_id,
            keeper_id=keeper.acquirer_id,
            order_fen=opening.order_fen,
            lines=asked.lines,
            county=opening.destination.county,
            opened_at=now,
        )
        await sandbox_orders.record(tx, order)
        opened = opened_as(opening)
        await requests.record_answer(tx, request, msgspec.to_builtins(opened), now)
        return opened
