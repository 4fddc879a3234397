"""Asked again after a lost answer: what became of an order, a payment, a refund?  收单查询

A number that never arrived is an answer, not a refusal. It may still be under way: for five
minutes from its time, unless the order is closed by unlocking it.
"""

from litestar import get

from huiquan.web.acquirer.callers import SIGNED, Partner, RefInPath
from huiquan.web.acquirer.desks import desk_of
from huiquan.web.acquirer.slips import ShownOrder, order_slip
from huiquan.web.answers import NO_STORE


@get(
    "/acquirer/v1/orders/{order_ref:str}",
    operation_id="getOrder",
    summary="An order by its number",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def get_order(order_ref: RefInPath, partner: Partner) -> ShownOrder:
    """What became of an order."""
    desk, asking = desk_of(partner), partner.acquirer.acquirer_id
    return order_slip(partner.campaigns, await desk.order(asking, order_ref))


@get(
    "/acquirer/v1/payments/{payment_ref:str}",
    operation_id="getPayment",
    summary="An order by its payment's number",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def get_payment(payment_ref: RefInPath, partner: Partner) -> ShownOrder:
    """What became of a payment that was reported."""
    desk, asking = desk_of(partner), partner.acquirer.acquirer_id
    return order_slip(partner.campaigns, await desk.payment(asking, payment_ref))


@get(
    "/acquirer/v1/refunds/{refund_ref:str}",
    operation_id="getRefund",
    summary="An order by a refund's number",
    tags=["acquirer"],
    security=SIGNED,
    response_headers=[NO_STORE],
)
async def get_refund(refund_ref: RefInPath, partner: Partner) -> ShownOrder:
    """What became of a refund that was reported."""
    desk, asking = desk_of(partner), partner.acquirer.acquirer_id
    return order_slip(partner.campaigns, await desk.refunded(asking, refund_ref))


ROUTES = (get_order, get_payment, get_refund)
