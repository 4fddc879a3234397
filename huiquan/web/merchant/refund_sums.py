"""What a refund would do, before the cashier confirms it, and what each one did.  退款试算"""

from litestar import get, post

from huiquan.views import refund_sums
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Cashier, House
from huiquan.web.refund_slips import RefundAmount, RefundSums, RefundSumsPage, sums_of


@post(
    "/api/v1/till/redemptions/{redemption:str}/refund-quotes",
    operation_id="quoteRefund",
    summary="A refund's sums before anything moves",
    tags=["till"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def quote_refund(
    redemption: str, data: RefundAmount, house: House, cashier: Cashier
) -> RefundSums:
    """Line by line who would get what, or the reason why it cannot be refunded."""
    return sums_of(
        accepted(
            await refund_sums.quote_at_till(house, cashier.cashier_id, redemption, data.amount_fen)
        )
    )


@get(
    "/api/v1/till/redemptions/{redemption:str}/refunds",
    operation_id="listRefunds",
    summary="The refunds of a redemption with their sums",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_refunds(redemption: str, house: House, cashier: Cashier) -> RefundSumsPage:
    """Line by line what each refund did."""
    found = accepted(await refund_sums.refunds_at_till(house, cashier.cashier_id, redemption))
    return RefundSumsPage(items=[sums_of(one) for one in found])


ROUTES = (quote_refund, list_refunds)
