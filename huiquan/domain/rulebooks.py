"""Rulebooks: all the numbers of a campaign on one platform, as data.  活动规则

A new campaign is a new text file in `campaigns/`, not a new program. A rulebook is read by
`rulebook_reading`, checked by `rulebook_checks`, put into words by `rulebook_sentences` and
amended by the rules of `rulebook_versions`. What stands here are the facts and their lookups.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from huiquan.domain.days import DayKind
from huiquan.domain.refund_rules import PRESETS, RefundPolicy, RefundRules

Text = Annotated[str, Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*(?!\n)$", max_length=64)]
ClockTime = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)(?!\n)$")]
Positive = Annotated[int, Meta(ge=1, le=2**53)]
Natural = Annotated[int, Meta(ge=0, le=2**53)]
Percent = Annotated[int, Meta(ge=0, le=100)]
WholePercent = Annotated[int, Meta(ge=1, le=100)]


class Mode(StrEnum):
    """How winners are found: at once and all day, or from a sealed list of registrants (R5.1)."""

    INSTANT = "instant"  # 即时摇号
    LIST = "list"  # 在线报名、集中摇号


class Channel(StrEnum):
    """Where a voucher is spent (R1.2)."""

    ONLINE = "online"  # 线上
    OFFLINE = "offline"  # 线下


class Category(StrEnum):
    """What a voucher is spent on (R1.2); general and fuel are from the 2022 rounds."""

    RETAIL = "retail"  # 百货
    DINING = "dining"  # 餐饮
    GENERAL = "general"  # 通用
    FUEL = "fuel"  # 加油


class Area(StrEnum):
    """The area a phone has to be in: the map that the location is held against."""

    HUBEI = "hubei"  # 湖北省 17 个市州


class UseArea(StrEnum):
    """Where a winner may redeem: the whole province, or the city of registration (2022, 2025)."""

    PROVINCE = "province"
    REGISTRATION_CITY = "registration_city"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The platform that runs the campaign under this rulebook.  服务平台"""

    code: Code
    name_zh: Text
    name_en: Text


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What a consumer chooses to draw for, with its share of money and of forecast entries."""

    number: Positive
    code: Code
    name_zh: Text
    name_en: Text
    channel: Channel
    category: Category
    money_percent: WholePercent
    entries_percent: WholePercent


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One face value of a pack, with its share of the pack's money.  面额档

    Tiers are numbered from 1 across all packs, as the draw's tables and seals count them.
    """

    number: Annotated[int, Meta(ge=1, le=255)]
    pack: Positive
    face_fen: Positive
    threshold_fen: Positive
    money_percent: WholePercent


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often one person may draw and win on this platform (R1.4).  参与与中签上限"""

    draws_per_day: Positive
    wins_per_day: Positive
    wins_per_campaign: Positive


@dataclass(frozen=True, kw_only=True)
class LocationRule:
    """Where a phone has to be, how exactly that must be known, and when it is checked (R1.1)."""

    area: Area
    max_accuracy_m: Positive
    at_registration: bool
    at_draw: bool


class OnRepeat(StrEnum):
    """What is done about an order that looks like a part of one that was split."""

    FLAG = "flag"  # 记录备查
    REFUSE = "refuse"  # 不予使用


REPEAT_MINUTES_MAX = 1440
"""How far back the orders of one person may be looked at for a bill that was split."""


@dataclass(frozen=True, kw_only=True)
class OrderRules:
    """What one order may be: one voucher, one bill, one's own account.  一单一券、不得拆单

    A repeat is a further order of the same person at the same store within repeat_minutes whose
    net amount is below repeat_below_fen; 0 minutes: nobody looks for repeats.
    """

    vouchers_per_order: Positive = 1
    own_account_only: bool = True
    repeat_minutes: Annotated[int, Meta(ge=0, le=REPEAT_MINUTES_MAX)] = 0
    repeat_below_fen: Natural = 0
    on_repeat: OnRepeat = OnRepeat.FLAG


@dataclass(frozen=True, kw_only=True)
class OnlineRules:
    """How vouchers of an online pack are spent (R3.7, R5.4).  线上订单规则

    orders_only: in an order with goods, warehouse and address alone, never at a desk.
    excluded_goods are kinds of goods as orders name them. An order is late when nothing was shipped
    ship_days after payment, or not all was signed for after sign_days.
    """

    orders_only: bool = False
    self_operated_only: bool = True
    excluded_goods: tuple[Text, ...] = ()
    ship_days: Positive = 7
    sign_days: Positive = 15


@dataclass(frozen=True, kw_only=True)
class NamedDays:
    """Days from first to last, both included, that differ from what the calendar would give.

    kind goes before the calendar, weight before the kind's weight, entries before the forecast.
    """

    first: date
    last: date
    reason_zh: Text
    reason_en: Text
    kind: DayKind | None = None
    weight: Natural | None = None
    entries: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class Release:
    """How the money is spread over days, and how a day's money becomes odds.  投放节奏

    A day's share is its weight among the weights of the days that are left. arrivals_percent is
    the share of a day's entries in each hour from opening to closing.
    """

    workday_weight: Positive
    weekend_weight: Positive
    holiday_weight: Positive
    expected_redemption_percent: WholePercent
    entry_margin_percent: Annotated[int, Meta(ge=100, le=1000)]
    p_max_percent: WholePercent
    arrivals_percent: tuple[Percent, ...]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """How many entries a day is expected to bring on this platform, by kind of day."""

    workday_entries: Positive
    weekend_entries: Positive
    holiday_entries: Positive


@dataclass(frozen=True, kw_only=True)
class ListRound:
    """One round of a list campaign, by the first day of its sign-up.  轮次"""

    number: Positive
    sign_up_on: date
    redeem_days: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The days of each round of a list campaign: sign up, draw, public notice, redeem.

    The days follow each other without a gap. A round may have its own number of redeem days.
    """

    sign_up_days: Positive
    draw_days: Positive
    publicity_days: Natural
    redeem_days: Positive
    redeem_from: ClockTime
    rounds: tuple[ListRound, ...]


class AlertKind(StrEnum):
    """What an alert about the fund looks at.  资金预警"""

    POOL_PERCENT = "pool_percent"  # 资金池占累计拨款的百分比
    DAYS_LEFT = "days_left"  # 按近期消耗还能投放的天数
    TRANCHE_DAYS = "tranche_days"  # 距计划到账日的天数
    PLEDGE_PERCENT = "pledge_percent"  # 配套资金剩余百分比


@dataclass(frozen=True, kw_only=True)
class FundAlertRule:
    """Raise an alert when what `kind` measures is below `below`, in its unit (R2.4)."""

    kind: AlertKind
    below: Positive


@dataclass(frozen=True, kw_only=True)
class SettlementRules:
    """When a merchant is paid besides the general hold, and from which amount on.  清算规则

    A redemption within new_store_days of its store's opening waits new_store_hold_days, if that
    is longer than the general hold. Less than minimum_fen waits for the next day; after the
    campaign's last day every fen is paid.
    """

    new_store_days: Natural = 0
    new_store_hold_days: Natural = 0
    minimum_fen: Positive = 1


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """One version of the rules of one campaign on one platform.

    Money is whole fen, lengths of time end in their unit, clock times are Shanghai time as
    "HH:MM" with "24:00" for the end of the day.
    """

    code: Code
    name_zh: Text
    name_en: Text
    organiser_zh: Text
    organiser_en: Text
    mode: Mode
    budget_fen: Positive
    starts_on: date  # the first day on which anyone may enter
    ends_on: date  # the last day on which anyone may redeem: no voucher outlives it
    last_draw_on: date  # the last day on which money is released
    opens_at: ClockTime
    closes_at: ClockTime
    valid_days: Positive  # natural days, the first included
    min_age: Annotated[int, Meta(ge=0, le=120)]
    use_area: UseArea
    refund_policy: RefundPolicy
    settlement_hold_days: Natural
    lock_ttl_s: Positive
    code_ttl_s: Annotated[int, Meta(ge=5, le=30)]
    persons_per_phone: Positive
    consent_version: Text
    lanes: Annotated[int, Meta(ge=1, le=1024)]
    # The signers take a round in one message of 8 MB, 160 characters for an entry.
    round_max: Annotated[int, Meta(ge=1, le=20_000_000)]
    platform: Platform
    limits: Limits
    location: LocationRule
    release: Release
    forecast: Forecast
    packs: tuple[Pack, ...]
    tiers: tuple[Tier, ...]
    draws_only_on: tuple[date, ...] = ()  # empty: every day from starts_on to last_draw_on
    named_days: tuple[NamedDays, ...] = ()
    schedule: Schedule | None = None  # list mode only
    fund_alerts: tuple[FundAlertRule, ...] = ()  # none: nobody is told before money runs out
    orders: OrderRules = OrderRules()
    online: OnlineRules = OnlineRules()
    refunds: RefundRules | None = None  # written out here, they replace the preset's
    settlement: SettlementRules = SettlementRules()


def refund_rules_of(rulebook: Rulebook) -> RefundRules:
    """The refund rules in force: the rulebook's own table, else its preset's."""
    return rulebook.refunds or PRESETS[rulebook.refund_policy]


def pack_numbered(rulebook: Rulebook, number: int) -> Pack | None:
    """The pack with this number, or None if the campaign has no such pack."""
    return next((pack for pack in rulebook.packs if pack.number == number), None)


def tier_numbered(rulebook: Rulebook, number: int) -> Tier | None:
    """The tier with this number, or None if the campaign has no such tier."""
    return next((tier for tier in rulebook.tiers if tier.number == number), None)


def tiers_of(rulebook: Rulebook, pack: int) -> tuple[Tier, ...]:
    """The tiers of a pack, in the order of their numbers; none for an unknown pack."""
    found = (tier for tier in rulebook.tiers if tier.pack == pack)
    return tuple(sorted(found, key=lambda tier: tier.number))


def max_face_fen(rulebook: Rulebook, pack: int) -> int:
    """The highest face value that a pack holds, in fen; 0 for an unknown pack."""
    return max((tier.face_fen for tier in tiers_of(rulebook, pack)), default=0)
