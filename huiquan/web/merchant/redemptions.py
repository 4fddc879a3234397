"""Redemptions of this store, and goods that come back.  核销与退款"""

from datetime import datetime

from litestar import get, post

from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.views import till
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Campaigns, Cashier, House
from huiquan.web.merchant.slips import SentFen, ShownRedemption, redemption_fields
from huiquan.web.wire import RequestKeyText, Wire, shanghai


class ShownRefund(Wire):
    """One refund and its split; refunded_fen and left_fen as they were right after it."""

    refund: str
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    refunded_fen: int
    left_fen: int
    refunded_at: datetime


class RedemptionStory(ShownRedemption, kw_only=True):
    """A redemption with its refunds in order."""

    refunds: list[ShownRefund]


class Refunding(Wire):
    """Goods of this value came back, counted in what was left to pay after offers."""

    request_key: RequestKeyText
    amount_fen: SentFen


@get(
    "/api/v1/till/redemptions/{redemption:str}",
    operation_id="getRedemption",
    summary="One redemption",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_redemption(
    redemption: str, house: House, campaigns: Campaigns, cashier: Cashier
) -> RedemptionStory:
    """A redemption of this store with its refunds."""
    found = accepted(await till.redemption(house, cashier.cashier_id, redemption))
    refunds = [
        ShownRefund(
            refund=line.refund,
            amount_fen=line.amount_fen,
            to_consumer_fen=line.to_consumer_fen,
            to_fund_fen=line.to_fund_fen,
            refunded_fen=line.refunded_fen,
            left_fen=line.left_fen,
            refunded_at=shanghai(line.refunded_at),
        )
        for line in found.refunds
    ]
    fields = redemption_fields(campaigns, found.row.redemption, found.row.so_far)
    return RedemptionStory(**fields, refunds=refunds)


@post(
    "/api/v1/till/redemptions/{redemption:str}/refunds",
    operation_id="refundRedemption",
    summary="Refund",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def refund(redemption: str, data: Refunding, house: House, cashier: Cashier) -> ShownRefund:
    """Split what comes back between customer and fund (R2.4)."""
    asked = RefundAsked(
        request_key=data.request_key, redemption=redemption, amount_fen=data.amount_fen
    )
    done = accepted(await refund_redemption(house, cashier.cashier_id, asked))
    return ShownRefund(
        refund=done.refund_id,
        amount_fen=done.amount_fen,
        to_consumer_fen=done.to_consumer_fen,
        to_fund_fen=done.to_fund_fen,
        refunded_fen=done.so_far.refunded_fen,
        left_fen=done.left_fen,
        refunded_at=shanghai(done.refunded_at),
    )


ROUTES = (get_redemption, refund)
