"""Callbacks: what an acquirer is told after a commit, and how patiently.  回调通知

    waiting --its machine says that it knows--> acknowledged
       |  <-- not yet: after 2 s, 4 s, 8 s … an hour, for seven days
       \\--> parked, for a person

A callback may come twice and out of order. Its `event` is the same each time, names the thing and
not the message, so whoever keeps the events it has seen acts once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from huiquan.domain.days import SHANGHAI
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One thing to tell an acquirer: its lasting name, and the exact text that is sent."""

    event: str
    body: str


def redeemed(order_ref: str, paid: Redemption) -> Callback:
    """A voucher was redeemed under this order."""
    return _callback(
        "redeemed",
        paid.redemption_id,
        paid.redeemed_at,
        order_ref=order_ref,
        payment_ref=paid.payment_ref,
        redemption=paid.redemption_id,
        order_fen=paid.quote.order_fen,
        discount_fen=paid.quote.discount_fen,
        paid_fen=paid.quote.to_pay_fen,
    )


def refunded(refund_ref: str, refund: Refund) -> Callback:
    """Goods of a redemption came back."""
    return _callback(
        "refunded",
        refund.refund_id,
        refund.refunded_at,
        refund_ref=refund_ref,
        payment_ref=refund.redemption.payment_ref,
        refund=refund.refund_id,
        amount_fen=refund.amount_fen,
        to_consumer_fen=refund.to_consumer_fen,
        to_fund_fen=refund.to_fund_fen,
    )


def unlocked(order_ref: str, lock: Lock, at: datetime) -> Callback:
    """A lock was given up; nothing can be paid under it any more."""
    return _callback("unlocked", lock.lock_id, at, order_ref=order_ref, lock=lock.lock_id)


def next_try_at(tries: int, created_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many tries without an answer; None when patience is at its end."""
    pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
    return now + pause if now + pause < created_at + PATIENCE else None


def _callback(kind: str, name: str, at: datetime, **fields: Any) -> Callback:
    event = f"{kind}/{name}"
    told = {"event": event, "kind": kind, "at": at.astimezone(SHANGHAI).isoformat(), **fields}
    return Callback(event=event, body=msgspec.json.encode(told).decode())
