"""An acquirer's order, from the scan to the payment: quote, lock, redeem, unlock.  收单接口"""

from typing import Annotated, Literal

from litestar import post
from msgspec import Meta

from huiquan.domain.offers import Order
from huiquan.domain.order_rules import Payer
from huiquan.views.acquirer_orders import OrderState
from huiquan.web.acquirer.amounts import redeemed
from huiquan.web.acquirer.callers import SIGNED, Partner, Ref, StoreCode, TerminalName
from huiquan.web.acquirer.desk import Paid
from huiquan.web.acquirer.desks import desk_of
from huiquan.web.acquirer.scans import Scan
from huiquan.web.acquirer.slips import OrderLocked, OrderRedeemed, lock_slip, redemption_slip
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.limits import Allowance
from huiquan.web.merchant.slips import (
    SentCode,
    SentFen,
    SentOffers,
    ShownQuote,
    offers_of,
    quote_fields,
)
from huiquan.web.wire import Wire

# Codes tried out at random need months at this pace; a large store with forty tills does not.
SCAN_OF_STORE = Allowance(name="scan/acquirer", at_once=120, every_s=0.25)


class OrderScanned(Wire):
    """A scanned code and an order at a store."""

    store: StoreCode
    code: SentCode
    order_fen: SentFen
    offers: SentOffers
    terminal: TerminalName = ""


class OrderLocking(OrderScanned, kw_only=True):
    """The same under the acquirer's number of the order."""

    order_ref: Ref


class OrderPaid(Wire):
    """The customer has paid: what, under which number, and from whose account if that is known."""

    order_ref: Ref
    payment_ref: Ref
    paid_fen: SentFen
    paid_by: Annotated[Payer, Meta(description="holder, other or unknown")] = Payer.UNKNOWN


class OrderGivenUp(Wire):
    """Nothing comes of this order."""

    order_ref: Ref


class OrderFreed(Wire):
    """The voucher is free again; closed: the order never arrived, and never will."""

    order_ref: str
    state: Literal["unlocked", "closed"]


@post(
    "/acquirer/v1/quote",
    operation_id="quoteOrder",
    summary="The sums before anything moves",
    tags=["acquirer"],
    security=SIGNED,
    status_code=200,
    response_headers=[NO_STORE],
)
async def quote_order(data: OrderScanned, partner: Partner) -> ShownQuote:
    """What the voucher behind a code would do to this order."""
    quoted = await (await _scan(data, partner, "")).quoted()
    return ShownQuote(**quote_fields(partner.campaigns, quoted.campaign_id, quoted.quote))


@post(
    "/acquirer/v1/locks",
    operation_id="lockOrder",
    summary="Set a voucher aside for an order",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def lock_order(data: OrderLocking, partner: Partner) -> OrderLocked:
    """The voucher is set aside and its code used up; one voucher an order."""
    taken = await (await _scan(data, partner, data.order_ref)).locked()
    return lock_slip(partner.campaigns, data.order_ref, taken)


@post(
    "/acquirer/v1/redemptions",
    operation_id="redeemOrder",
    summary="Redeem after payment",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def redeem_order(data: OrderPaid, partner: Partner) -> OrderRedeemed:
    """The customer has paid: the voucher is spent, the fund owes the merchant."""
    paid = Paid(
        order_ref=data.order_ref,
        payment_ref=data.payment_ref,
        paid_fen=data.paid_fen,
        payer=data.paid_by,
    )
    done = await redeemed(desk_of(partner), partner, paid)
    return redemption_slip(partner.campaigns, data.order_ref, done)


@post(
    "/acquirer/v1/unlocks",
    operation_id="unlockOrder",
    summary="Give a voucher back, or close an order that never arrived",
    tags=["acquirer"],
    security=SIGNED,
    status_code=200,
    response_headers=[NO_STORE],
)
async def unlock_order(data: OrderGivenUp, partner: Partner) -> OrderFreed:
    """Nothing can be paid under this order any more."""
    state = accepted(await desk_of(partner).unlock(partner, data.order_ref))
    is_closed = state is OrderState.CLOSED
    return OrderFreed(order_ref=data.order_ref, state="closed" if is_closed else "unlocked")


async def _scan(data: OrderScanned, partner: Partner, order_ref: str) -> Scan:
    partner.limits.take(SCAN_OF_STORE, f"{partner.acquirer.acquirer_id}/{data.store}")
    return Scan(
        house=partner.house,
        campaigns=partner.campaigns,
        desk=desk_of(partner),
        at=await partner.at(data.store, data.terminal, order_ref),
        code=data.code,
        order=Order(order_fen=data.order_fen, offers=offers_of(data.offers)),
    )


ROUTES = (quote_order, lock_order, redeem_order, unlock_order)
