"""Locks: set a voucher aside while the customer pays, redeem it, or give it back.  占用与核销"""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from litestar import post
from msgspec import Meta

from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.domain.offers import Order
from huiquan.domain.redemptions import PAYMENT_REF_MAX
from huiquan.domain.refunds import RefundsSoFar
from huiquan.views import till
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Campaigns, Cashier, Doorkeeper, House
from huiquan.web.merchant.slips import (
    SCAN_OF_CASHIER,
    SentCode,
    SentFen,
    SentOffers,
    ShownQuote,
    ShownRedemption,
    offers_of,
    quote_fields,
    redemption_fields,
)
from huiquan.web.shortfalls import accepted_order
from huiquan.web.wire import RequestKeyText, Wire, shanghai


class Locking(Wire):
    """A scanned code and the order it pays for."""

    request_key: RequestKeyText
    code: SentCode
    order_fen: SentFen
    offers: SentOffers


class ShownLock(ShownQuote, kw_only=True):
    """A voucher locked for an order."""

    lock: str
    locked_until: datetime


class Redeeming(Wire):
    """The customer has paid."""

    request_key: RequestKeyText
    payment_ref: Annotated[str, Meta(min_length=1, max_length=PAYMENT_REF_MAX)]


class Unlocking(Wire):
    """The customer went away."""

    request_key: RequestKeyText


class Unlocked(Wire):
    """The voucher is free again."""

    lock: str
    state: Literal["held"]


@post(
    "/api/v1/till/locks",
    operation_id="lockVoucher",
    summary="Lock a voucher for an order",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def lock_for_order(
    data: Locking, house: House, campaigns: Campaigns, cashier: Cashier, limits: Doorkeeper
) -> ShownLock:
    """The voucher is set aside and its code used up."""
    limits.take(SCAN_OF_CASHIER, str(cashier.cashier_id))
    asked = LockAsked(
        request_key=data.request_key,
        code=data.code,
        order_fen=data.order_fen,
        offers=offers_of(data.offers),
    )
    outcome = await lock_voucher(house, cashier.cashier_id, asked)
    order = Order(order_fen=asked.order_fen, offers=asked.offers)
    lacks = partial(till.shortfall, house, cashier.cashier_id, data.code, order)
    taken = await accepted_order(outcome, lacks)
    return ShownLock(
        **quote_fields(campaigns, taken.campaign_id, taken.quote),
        lock=taken.lock_id,
        locked_until=shanghai(taken.locked_until),
    )


@post(
    "/api/v1/till/locks/{lock:str}/redeem",
    operation_id="redeemVoucher",
    summary="Redeem after payment",
    tags=["till"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def redeem(
    lock: str, data: Redeeming, house: House, campaigns: Campaigns, cashier: Cashier
) -> ShownRedemption:
    """The customer has paid: the voucher is spent, the fund owes the merchant."""
    asked = RedeemAsked(request_key=data.request_key, lock=lock, payment_ref=data.payment_ref)
    paid = accepted(await redeem_voucher(house, cashier.cashier_id, asked))
    return ShownRedemption(**redemption_fields(campaigns, paid, RefundsSoFar()))


@post(
    "/api/v1/till/locks/{lock:str}/unlock",
    operation_id="unlockVoucher",
    summary="Give the voucher back",
    tags=["till"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def unlock(lock: str, data: Unlocking, house: House, cashier: Cashier) -> Unlocked:
    """The voucher is held again; nothing can be paid under this lock any more."""
    asked = UnlockAsked(request_key=data.request_key, lock=lock)
    given_up = accepted(await unlock_voucher(house, cashier.cashier_id, asked))
    return Unlocked(lock=given_up.lock_id, state="held")


ROUTES = (lock_for_order, redeem, unlock)
