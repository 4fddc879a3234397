"""A platform's order: opened with its voucher, paid, cancelled, asked about.  线上订单接口

One number of the platform's stands for the order at this door and at the acquirer's, and behind it
work the same actions: an online voucher is locked, redeemed, given back and refunded as any other.
"""

from typing import Annotated

from litestar import get, post
from msgspec import Meta

from huiquan.domain.addresses import ADDRESS_MAX
from huiquan.domain.offers import Order
from huiquan.domain.online_orders import LINES_MAX, GoodsLine
from huiquan.domain.order_requests import OrderAsked
from huiquan.domain.refusals import Refusal
from huiquan.views.acquirer_orders import OrderState
from huiquan.web.acquirer.amounts import redeemed
from huiquan.web.acquirer.callers import SIGNED, Ref, RefInPath, StoreCode
from huiquan.web.acquirer.desk import Paid
from huiquan.web.acquirer.orders import SCAN_OF_STORE, OrderFreed, OrderGivenUp, OrderPaid
from huiquan.web.acquirer.scans import Scan
from huiquan.web.acquirer.slips import lock_slip, order_slip, redemption_slip
from huiquan.web.answers import NO_STORE, RefusedError, accepted
from huiquan.web.callers import Campaigns, Doorkeeper, House
from huiquan.web.merchant.slips import SentCode, SentFen, SentOffers, offers_of
from huiquan.web.orders.callers import Signed, platform
from huiquan.web.orders.desk import order_desk_of
from huiquan.web.orders.slips import (
    OnlineOrderLocked,
    OnlineOrderPaid,
    ShownOnlineOrder,
    judged_fields,
    online_order_slip,
)
from huiquan.web.wire import CampaignNumber, Wire, alike

SentText = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")]
Quantity = Annotated[int, Meta(ge=1, le=10_000)]


class SentGoods(Wire):
    """One line of goods; kind is what the platform calls this sort of goods."""

    sku: SentText
    name: SentText
    kind: SentText
    quantity: Quantity
    unit_fen: SentFen
    self_operated: bool


class OnlineOrderOpening(Wire):
    """An order with all that is promised in it, and the customer's code."""

    order_ref: Ref
    store: StoreCode
    code: SentCode
    lines: Annotated[list[SentGoods], Meta(min_length=1, max_length=LINES_MAX)]
    offers: SentOffers
    warehouse: Ref
    address: Annotated[str, Meta(min_length=1, max_length=ADDRESS_MAX)]
    campaign: CampaignNumber | None = None


@post(
    "/orders/v1/orders",
    operation_id="openOnlineOrder",
    summary="Open an order and set the voucher aside",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def open_it(
    data: OnlineOrderOpening, house: House, campaigns: Campaigns, signed: Signed, limits: Doorkeeper
) -> OnlineOrderLocked:
    """Goods, warehouse and address are judged first; only then is the code used up."""
    caller = platform(signed)
    limits.take(SCAN_OF_STORE, f"{caller.acquirer.acquirer_id}/{data.store}")
    at = await caller.at(data.store, "", data.order_ref)
    asked = OrderAsked(
        lines=tuple(
            GoodsLine(
                sku=one.sku,
                name=one.name,
                kind=one.kind,
                quantity=one.quantity,
                unit_fen=one.unit_fen,
                is_self_operated=one.self_operated,
            )
            for one in data.lines
        ),
        warehouse=data.warehouse,
        address=data.address,
    )
    campaign = accepted(campaigns.asked(data.campaign))
    desk = order_desk_of(caller)
    opened = accepted(await desk.open(campaign, at, asked))
    order = Order(order_fen=opened.order_fen, offers=offers_of(data.offers))
    scan = Scan(
        house=house, campaigns=campaigns, desk=desk.till, at=at, code=data.code, order=order
    )
    slip = lock_slip(campaigns, data.order_ref, await scan.locked())
    place = {"city": opened.city, "county": opened.county, "county_zh": opened.county_zh}
    return alike(OnlineOrderLocked, slip, **place)


@post(
    "/orders/v1/payments",
    operation_id="payOnlineOrder",
    summary="Redeem after payment",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def pay(data: OrderPaid, campaigns: Campaigns, signed: Signed) -> OnlineOrderPaid:
    """The voucher is spent and its money held, in one step, until the evidence is complete."""
    caller = platform(signed)
    desk = order_desk_of(caller)
    if not await desk.knows(data.order_ref):
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    paid = Paid(
        order_ref=data.order_ref,
        payment_ref=data.payment_ref,
        paid_fen=data.paid_fen,
        payer=data.paid_by,
    )
    done = await redeemed(desk.till, caller, paid)
    slip = redemption_slip(campaigns, data.order_ref, done)
    judged = await desk.judged(data.order_ref)
    return alike(OnlineOrderPaid, slip, **judged_fields(data.order_ref, judged))


@post(
    "/orders/v1/cancellations",
    operation_id="cancelOnlineOrder",
    summary="Cancel an order before payment",
    tags=["orders"],
    security=SIGNED,
    status_code=200,
    response_headers=[NO_STORE],
)
async def cancel(data: OrderGivenUp, signed: Signed) -> OrderFreed:
    """The voucher is free again; of a paid order `already_redeemed`: take it back by a return."""
    caller = platform(signed)
    state = accepted(await order_desk_of(caller).till.unlock(caller, data.order_ref))
    is_closed = state is OrderState.CLOSED
    return OrderFreed(order_ref=data.order_ref, state="closed" if is_closed else "unlocked")


@get(
    "/orders/v1/orders/{order_ref:str}",
    operation_id="getOnlineOrder",
    summary="An order with its parcels",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def get_it(order_ref: RefInPath, campaigns: Campaigns, signed: Signed) -> ShownOnlineOrder:
    """What became of an order, and what its evidence still lacks."""
    caller = platform(signed)
    desk = order_desk_of(caller)
    found = accepted(await desk.show(order_ref))
    story = await desk.till.order(caller.acquirer.acquirer_id, order_ref)
    return online_order_slip(order_slip(campaigns, story), found)


ROUTES = (open_it, pay, cancel, get_it)
