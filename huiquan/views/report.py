"""The daily report: a day's figures with the names and definitions an official reads.  日报"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from huiquan.app import App
from huiquan.db import campaign_state
from huiquan.domain.days import SHANGHAI, day_from_number
from huiquan.domain.refusals import Refusal
from huiquan.views.figures import Figures, Part, figures


@dataclass(frozen=True, kw_only=True)
class FigureName:
    """One of the nine: its field, its names, whether it is money, and what it counts."""

    field: str
    zh: str
    en: str
    is_money: bool
    means_zh: str


NINE = (
    FigureName(
        field="issued_count",
        zh="发放张数",
        en="vouchers issued",
        is_money=False,
        means_zh="当日中签并发放的立减金张数，不含因异议成立而作废的中签。",
    ),
    FigureName(
        field="issued_fen",
        zh="发放金额",
        en="amount issued",
        is_money=True,
        means_zh="上述立减金的面额合计。",
    ),
    FigureName(
        field="holder_count",
        zh="领券用户数",
        en="people who won",
        is_money=False,
        means_zh="当日至少获得一张立减金的自然人数，同一人只计一次。",
    ),
    FigureName(
        field="redeemer_count",
        zh="用券用户数",
        en="people who used",
        is_money=False,
        means_zh="当日至少核销一张立减金的自然人数，同一人只计一次。",
    ),
    FigureName(
        field="redeemed_count",
        zh="核券数量",
        en="vouchers redeemed",
        is_money=False,
        means_zh="当日核销的立减金张数，不因日后退款而减少。",
    ),
    FigureName(
        field="redeemed_fen",
        zh="核销金额",
        en="amount redeemed",
        is_money=True,
        means_zh="当日核销所用的财政资金，未扣除退款。",
    ),
    FigureName(
        field="order_fen",
        zh="订单金额",
        en="order amount",
        is_money=True,
        means_zh="当日核销所在订单的金额合计，未减平台和商户优惠，未减立减金，未扣除退款。",
    ),
    FigureName(
        field="refunded_fen",
        zh="核销退款金额",
        en="amount refunded",
        is_money=True,
        means_zh="当日退款退回财政资金的部分，按退款发生日计，不从核销金额中扣减。",
    ),
    FigureName(
        field="redeeming_merchant_count",
        zh="核销商户数",
        en="merchants that redeemed",
        is_money=False,
        means_zh="当日至少核销一张立减金的商户数；同一商户有多家门店的只计一次。",
    ),
)

NOTES_ZH = (
    "统计日为北京时间自然日 0:00 至 24:00；各项按事件发生日计入。",
    "发放按领券人报名所在市州计入，核销和退款按门店所在市州计入。",
    "人数和商户数各行单独去重，因此各行之和可以大于合计。",
    "全部数字由资金台账逐笔汇总得出，取自数据库的同一时刻。",
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A day's report of one campaign on one platform."""

    code: str
    name_zh: str
    organiser_zh: str
    day: date
    figures: Figures


async def daily_report(app: App, code: str, day: int) -> Report | Refusal:
    """Give the report of a day, YYYYMMDD (R2.8). Refuses UNKNOWN_CAMPAIGN."""
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=0, last_day=0)
    if campaign is None:
        return Refusal.UNKNOWN_CAMPAIGN
    counted = await figures(app, campaign.campaign_id, day)
    if isinstance(counted, Refusal):
        return counted
    rulebook = campaign.rulebook_at(now)
    return Report(
        code=code,
        name_zh=rulebook.name_zh,
        organiser_zh=rulebook.organiser_zh,
        day=day_from_number(day),
        figures=counted,
    )


def plain(report: Report) -> dict[str, Any]:
    """The report as plain values for JSON: fen as whole numbers, times with +08:00."""
    counted = report.figures
    return {
        "campaign": report.code,
        "name_zh": report.name_zh,
        "day": counted.day,
        "at": counted.at.astimezone(SHANGHAI).isoformat(),
        "total": msgspec.to_builtins(counted.total),
        "cumulative": msgspec.to_builtins(counted.cumulative),
        "by_city": [_plain_part(part) for part in counted.by_city],
        "by_pack": [_plain_part(part) for part in counted.by_pack],
        "by_platform": [_plain_part(part) for part in counted.by_platform],
        "trend": msgspec.to_builtins(counted.trend),
        "fund": {**msgspec.to_builtins(counted.fund), "paid_fen": counted.fund.paid_fen},
        "entered_count": counted.entered_count,
        "redemption_rate_bp": counted.redemption_rate_bp,
    }


def _plain_part(part: Part) -> dict[str, Any]:
    names = {"code": part.code, "zh": part.zh, "en": part.en}
    return {**names, **msgspec.to_builtins(part.nine)}
