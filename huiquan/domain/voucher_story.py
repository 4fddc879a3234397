"""A voucher's story: all that happened to it and its money, in words its holder reads.  券的经过

Each line is made here and nowhere else, so that phone, counter and complaint desk say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huiquan.domain.money import yuan
from huiquan.domain.redemptions import LockState, Quote
from huiquan.domain.vouchers import State, Voucher, state_at


class Event(StrEnum):
    """What can happen to a voucher."""

    ISSUED = "issued"  # 发放
    LOCKED = "locked"  # 占用
    RELEASED = "released"  # 收银员解除
    LAPSED = "lapsed"  # 占用超时
    REDEEMED = "redeemed"  # 核销
    REFUNDED = "refunded"  # 退款
    RETURNED = "returned"  # 退券
    EXPIRED = "expired"  # 过期


@dataclass(frozen=True, kw_only=True)
class LockFact:
    """A lock of the voucher: where, for which order, and how it ended (closed_at None: open).

    redemption: the number of what came of it, if it was paid.
    """

    store: str
    quote: Quote
    state: LockState
    locked_at: datetime
    locked_until: datetime
    closed_at: datetime | None = None
    redemption: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefundFact:
    """A refund and its split; voucher_returns if it gave the voucher back to its holder."""

    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    refunded_at: datetime
    voucher_returns: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the story: when, what, the amount it is about (if one is), and the words."""

    at: datetime
    kind: Event
    amount_fen: int | None
    zh: str
    en: str


def tell(
    voucher: Voucher,
    locks: Sequence[LockFact],
    refunds: Sequence[RefundFact],
    now: datetime,
) -> list[Line]:
    """The whole story up to now, in the order in which it happened, every amount named (R5.3).

    A lock or a validity that ended says so at its end, whoever noted it in the books later.
    """
    lines = [_issued(voucher)]
    for lock in locks:
        lines += _of_lock(lock, now)
    for refund in refunds:
        lines += _of_refund(refund)
    if state_at(voucher, now) is State.EXPIRED:
        lines.append(_expired(voucher))
    return sorted(lines, key=lambda line: line.at)


def _issued(voucher: Voucher) -> Line:
    face, threshold = yuan(voucher.face_fen), yuan(voucher.threshold_fen)
    return Line(
        at=voucher.issued_at,
        kind=Event.ISSUED,
        amount_fen=voucher.face_fen,
        zh=f"中签：满 {threshold} 元立减 {face} 元，券款已预留",
        en=f"Won: {face} yuan off {threshold} yuan or more; the money is set aside",
    )


def _of_lock(lock: LockFact, now: datetime) -> list[Line]:
    net = yuan(lock.quote.net_fen)
    taken = Line(
        at=lock.locked_at,
        kind=Event.LOCKED,
        amount_fen=None,
        zh=f"在“{lock.store}”占用：优惠后金额 {net} 元，等待付款",
        en=f"Locked at {lock.store} for an order of {net} yuan after offers, until it is paid",
    )
    end = _end_of_lock(lock, now)
    return [taken, end] if end else [taken]


def _end_of_lock(lock: LockFact, now: datetime) -> Line | None:
    if lock.state is LockState.REDEEMED and lock.closed_at:
        return _redeemed(lock, lock.closed_at)
    if lock.state is LockState.RELEASED and lock.closed_at:
        return Line(
            at=lock.closed_at,
            kind=Event.RELEASED,
            amount_fen=None,
            zh=f"“{lock.store}”解除占用，券可以继续使用",
            en=f"Released by {lock.store}; the voucher can be used again",
        )
    if now < lock.locked_until:
        return None
    return Line(
        at=lock.locked_until,
        kind=Event.LAPSED,
        amount_fen=None,
        zh="占用超时，自动解除",
        en="The lock timed out and was released",
    )


def _redeemed(lock: LockFact, at: datetime) -> Line:
    quote = lock.quote
    order, offers, net = yuan(quote.order_fen), yuan(quote.offers_fen), yuan(quote.net_fen)
    discount, to_pay = yuan(quote.discount_fen), yuan(quote.to_pay_fen)
    return Line(
        at=at,
        kind=Event.REDEEMED,
        amount_fen=quote.discount_fen,
        zh=(
            f"在“{lock.store}”使用：订单 {order} 元，商家和平台优惠 {offers} 元，"
            f"优惠后 {net} 元，立减 {discount} 元，实付 {to_pay} 元"
        ),
        en=(
            f"Redeemed at {lock.store}: order {order} yuan, offers {offers}, "
            f"after offers {net}, voucher {discount}, paid {to_pay}"
        ),
    )


def _of_refund(refund: RefundFact) -> list[Line]:
    goods, fund = yuan(refund.amount_fen), yuan(refund.to_fund_fen)
    consumer = yuan(refund.to_consumer_fen)
    line = Line(
        at=refund.refunded_at,
        kind=Event.REFUNDED,
        amount_fen=refund.amount_fen,
        zh=f"退货 {goods} 元：退给您 {consumer} 元，退回专用账户 {fund} 元",
        en=f"Goods for {goods} yuan returned: {consumer} to you, {fund} to the fund",
    )
    if not refund.voucher_returns:
        return [line]
    returned = Line(
        at=refund.refunded_at,
        kind=Event.RETURNED,
        amount_fen=None,
        zh="全额退款，券已退回，有效期不变",
        en="The whole order was refunded: the voucher is yours again, with the same end",
    )
    return [line, returned]


def _expired(voucher: Voucher) -> Line:
    face = yuan(voucher.face_fen)
    return Line(
        at=voucher.valid_until,
        kind=Event.EXPIRED,
        amount_fen=voucher.face_fen,
        zh=f"过期未用，预留的 {face} 元退回专用账户",
        en=f"Expired unused; the {face} yuan set aside go back to the fund",
    )
