"""The store's day at a glance.  今日"""

from litestar import get

from huiquan.views import till
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Campaigns, Cashier, House
from huiquan.web.merchant.slips import ShownRedemption, redemption_fields
from huiquan.web.wire import Wire


class TillToday(Wire):
    """Today at this store, in fen; items are the newest redemptions, 200 at most."""

    day: int
    redeemed_count: int
    discount_fen: int
    order_fen: int
    refunded_count: int
    refunded_fen: int
    items: list[ShownRedemption]


@get(
    "/api/v1/till/today",
    operation_id="getTillToday",
    summary="Today at this store",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_today(house: House, campaigns: Campaigns, cashier: Cashier) -> TillToday:
    """What this store redeemed and refunded since midnight in Shanghai."""
    found = accepted(await till.today(house, cashier.cashier_id))
    items = [
        ShownRedemption(**redemption_fields(campaigns, row.redemption, row.so_far))
        for row in found.items
    ]
    return TillToday(
        day=found.day,
        redeemed_count=found.redeemed_count,
        discount_fen=found.discount_fen,
        order_fen=found.order_fen,
        refunded_count=found.refunded_count,
        refunded_fen=found.refunded_fen,
        items=items,
    )


ROUTES = (get_today,)
