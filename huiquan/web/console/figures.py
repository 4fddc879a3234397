"""A day's figures for officials: the nine, by city, pack and platform, and the fund.  日报"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar.params import Parameter

from huiquan.domain.days import day_from_number
from huiquan.domain.refusals import Refusal
from huiquan.views.figures import Figures as Counted
from huiquan.views.figures import figures
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import House, Staff, city_shown_to
from huiquan.web.console.doors import page
from huiquan.web.wire import Wire, shanghai


class Nine(Wire):
    """The nine figures of the announcement (日报口径)."""

    issued_count: int
    issued_fen: int
    holder_count: int
    redeemer_count: int
    redeemed_count: int
    redeemed_fen: int
    order_fen: int
    refunded_fen: int
    redeeming_merchant_count: int


class CityFigures(Nine):
    """The nine figures of one city."""

    city: str
    city_zh: str
    city_en: str
    entered_count: int


class PackFigures(Nine):
    """The nine figures of one pack."""

    pack: int
    pack_zh: str
    pack_en: str


class PlatformFigures(Nine):
    """The nine figures of one platform."""

    platform: str
    platform_zh: str
    platform_en: str


class TrendDay(Wire):
    """One day of the trend."""

    day: int
    issued_fen: int
    redeemed_fen: int
    planned_fen: int


class Fund(Wire):
    """Where the appropriated money stands (资金)."""

    appropriated_fen: int
    pool_fen: int
    released_fen: int
    reserved_fen: int
    returned_fen: int
    payable_fen: int
    settling_fen: int
    paid_fen: int
    compensated_fen: int
    repaid_fen: int
    remainder_fen: int


class LastCheck(Wire):
    """The last check of the books."""

    at: datetime
    failed: int


class Figures(Wire):
    """A day's figures (日报)."""

    at: datetime
    day: int
    total: Nine
    cumulative: Nine
    by_city: list[CityFigures]
    by_pack: list[PackFigures]
    by_platform: list[PlatformFigures]
    trend: list[TrendDay]
    fund: Fund
    entered_count: int
    redemption_rate_bp: int
    last_check: LastCheck | None


@page("/api/v1/console/figures", operation_id="getFigures", summary="A day's figures")
async def get_figures(
    house: House,
    official: Staff,
    campaign: Annotated[int, Parameter(ge=1, le=32_767)],
    day: Annotated[int | None, Parameter(ge=20_000_101, le=99_991_231)] = None,
) -> Figures:
    """A day's figures, today's if no day is named; an official of a city sees that city's."""
    if day is not None:
        try:
            day_from_number(day)
        except ValueError as error:
            raise RefusedError(Refusal.MALFORMED, {"reason": "there is no such day"}) from error
    return _shown(accepted(await figures(house, campaign, day, city_shown_to(official))))


def _shown(counted: Counted) -> Figures:
    """The figures as the front end asks for them."""
    check, fund = counted.last_check, counted.fund
    return Figures(
        at=shanghai(counted.at),
        day=counted.day,
        total=msgspec.convert(counted.total, Nine, from_attributes=True),
        cumulative=msgspec.convert(counted.cumulative, Nine, from_attributes=True),
        by_city=[
            CityFigures(
                city=part.code,
                city_zh=part.zh,
                city_en=part.en,
                entered_count=part.entered_count,
                **msgspec.to_builtins(part.nine),
            )
            for part in counted.by_city
        ],
        by_pack=[
            PackFigures(
                pack=int(part.code),
                pack_zh=part.zh,
                pack_en=part.en,
                **msgspec.to_builtins(part.nine),
            )
            for part in counted.by_pack
        ],
        by_platform=[
            PlatformFigures(
                platform=part.code,
                platform_zh=part.zh,
                platform_en=part.en,
                **msgspec.to_builtins(part.nine),
            )
            for part in counted.by_platform
        ],
        trend=[msgspec.convert(one, TrendDay, from_attributes=True) for one in counted.trend],
        fund=msgspec.convert(fund, Fund, from_attributes=True),
        entered_count=counted.entered_count,
        redemption_rate_bp=counted.redemption_rate_bp,
        last_check=LastCheck(at=shanghai(check.ran_at), failed=check.failed) if check else None,
    )


ROUTES = (get_figures,)
