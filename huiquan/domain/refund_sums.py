"""The arithmetic of a refund, line by line, as customer and cashier read it.  退款明细

The same lines stand at the till before anything moves, on the slip after it, and on the voucher's
page, so nobody has to believe a sum.
"""

from dataclasses import dataclass

from huiquan.domain.money import yuan
from huiquan.domain.refunds import Refund, Stays


@dataclass(frozen=True, kw_only=True)
class SumLine:
    """One line: what it is, in both languages, and how much, in fen."""

    label_zh: str
    label_en: str
    amount_fen: int


_STAYS = {
    Stays.RULES: ("立减金不退。", "The voucher does not return."),
    Stays.PARTIAL: (
        "部分退货，立减金不退。",
        "Only a part came back: the voucher does not return.",
    ),
    Stays.SETTLED: (
        "该单已清算给商户，立减金不退。",
        "The merchant was settled already: the voucher does not return.",
    ),
    Stays.EXPIRED: (
        "立减金已过有效期，不再退还。",
        "The voucher's time is over: it does not return.",
    ),
}


def refund_sums(refund: Refund) -> tuple[SumLine, ...]:
    """Order, offers, voucher, paid; what came back before; this refund and its two parts; the rest.

    Goods that came back = to the customer + to the fund, on every line they stand on.
    """
    quote, so_far = refund.redemption.quote, refund.so_far
    before_fen = so_far.refunded_fen - refund.amount_fen
    before_fund_fen = so_far.returned_fen - refund.to_fund_fen
    lines = [
        _line("订单金额", "Order", quote.order_fen),
        _line("商家和平台优惠", "Offers of merchant and platform", -quote.offers_fen),
        _line("优惠后应付", "Left to pay after offers", quote.net_fen),
        _line("立减金", "Voucher", -quote.discount_fen),
        _line("实付", "Paid by the customer", quote.net_fen - quote.discount_fen),
        _line("此前已退货款", "Goods returned before", before_fen),
        _line("其中退给顾客", "of these to the customer", before_fen - before_fund_fen),
        _line("其中退回专用账户", "of these to the fund", before_fund_fen),
        _line("本次退货", "Goods returned now", refund.amount_fen),
        _line(*_to_fund_words(refund), refund.to_fund_fen),
        _line("本次退给顾客", "To the customer now", refund.to_consumer_fen),
        _line("还可退货款", "May still be returned", refund.left_fen),
    ]
    return tuple(lines)


def refund_remarks(refund: Refund) -> tuple[tuple[str, str], ...]:
    """What a refund does besides its sums: the voucher, and the merchant's debt; zh and en."""
    if refund.voucher_returns:
        voucher = ("立减金退还顾客，有效期不变。", "The voucher returns, with the same end.")
    else:
        voucher = _STAYS[refund.stays or Stays.RULES]
    if not refund.is_late or refund.to_fund_fen == 0:
        return (voucher,)
    owed = yuan(refund.to_fund_fen)
    debt = (
        f"该单已清算给商户，专用账户部分 {owed} 元从商户下次清算中扣回。",
        f"The merchant was settled already: {owed} yuan are taken off its next settlement.",
    )
    return (voucher, debt)


def _to_fund_words(refund: Refund) -> tuple[str, str]:
    quote, done = refund.redemption.quote, refund.so_far
    if refund.voucher_returns:
        return "本次立减金退还（重新预留）", "To the voucher, set aside again"
    return (
        f"本次退回专用账户（累计应退 {yuan(done.returned_fen)} = 立减 {yuan(quote.discount_fen)}"
        f" 中对应退货 {yuan(done.refunded_fen)} 的部分）",
        f"To the fund now ({yuan(done.returned_fen)} of the voucher's {yuan(quote.discount_fen)} "
        f"for goods of {yuan(done.refunded_fen)} in all)",
    )


def _line(zh: str, en: str, amount_fen: int) -> SumLine:
    return SumLine(label_zh=zh, label_en=en, amount_fen=amount_fen)
