"""What stands in the answers of the acquirer's door: orders, locks, redemptions, refunds.  报文"""

from datetime import datetime
from typing import Any

from huiquan.domain.redemptions import LATE_PAYMENT_GRACE, Lock, Redemption
from huiquan.views.acquirer_orders import OrderState, OrderStory, RefundLine
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.merchant.slips import ShownQuote, quote_fields
from huiquan.web.wire import Wire, shanghai


class OrderLocked(ShownQuote, kw_only=True):
    """A voucher is set aside; the payment may be reported until report_until at the latest."""

    order_ref: str
    lock: str
    locked_until: datetime
    report_until: datetime


class OrderRedeemed(ShownQuote, kw_only=True):
    """A voucher is spent."""

    order_ref: str
    payment_ref: str
    redemption: str
    redeemed_at: datetime


class OrderRefund(Wire):
    """One refund with its split; refunded_fen and left_fen as they were right after it."""

    refund_ref: str
    refund: str
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    refunded_fen: int
    left_fen: int
    refunded_at: datetime


class ShownOrder(Wire):
    """What an order has come to. Of a number that never arrived nothing but that is known."""

    state: OrderState
    order_ref: str | None
    lock: OrderLocked | None
    redemption: OrderRedeemed | None
    refunds: list[OrderRefund]


def lock_slip(campaigns: CampaignCache, order_ref: str, lock: Lock) -> OrderLocked:
    """A lock as an acquirer sees it."""
    return OrderLocked(
        **quote_fields(campaigns, lock.campaign_id, lock.quote),
        order_ref=order_ref,
        lock=lock.lock_id,
        locked_until=shanghai(lock.locked_until),
        report_until=shanghai(lock.locked_until + LATE_PAYMENT_GRACE),
    )


def redemption_slip(campaigns: CampaignCache, order_ref: str, paid: Redemption) -> OrderRedeemed:
    """A redemption as an acquirer sees it."""
    return OrderRedeemed(
        **quote_fields(campaigns, paid.campaign_id, paid.quote),
        order_ref=order_ref,
        payment_ref=paid.payment_ref,
        redemption=paid.redemption_id,
        redeemed_at=shanghai(paid.redeemed_at),
    )


def refund_slip(line: RefundLine) -> OrderRefund:
    """A refund as an acquirer sees it."""
    fields: dict[str, Any] = {
        name: getattr(line, name) for name in OrderRefund.__struct_fields__ if name != "refunded_at"
    }
    return OrderRefund(**fields, refunded_at=shanghai(line.refunded_at))


def order_slip(campaigns: CampaignCache, story: OrderStory) -> ShownOrder:
    """Everything about an order."""
    ref = story.order_ref or ""
    return ShownOrder(
        state=story.state,
        order_ref=story.order_ref,
        lock=lock_slip(campaigns, ref, story.lock) if story.lock else None,
        redemption=(
            redemption_slip(campaigns, ref, story.redemption) if story.redemption else None
        ),
        refunds=[refund_slip(line) for line in story.refunds],
    )
