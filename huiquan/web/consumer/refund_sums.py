"""What bringing goods back would give me, and what each refund gave.  退款试算"""

from litestar import get, post

from huiquan.views import refund_sums
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Consumer, House
from huiquan.web.refund_slips import RefundAmount, RefundSums, RefundSumsPage, sums_of


@post(
    "/api/v1/vouchers/{serial:str}/refund-quotes",
    operation_id="quoteMyRefund",
    summary="A refund's sums before I bring goods back",
    tags=["consumer"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def quote_my_refund(
    serial: str, data: RefundAmount, house: House, consumer: Consumer
) -> RefundSums:
    """Line by line who would get what; the refund itself is done at the store."""
    quoted = await refund_sums.quote_of_consumer(
        house, consumer.campaign_id, consumer.registrant, serial, data.amount_fen
    )
    return sums_of(accepted(quoted))


@get(
    "/api/v1/vouchers/{serial:str}/refunds",
    operation_id="listMyRefunds",
    summary="The refunds of my order with their sums",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_my_refunds(serial: str, house: House, consumer: Consumer) -> RefundSumsPage:
    """Line by line what each refund did."""
    found = await refund_sums.refunds_of_consumer(
        house, consumer.campaign_id, consumer.registrant, serial
    )
    return RefundSumsPage(items=[sums_of(one) for one in accepted(found)])


ROUTES = (quote_my_refund, list_my_refunds)
