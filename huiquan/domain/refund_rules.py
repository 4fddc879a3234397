"""Refund rules: what a rulebook says of goods that come back, as data.  退款规则

Four families are in use in the country. Each is a preset, a row of parameters under a name; a
rulebook names a preset, or writes the parameters out in its table `[refunds]`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta


class RefundPolicy(StrEnum):
    """The name of a preset: what a refund does to the voucher and its money."""

    MONEY_PRO_RATA = "money_pro_rata"  # 退款不退券，券款按比例退回 (湖北 2025)
    VOUCHER_BACK_IF_FULL = "voucher_back_if_full"  # 有效期内全退还券，部分按比例 (深圳福田)
    VOUCHER_BACK_IF_FULL_ELSE_POOL = "voucher_back_if_full_else_pool"  # 部分退款券款全归资金池
    VOUCHER_BACK_IF_FULL_ELSE_LOST = "voucher_back_if_full_else_lost"  # 全退可再用，否则作废


class Share(StrEnum):
    """How a partial refund is split between customer and fund."""

    PRO_RATA = "pro_rata"  # 按比例, rounded half up on the running total
    FUND_FIRST = "fund_first"  # 先退专户: the first goods that come back are the fund's


@dataclass(frozen=True, kw_only=True)
class RefundRules:
    """The parameters of a family.

    voucher_returns_if_whole: the whole order, back in one refund while the voucher would still be
    good and the merchant was not settled, gives the voucher back. within_days counts from the day
    of the redemption, that day not included; refunds_max is how many refunds one order may have.
    Payment companies allow 365 days and 50 refunds, so no rulebook allows more.
    """

    voucher_returns_if_whole: bool
    partial: Share
    within_days: Annotated[int, Meta(ge=1, le=365)] = 365
    refunds_max: Annotated[int, Meta(ge=1, le=50)] = 50


PRESETS: dict[RefundPolicy, RefundRules] = {
    RefundPolicy.MONEY_PRO_RATA: RefundRules(
        voucher_returns_if_whole=False, partial=Share.PRO_RATA
    ),
    RefundPolicy.VOUCHER_BACK_IF_FULL: RefundRules(
        voucher_returns_if_whole=True, partial=Share.PRO_RATA
    ),
    RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_POOL: RefundRules(
        voucher_returns_if_whole=True, partial=Share.FUND_FIRST
    ),
    # ASSUMPTION: "otherwise lost" (Yunnan) speaks of the voucher, so its money goes pro rata.
    RefundPolicy.VOUCHER_BACK_IF_FULL_ELSE_LOST: RefundRules(
        voucher_returns_if_whole=True, partial=Share.PRO_RATA
    ),
}
