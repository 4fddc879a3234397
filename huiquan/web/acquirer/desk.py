"""The desk behind the acquirer's door: the real one, or the sandbox's.  收单柜台

Both take the same requests and give the same answers; which one an acquirer meets follows from
how it was added, never from what it asks.
"""

from dataclasses import dataclass
from typing import Protocol

from huiquan.actions.close_order import close_order
from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.app import App
from huiquan.domain.offers import Order
from huiquan.domain.order_rules import Payer
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.serials import Name, write_name
from huiquan.domain.shortfalls import Shortfall
from huiquan.domain.tills import Terminal
from huiquan.views import till
from huiquan.views.acquirer_orders import (
    OrderState,
    OrderStory,
    RefundLine,
    order_by_order,
    order_by_payment,
    order_by_refund,
    order_place,
    payment_place,
)
from huiquan.views.till import Quoted, VoucherKind
from huiquan.web.acquirer.callers import AcquirerCaller


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A payment as an acquirer reports it."""

    order_ref: str
    payment_ref: str
    paid_fen: int
    payer: Payer


@dataclass(frozen=True, kw_only=True)
class GoodsBack:
    """Goods that came back, under the acquirer's own number."""

    refund_ref: str
    payment_ref: str
    amount_fen: int


class Desk(Protocol):
    """Whoever carries out what an acquirer asks."""

    async def quote(self, at: Terminal, code: str, order: Order) -> Quoted | Refusal:
        """What a voucher would do to an order."""

    async def shortfall(self, at: Terminal, code: str, order: Order) -> Shortfall | None:
        """What an order lacks that is below the threshold."""

    async def voucher_kind(self, at: Terminal, code: str) -> VoucherKind | None:
        """What kind of voucher stands behind a code."""

    async def lock(self, at: Terminal, code: str, order: Order) -> Lock | Refusal:
        """Set it aside."""

    async def redeem(self, caller: AcquirerCaller, paid: Paid) -> Redemption | Refusal:
        """Spend it."""

    async def unlock(self, caller: AcquirerCaller, order_ref: str) -> OrderState | Refusal:
        """Give it back, or close an order that never arrived."""

    async def refund(self, caller: AcquirerCaller, back: GoodsBack) -> RefundLine | Refusal:
        """Take goods back."""

    async def order(self, acquirer_id: int, order_ref: str) -> OrderStory:
        """An order by its number."""

    async def payment(self, acquirer_id: int, payment_ref: str) -> OrderStory:
        """An order by its payment's number."""

    async def refunded(self, acquirer_id: int, refund_ref: str) -> OrderStory:
        """An order by a refund's number."""


@dataclass(frozen=True, kw_only=True)
class RealDesk:
    """The desk at which vouchers and money are real: the till's own actions."""

    app: App

    async def quote(self, at: Terminal, code: str, order: Order) -> Quoted | Refusal:
        """What a voucher would do to an order; nothing moves."""
        return await till.quote(self.app, at, code, order)

    async def shortfall(self, at: Terminal, code: str, order: Order) -> Shortfall | None:
        """What an order lacks that is below the threshold of the voucher behind a code."""
        return await till.shortfall(self.app, at, code, order)

    async def voucher_kind(self, at: Terminal, code: str) -> VoucherKind | None:
        """What kind of voucher stands behind a code, or None."""
        return await till.voucher_kind(self.app, at, code)

    async def lock(self, at: Terminal, code: str, order: Order) -> Lock | Refusal:
        """Set a voucher aside, once for each order's number."""
        asked = LockAsked(
            request_key=f"order {at.ref}",
            code=code,
            order_fen=order.order_fen,
            offers=order.offers,
        )
        return await lock_voucher(self.app, at, asked)

    async def redeem(self, caller: AcquirerCaller, paid: Paid) -> Redemption | Refusal:
        """Spend the voucher of an order, once for each payment's number."""
        acquirer_id = caller.acquirer.acquirer_id
        order = await order_place(self.app, acquirer_id, paid.order_ref)
        if order is None:
            return Refusal.UNKNOWN_ORDER
        if order.place is None or order.store_id is None:
            return Refusal.ORDER_CLOSED
        asked = RedeemAsked(
            request_key=f"payment {paid.payment_ref}",
            lock=_lock_name(order.place),
            payment_ref=paid.payment_ref,
            paid_fen=paid.paid_fen,
            payer=paid.payer,
        )
        at = caller.standing(order.store_id, order.terminal, paid.order_ref)
        return await redeem_voucher(self.app, at, asked)

    async def unlock(self, caller: AcquirerCaller, order_ref: str) -> OrderState | Refusal:
        """Give a voucher back; an order that never arrived is closed for good."""
        acquirer_id = caller.acquirer.acquirer_id
        order = await order_place(self.app, acquirer_id, order_ref)
        if order is None and not await close_order(self.app, acquirer_id, order_ref):
            order = await order_place(self.app, acquirer_id, order_ref)
        if order is None or order.place is None or order.store_id is None:
            return OrderState.CLOSED
        asked = UnlockAsked(request_key=f"unlock {order_ref}", lock=_lock_name(order.place))
        at = caller.standing(order.store_id, order.terminal, order_ref)
        given_up = await unlock_voucher(self.app, at, asked)
        return given_up if isinstance(given_up, Refusal) else OrderState.UNLOCKED

    async def refund(self, caller: AcquirerCaller, back: GoodsBack) -> RefundLine | Refusal:
        """Take goods back, once for each refund's number."""
        order = await payment_place(self.app, caller.acquirer.acquirer_id, back.payment_ref)
        if order is None or order.place is None or order.store_id is None:
            return Refusal.UNKNOWN_PAYMENT
        asked = RefundAsked(
            request_key=f"refund {back.refund_ref}",
            redemption=_redemption_name(order.place),
            amount_fen=back.amount_fen,
        )
        at = caller.standing(order.store_id, order.terminal, back.refund_ref)
        done = await refund_redemption(self.app, at, asked)
        return done if isinstance(done, Refusal) else refund_line(back.refund_ref, done)

    async def order(self, acquirer_id: int, order_ref: str) -> OrderStory:
        """An order by its number."""
        return await order_by_order(self.app, acquirer_id, order_ref)

    async def payment(self, acquirer_id: int, payment_ref: str) -> OrderStory:
        """An order by its payment's number."""
        return await order_by_payment(self.app, acquirer_id, payment_ref)

    async def refunded(self, acquirer_id: int, refund_ref: str) -> OrderStory:
        """An order by a refund's number."""
        return await order_by_refund(self.app, acquirer_id, refund_ref)


def refund_line(refund_ref: str, done: Refund) -> RefundLine:
    """A refund as it was right after it was made."""
    return RefundLine(
        refund_ref=refund_ref,
        refund=done.refund_id,
        amount_fen=done.amount_fen,
        to_consumer_fen=done.to_consumer_fen,
        to_fund_fen=done.to_fund_fen,
        refunded_fen=done.so_far.refunded_fen,
        left_fen=done.left_fen,
        refunded_at=done.refunded_at,
    )


def _lock_name(place: tuple[int, int, int, int]) -> str:
    campaign_id, lane, idx, lock_no = place
    return write_name("L", Name(campaign_id, lane, idx, (lock_no,)))


def _redemption_name(place: tuple[int, int, int, int]) -> str:
    campaign_id, lane, idx, lock_no = place
    return write_name("R", Name(campaign_id, lane, idx, (lock_no,)))
