"""What a platform says of a paid order: parcels, address, interception, goods back.  订单变更"""

from datetime import datetime
from typing import Annotated, Any

from litestar import post
from msgspec import Meta

from huiquan.domain.addresses import ADDRESS_MAX
from huiquan.domain.online_orders import LINES_MAX
from huiquan.domain.order_requests import ChangeTold, ParcelAsked
from huiquan.domain.parcel_events import EventKind
from huiquan.domain.refusals import Refusal
from huiquan.web.acquirer.amounts import refunded
from huiquan.web.acquirer.callers import SIGNED, Ref
from huiquan.web.acquirer.desk import GoodsBack
from huiquan.web.acquirer.slips import refund_slip
from huiquan.web.answers import NO_STORE, RefusedError, accepted
from huiquan.web.merchant.slips import SentFen
from huiquan.web.orders.callers import Signed, SigningCaller, platform
from huiquan.web.orders.desk import OrderDesk, order_desk_of
from huiquan.web.orders.orders import Quantity
from huiquan.web.orders.slips import (
    AddressChanged,
    OnlineOrderReturned,
    OrderJudged,
    judged_fields,
)
from huiquan.web.wire import Wire

Moment = Annotated[datetime, Meta(tz=True)]


class SentPieces(Wire):
    """So many pieces of a line; lines are numbered from 1 as they stood in the order."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    quantity: Quantity


SomePieces = Annotated[list[SentPieces], Meta(min_length=1, max_length=LINES_MAX)]


class ParcelDeclared(Wire):
    """A parcel of an order; an order that is split has several."""

    order_ref: Ref
    carrier: Ref
    waybill: Ref
    warehouse: Ref
    lines: SomePieces


class AddressTold(Wire):
    """The customer wants it elsewhere."""

    order_ref: Ref
    change_ref: Ref
    changed_at: Moment
    address: Annotated[str, Meta(min_length=1, max_length=ADDRESS_MAX)]


class ParcelIntercepted(Wire):
    """The platform has the carrier stop a parcel."""

    order_ref: Ref
    change_ref: Ref
    changed_at: Moment
    carrier: Ref
    waybill: Ref


class GoodsReturned(Wire):
    """Goods came back, or were never sent: their value after offers, and which they are."""

    order_ref: Ref
    payment_ref: Ref
    refund_ref: Ref
    returned_at: Moment
    amount_fen: SentFen
    lines: SomePieces


@post(
    "/orders/v1/parcels",
    operation_id="declareParcel",
    summary="Declare a parcel",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def declare(data: ParcelDeclared, signed: Signed) -> OrderJudged:
    """Which goods are in it, from which warehouse, and who carries it."""
    desk = _desk(signed)
    asked = ParcelAsked(
        order_ref=data.order_ref,
        carrier=data.carrier,
        waybill=data.waybill,
        warehouse=data.warehouse,
        lines=_pairs(data.lines),
    )
    accepted(await desk.declare(asked))
    return OrderJudged(**await _judged(desk, data.order_ref))


@post(
    "/orders/v1/addresses",
    operation_id="changeAddress",
    summary="Change the delivery address",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def change_address(data: AddressTold, signed: Signed) -> AddressChanged:
    """Before shipping only within Hubei; after it what happened is taken down, whatever it is."""
    desk = _desk(signed)
    told = ChangeTold(
        order_ref=data.order_ref,
        change_ref=data.change_ref,
        kind=EventKind.ADDRESS_CHANGED,
        happened_at=data.changed_at,
        address=data.address,
    )
    noted = accepted(await desk.note(told))
    return AddressChanged(**await _judged(desk, data.order_ref), county=noted.county or "")


@post(
    "/orders/v1/interceptions",
    operation_id="interceptParcel",
    summary="Intercept a parcel",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def intercept(data: ParcelIntercepted, signed: Signed) -> OrderJudged:
    """It is not expected to arrive; if it is signed for afterwards, the signature counts."""
    desk = _desk(signed)
    told = ChangeTold(
        order_ref=data.order_ref,
        change_ref=data.change_ref,
        kind=EventKind.INTERCEPTED,
        happened_at=data.changed_at,
        carrier=data.carrier,
        waybill=data.waybill,
    )
    accepted(await desk.note(told))
    return OrderJudged(**await _judged(desk, data.order_ref))


@post(
    "/orders/v1/returns",
    operation_id="returnGoods",
    summary="Take goods back",
    tags=["orders"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def take_back(data: GoodsReturned, signed: Signed) -> OnlineOrderReturned:
    """Refund, split between customer and fund; also a paid order that is cancelled, in whole."""
    caller, desk = platform(signed), _desk(signed)
    paid = await desk.till.payment(caller.acquirer.acquirer_id, data.payment_ref)
    if paid.order_ref != data.order_ref:
        raise RefusedError(Refusal.UNKNOWN_PAYMENT)
    told = ChangeTold(
        order_ref=data.order_ref,
        change_ref=data.refund_ref,
        kind=EventKind.GOODS_BACK,
        happened_at=data.returned_at,
        lines=_pairs(data.lines),
    )
    back = GoodsBack(
        refund_ref=data.refund_ref, payment_ref=data.payment_ref, amount_fen=data.amount_fen
    )
    # The refund is final once it is made: what would refuse the goods is asked before it.
    accepted(await desk.change_flaw(told))
    refund = await refunded(desk.till, caller, back)
    accepted(await desk.note(told))
    fields = await _judged(desk, data.order_ref)
    return OnlineOrderReturned(**fields, refund=refund_slip(refund))


def _desk(signed: SigningCaller) -> OrderDesk:
    """The desk of a platform; whoever else signs is FORBIDDEN."""
    return order_desk_of(platform(signed))


async def _judged(desk: OrderDesk, order_ref: str) -> dict[str, Any]:
    """The fields of `OrderJudged`, as the order stands after what was said."""
    return judged_fields(order_ref, await desk.judged(order_ref))


def _pairs(lines: list[SentPieces]) -> tuple[tuple[int, int], ...]:
    return tuple((one.line, one.quantity) for one in lines)


ROUTES = (declare, change_address, intercept, take_back)
