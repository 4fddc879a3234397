"""What would this voucher do to this order? Nothing moves, the code stays good.  试算"""

from functools import partial

from litestar import post

from huiquan.domain.offers import Order
from huiquan.views import till
from huiquan.web.answers import NO_STORE
from huiquan.web.callers import SECURITY, Campaigns, Cashier, Doorkeeper, House
from huiquan.web.merchant.slips import (
    SCAN_OF_CASHIER,
    SentCode,
    SentFen,
    SentOffers,
    ShownQuote,
    offers_of,
    quote_fields,
)
from huiquan.web.shortfalls import accepted_order
from huiquan.web.wire import Wire


class Quoting(Wire):
    """A scanned code and an order."""

    code: SentCode
    order_fen: SentFen
    offers: SentOffers


@post(
    "/api/v1/till/quotes",
    operation_id="quote",
    summary="The sums before anything moves",
    tags=["till"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def quote(
    data: Quoting, house: House, campaigns: Campaigns, cashier: Cashier, limits: Doorkeeper
) -> ShownQuote:
    """The sums, or the reason why this voucher cannot be used here."""
    limits.take(SCAN_OF_CASHIER, str(cashier.cashier_id))
    order = Order(order_fen=data.order_fen, offers=offers_of(data.offers))
    asked = (house, cashier.cashier_id, data.code, order)
    quoted = await accepted_order(await till.quote(*asked), partial(till.shortfall, *asked))
    return ShownQuote(**quote_fields(campaigns, quoted.campaign_id, quoted.quote))


ROUTES = (quote,)
