"""Figures: the nine numbers a platform reports each day, and what each of them means.  日报口径

They are the announcement's own list (R2.8). A day is a Shanghai day, and an event counts on the
day it happens: a voucher won on Monday, redeemed on Friday and refunded on Sunday stands in three
reports.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huiquan.domain.money import round_half_up

BASIS_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class IssuedFact:
    """A voucher that was issued: to whom, and its face. One of a voided win never was."""

    pid: bytes
    face_fen: int


@dataclass(frozen=True, kw_only=True)
class RedeemedFact:
    """A voucher that was redeemed: by whom, where, and on which order."""

    pid: bytes
    merchant_id: int
    discount_fen: int
    order_fen: int


@dataclass(frozen=True, kw_only=True)
class Nine:
    """The nine figures of a day, a stretch of days, a city or a pack.

    issued_count 发放张数: vouchers issued. A win that an objection voided is none: its voucher
        stands in the books, over as it is issued, and nobody ever held it.
    issued_fen 发放金额: the sum of their faces.
    holder_count 领券用户数: distinct persons to whom at least one of them was issued.
    redeemer_count 用券用户数: distinct persons whose voucher was redeemed at least once.
    redeemed_count 核券数量: vouchers redeemed.
    redeemed_fen 核销金额: the public money on them (the discounts), before any refund.
    order_fen 订单金额: the sum of the orders on which they were redeemed, as rung up, before
        merchant and platform offers and before the voucher, before any refund. It is the amount
        that the payment companies' files call the order amount, so that the two can be held
        side by side, and the same `order_fen` that the till shows.
    refunded_fen 核销退款金额: the public money that refunds gave back to the fund (60 for scenario
        "order 1,000, voucher 200, 300 returned"), on the day of the refund. It is not taken off
        redeemed_fen: both are reported.
    redeeming_merchant_count 核销商户数: distinct merchants (not stores) that redeemed at least one.
    """

    issued_count: int = 0
    issued_fen: int = 0
    holder_count: int = 0
    redeemer_count: int = 0
    redeemed_count: int = 0
    redeemed_fen: int = 0
    order_fen: int = 0
    refunded_fen: int = 0
    redeeming_merchant_count: int = 0


def nine_of(
    issued: Iterable[IssuedFact],
    redeemed: Iterable[RedeemedFact],
    returned_fen: Iterable[int],
) -> Nine:
    """Count the nine from single events; returned_fen is the fund's part of each refund."""
    issued, redeemed = list(issued), list(redeemed)
    return Nine(
        issued_count=len(issued),
        issued_fen=sum(one.face_fen for one in issued),
        holder_count=len({one.pid for one in issued}),
        redeemer_count=len({one.pid for one in redeemed}),
        redeemed_count=len(redeemed),
        redeemed_fen=sum(one.discount_fen for one in redeemed),
        order_fen=sum(one.order_fen for one in redeemed),
        refunded_fen=sum(returned_fen),
        redeeming_merchant_count=len({one.merchant_id for one in redeemed}),
    )


def added(
    rows: Sequence[Nine],
    *,
    holder_count: int,
    redeemer_count: int,
    redeeming_merchant_count: int,
) -> Nine:
    """Add rows of days, cities or packs into one.

    Vouchers and money add up. Persons and merchants do not: who won on two days is one person.
    So the three distinct counts must be counted again over the whole and are handed in; each lies
    between the largest row and the sum of the rows.
    """
    for counted, parts in (
        (holder_count, [row.holder_count for row in rows]),
        (redeemer_count, [row.redeemer_count for row in rows]),
        (redeeming_merchant_count, [row.redeeming_merchant_count for row in rows]),
    ):
        assert max(parts, default=0) <= counted <= sum(parts), "count the persons again"
    return Nine(
        issued_count=sum(row.issued_count for row in rows),
        issued_fen=sum(row.issued_fen for row in rows),
        holder_count=holder_count,
        redeemer_count=redeemer_count,
        redeemed_count=sum(row.redeemed_count for row in rows),
        redeemed_fen=sum(row.redeemed_fen for row in rows),
        order_fen=sum(row.order_fen for row in rows),
        refunded_fen=sum(row.refunded_fen for row in rows),
        redeeming_merchant_count=redeeming_merchant_count,
    )


def redemption_rate_bp(nine: Nine) -> int:
    """核销率: redeemed money over issued money in basis points (7,000 is 70 %); 0 if none issued.

    Meant for a stretch of days. On a single day it may exceed 10,000, for what is redeemed today
    was mostly issued earlier.
    """
    if nine.issued_fen == 0:
        return 0
    return round_half_up(nine.redeemed_fen * BASIS_POINTS, nine.issued_fen)


def leverage_bp(nine: Nine) -> int:
    """拉动比: order money for each fen of voucher money, in basis points (42,400 is 4.24 : 1).

    0 if nothing was redeemed. It is the gross ratio; what people would have bought anyway is in it,
    so it is not the effect of the campaign.
    """
    if nine.redeemed_fen == 0:
        return 0
    return round_half_up(nine.order_fen * BASIS_POINTS, nine.redeemed_fen)
