"""Goods that come back over an acquirer's door.  收单退款"""

from litestar import post

from huiquan.web.acquirer.amounts import refunded
from huiquan.web.acquirer.callers import SIGNED, Partner, Ref
from huiquan.web.acquirer.desk import GoodsBack
from huiquan.web.acquirer.desks import desk_of
from huiquan.web.acquirer.slips import OrderRefund, refund_slip
from huiquan.web.answers import NO_STORE
from huiquan.web.merchant.slips import SentFen
from huiquan.web.wire import Wire


class OrderReturned(Wire):
    """Goods of this value came back, counted in what was left to pay after offers."""

    refund_ref: Ref
    payment_ref: Ref
    amount_fen: SentFen


@post(
    "/acquirer/v1/refunds",
    operation_id="refundOrder",
    summary="Refund",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def refund_order(data: OrderReturned, partner: Partner) -> OrderRefund:
    """Split what comes back between customer and fund: pay the customer to_consumer_fen."""
    back = GoodsBack(
        refund_ref=data.refund_ref, payment_ref=data.payment_ref, amount_fen=data.amount_fen
    )
    return refund_slip(await refunded(desk_of(partner), partner, back))


ROUTES = (refund_order,)
