"""Offers: what merchant and platform take off an order before the voucher is applied.  优惠

The announcement puts the voucher last: after the merchant's and the platform's offers, before the
customer pays (R1.2). So the voucher's threshold is held against the net amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.money import FEN_PER_YUAN
from huiquan.domain.refusals import Refusal

# ASSUMPTION: no single retail or dining order is larger; what is typed above it is a slip.
LARGEST_ORDER_FEN = 10_000_000 * FEN_PER_YUAN


class Funder(StrEnum):
    """Who pays for an offer; public money pays for vouchers only."""

    MERCHANT = "merchant"  # 商家
    PLATFORM = "platform"  # 平台


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One reduction that the customer gets besides the voucher, and who pays for it (R5.7)."""

    funder: Funder
    name: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is rung up at the till: the order before any reduction, and the offers on it."""

    order_fen: int
    offers: tuple[Offer, ...] = ()


def offers_fen(offers: Sequence[Offer], funder: Funder | None = None) -> int:
    """The sum of the offers in fen: of one funder, or of both."""
    return sum(offer.amount_fen for offer in offers if funder in (None, offer.funder))


def decide_net(order: Order) -> int | Refusal:
    """What is left to pay after the offers, in fen: the amount a voucher is held against (R1.2).

    Refuses BAD_AMOUNT (order or an offer not above zero, or above ten million yuan) and
    OFFERS_EXCEED_ORDER.
    """
    amounts = [order.order_fen, *(offer.amount_fen for offer in order.offers)]
    if not all(0 < amount_fen <= LARGEST_ORDER_FEN for amount_fen in amounts):
        return Refusal.BAD_AMOUNT
    net_fen = order.order_fen - offers_fen(order.offers)
    return net_fen if net_fen >= 0 else Refusal.OFFERS_EXCEED_ORDER
