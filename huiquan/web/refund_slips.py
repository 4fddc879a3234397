"""How a refund's arithmetic is written, at the till and on the phone alike.  退款明细"""

from typing import Annotated

from msgspec import Meta

from huiquan.domain.refund_sums import refund_remarks, refund_sums
from huiquan.domain.refunds import Refund
from huiquan.web.wire import Wire

SentFen = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class RefundAmount(Wire):
    """Goods of this value would come back, counted in what was left to pay after offers."""

    amount_fen: SentFen


class SumLine(Wire):
    """One line of the arithmetic; what is taken off stands below zero."""

    label_zh: str
    label_en: str
    amount_fen: int


class Remark(Wire):
    """A sentence under the sums."""

    zh: str
    en: str


class RefundSums(Wire):
    """A refund, quoted or done: who gets what, and every line that leads there."""

    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    left_fen: int
    voucher_returns: bool
    is_late: bool
    lines: list[SumLine]
    remarks: list[Remark]


class RefundSumsPage(Wire):
    """Every refund of an order, the first first."""

    items: list[RefundSums]


def sums_of(refund: Refund) -> RefundSums:
    """A refund as its slip shows it."""
    return RefundSums(
        amount_fen=refund.amount_fen,
        to_consumer_fen=refund.to_consumer_fen,
        to_fund_fen=refund.to_fund_fen,
        left_fen=refund.left_fen,
        voucher_returns=refund.voucher_returns,
        is_late=refund.is_late,
        lines=[
            SumLine(label_zh=one.label_zh, label_en=one.label_en, amount_fen=one.amount_fen)
            for one in refund_sums(refund)
        ],
        remarks=[Remark(zh=zh, en=en) for zh, en in refund_remarks(refund)],
    )
