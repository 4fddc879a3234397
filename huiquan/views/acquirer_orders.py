"""What an acquirer is shown of its own orders: asked by any of its own numbers.  收单查单"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huiquan.app import App
from huiquan.db import acquirer_orders, locks, redemptions, refunds
from huiquan.db.acquirer_orders import OrderPlace
from huiquan.db.connection import Tx
from huiquan.domain.redemptions import Lock, LockState, Redemption
from huiquan.domain.refunds import refund_id


class OrderState(StrEnum):
    """What an acquirer's order has come to."""

    NEVER_ARRIVED = "never_arrived"  # 未收到
    CLOSED = "closed"  # 已关闭
    LOCKED = "locked"  # 已占用
    LAPSED = "lapsed"  # 占用超时
    UNLOCKED = "unlocked"  # 已解除
    REDEEMED = "redeemed"  # 已核销
    PARTLY_REFUNDED = "partly_refunded"  # 部分退款
    REFUNDED = "refunded"  # 全额退款


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One refund of an order, under the acquirer's number and ours; refunded_fen counts it, too."""

    refund_ref: str
    refund: str
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    refunded_fen: int
    left_fen: int
    refunded_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderStory:
    """Everything about one order; lock and redemption are None where there is none."""

    state: OrderState
    order_ref: str | None = None
    lock: Lock | None = None
    redemption: Redemption | None = None
    refunds: tuple[RefundLine, ...] = ()


async def store_numbered(app: App, code: str) -> int | None:
    """The id of the store with this code of ours, or None."""
    return await app.remembered.store_id(app.db, code)


async def order_place(app: App, acquirer_id: int, order_ref: str) -> OrderPlace | None:
    """Where an acquirer's order stands, or None when it never arrived."""
    async with app.db.asking() as tx:
        return await acquirer_orders.find_order(tx, acquirer_id, order_ref)


async def payment_place(app: App, acquirer_id: int, payment_ref: str) -> OrderPlace | None:
    """Where the order of an acquirer's payment stands, or None when the payment never arrived."""
    async with app.db.asking() as tx:
        return await acquirer_orders.find_order_paid(tx, acquirer_id, payment_ref)


async def order_by_order(app: App, acquirer_id: int, order_ref: str) -> OrderStory:
    """An order by its own number."""
    async with app.db.reading() as tx:
        return await _story(tx, acquirer_id, order_ref, app.clock())


async def order_by_payment(app: App, acquirer_id: int, payment_ref: str) -> OrderStory:
    """The order that a payment was for."""
    async with app.db.reading() as tx:
        order_ref = await acquirer_orders.order_of_payment(tx, acquirer_id, payment_ref)
        return await _story(tx, acquirer_id, order_ref, app.clock())


async def order_by_refund(app: App, acquirer_id: int, refund_ref: str) -> OrderStory:
    """The order that a refund was of."""
    async with app.db.reading() as tx:
        order_ref = await acquirer_orders.order_of_refund(tx, acquirer_id, refund_ref)
        return await _story(tx, acquirer_id, order_ref, app.clock())


async def _story(tx: Tx, acquirer_id: int, order_ref: str | None, now: datetime) -> OrderStory:
    order = order_ref and await acquirer_orders.find_order(tx, acquirer_id, order_ref)
    if not order:
        return OrderStory(state=OrderState.NEVER_ARRIVED)
    if order.place is None:
        return OrderStory(state=OrderState.CLOSED, order_ref=order.order_ref)
    lock = await locks.find(tx, *order.place)
    assert lock is not None, "an order's number stands for a lock"
    row = await redemptions.find(tx, *order.place)
    if row is None:
        return OrderStory(state=_lock_state(lock, now), order_ref=order.order_ref, lock=lock)
    paid, so_far = row.redemption, row.so_far
    whole = OrderState.REFUNDED if so_far.refunded_fen == paid.quote.net_fen else None
    some = OrderState.PARTLY_REFUNDED if so_far.refunded_fen else OrderState.REDEEMED
    return OrderStory(
        state=whole or some,
        order_ref=order.order_ref,
        lock=lock,
        redemption=paid,
        refunds=await _refunds(tx, acquirer_id, paid),
    )


def _lock_state(lock: Lock, now: datetime) -> OrderState:
    """Open, given up, or over by its time, whether or not that was noted already."""
    if lock.state is LockState.RELEASED:
        return OrderState.UNLOCKED
    is_open = lock.state is LockState.OPEN and now < lock.locked_until
    return OrderState.LOCKED if is_open else OrderState.LAPSED


async def _refunds(tx: Tx, acquirer_id: int, paid: Redemption) -> tuple[RefundLine, ...]:
    refs = await acquirer_orders.refund_refs(tx, acquirer_id, paid.payment_ref)
    rows = await refunds.of_voucher(tx, paid.campaign_id, paid.lane, paid.idx)
    lines, refunded_fen = [], 0
    for row in rows:
        if row.lock_no != paid.lock_no:
            continue
        refunded_fen += row.amount_fen
        lines.append(
            RefundLine(
                refund_ref=refs[row.refund_no],
                refund=refund_id(paid, row.refund_no),
                amount_fen=row.amount_fen,
                to_consumer_fen=row.to_consumer_fen,
                to_fund_fen=row.to_fund_fen,
                refunded_fen=refunded_fen,
                left_fen=paid.quote.net_fen - refunded_fen,
                refunded_at=row.refunded_at,
            )
        )
    return tuple(lines)
