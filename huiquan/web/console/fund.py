"""The fund at the console: live balances, tranches, alerts, matching money, closing.  资金监管"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar.params import Parameter
from litestar.response import Stream

from huiquan.domain.cities import CITIES
from huiquan.domain.days import day_from_number, day_number, days_between
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Rulebook, pack_numbered, tier_numbered
from huiquan.views import fund_live, fund_money
from huiquan.views.campaigns import code_of
from huiquan.views.register_lines import register_lines
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import House, Staff, city_shown_to
from huiquan.web.console.doors import page
from huiquan.web.wire import Wire, shanghai

AskedDay = Annotated[int | None, Parameter(query="day", ge=20_000_101, le=99_991_231)]
AskedUntil = Annotated[int | None, Parameter(query="until", ge=20_000_101, le=99_991_231)]
AskedNumber = Annotated[int, Parameter(query="campaign", ge=1, le=32_767)]

SPAN_DAYS_MAX = 366


class FundAccount(Wire):
    """The dedicated account (专户)."""

    bank_fen: int
    appropriated_fen: int
    compensated_fen: int
    repaid_fen: int
    paid_fen: int
    remainder_fen: int
    pool_fen: int
    released_fen: int
    reserved_fen: int
    returned_fen: int
    payable_fen: int
    settling_fen: int
    receivable_fen: int


class FundPart(Wire):
    """The fund over one pack, tier, city or draw day; `key` names it."""

    key: str
    name_zh: str
    name_en: str
    available_fen: int
    issued_count: int
    issued_fen: int
    reserved_fen: int
    locked_fen: int
    payable_fen: int
    settling_fen: int
    paid_fen: int
    recovered_fen: int
    late_fen: int


class FundTranche(Wire):
    """One tranche of the appropriation (拨款批次)."""

    tranche: int
    planned_fen: int
    due_on: date
    payer: str
    received_fen: int
    bank_ref: str | None
    received_at: datetime | None


class FundAlert(Wire):
    """One alert (预警)."""

    alert: int
    kind: str
    zh: str
    en: str
    raised_at: datetime
    ended_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class FundMatching(Wire):
    """Matching money of one side (配套资金); merchant is null for the platform."""

    merchant: str | None
    pledged_fen: int
    used_fen: int
    given_back_fen: int
    left_fen: int
    order_fen: int
    redemption_count: int


class FundObstacle(Wire):
    """One thing in the way of closing."""

    code: str
    zh: str
    en: str


class FundShare(Wire):
    """What goes back to the payer of a tranche (退回)."""

    tranche: int
    payer: str
    amount_fen: int
    bank_ref: str | None


class FundDebt(Wire):
    """A merchant that owes the fund (应收)."""

    merchant_id: int
    merchant: str
    receivable_fen: int


class FundClosing(Wire):
    """How far the closing is (活动关闭); state is null until it is opened."""

    state: str | None
    remainder_fen: int
    obstacles: list[FundObstacle]
    approvers: list[str]
    shares: list[FundShare]
    debts: list[FundDebt]


class FundPage(Wire):
    """The fund, live (资金)."""

    at: datetime
    account: FundAccount
    burn_fen: int
    days_left: int | None
    draw_days_left: int
    total: FundPart
    by_pack: list[FundPart]
    by_tier: list[FundPart]
    by_city: list[FundPart]
    by_day: list[FundPart]
    tranches: list[FundTranche]
    alerts: list[FundAlert]
    matching: list[FundMatching]
    closing: FundClosing


@page("/api/v1/console/fund", operation_id="getFund", summary="The fund, live")
async def get_fund(
    house: House, official: Staff, campaign: AskedNumber, day: AskedDay = None
) -> FundPage:
    """Where every fen stands now; of one draw day if one is named. A city's official: that city."""
    code = accepted(await code_of(house, campaign))
    span = {} if day is None else {"first_day": day, "last_day": day}
    live = accepted(await fund_live.live_fund(house, code, **span))
    city = city_shown_to(official)
    closing = accepted(await fund_money.closing_of(house, code))
    return FundPage(
        at=shanghai(live.at),
        account=msgspec.convert(live.fund, FundAccount, from_attributes=True),
        burn_fen=live.burn_fen,
        days_left=live.days_left,
        draw_days_left=live.draw_days_left,
        total=_part(live.rulebook, live.total),
        by_pack=[_part(live.rulebook, one) for one in live.by_pack],
        by_tier=[_part(live.rulebook, one) for one in live.by_tier],
        by_city=[_part(live.rulebook, one) for one in live.by_city if city in (None, one.city)],
        by_day=[_part(live.rulebook, one) for one in live.by_day],
        tranches=[_tranche(row) for row in accepted(await fund_money.tranches_of(house, code))],
        alerts=[_alert(row) for row in accepted(await fund_money.alerts_of(house, code))],
        matching=[
            msgspec.convert(one, FundMatching, from_attributes=True)
            for one in accepted(await fund_money.matching_of(house, code))
        ],
        closing=shown_closing(closing),
    )


def _tranche(row: fund_money.TrancheLine) -> FundTranche:
    return FundTranche(
        tranche=row.tranche.tranche_no,
        planned_fen=row.tranche.planned_fen,
        due_on=row.tranche.due_on,
        payer=row.tranche.payer,
        received_fen=row.tranche.received_fen,
        bank_ref=row.tranche.bank_ref,
        received_at=row.received_at and shanghai(row.received_at),
    )


def _alert(row: fund_money.AlertLine) -> FundAlert:
    return FundAlert(
        alert=row.alert_id,
        kind=row.kind,
        zh=row.zh,
        en=row.en,
        raised_at=shanghai(row.raised_at),
        ended_at=row.ended_at and shanghai(row.ended_at),
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at and shanghai(row.acknowledged_at),
    )


def shown_closing(found: fund_money.Closing) -> FundClosing:
    """The closing as the page asks for it."""
    return FundClosing(
        state=found.closing.state if found.closing else None,
        remainder_fen=found.closing.remainder_fen if found.closing else found.remainder_fen,
        obstacles=[FundObstacle(code=one.code, zh=one.zh, en=one.en) for one in found.obstacles],
        approvers=list(found.approvers),
        shares=[
            FundShare(
                tranche=one.tranche_no,
                payer=one.payer,
                amount_fen=one.amount_fen,
                bank_ref=one.bank_ref,
            )
            for one in found.shares
        ],
        debts=[
            FundDebt(
                merchant_id=one.merchant_id,
                merchant=one.name,
                receivable_fen=one.receivable_fen,
            )
            for one in found.debts
        ],
    )


def _part(rulebook: Rulebook, part: fund_live.Part) -> FundPart:
    key, zh, en = _named(rulebook, part)
    names = set(FundPart.__struct_fields__) - {"key", "name_zh", "name_en"}
    return FundPart(
        key=key, name_zh=zh, name_en=en, **{name: getattr(part, name) for name in names}
    )


def _named(rulebook: Rulebook, part: fund_live.Part) -> tuple[str, str, str]:
    """What a part is of: its key, and its name in both languages."""
    if part.city is not None:
        return part.city, CITIES[part.city].zh, CITIES[part.city].en
    if part.tier is not None:
        tier = tier_numbered(rulebook, part.tier)
        pack = pack_numbered(rulebook, tier.pack) if tier else None
        face = f"{tier.face_fen // 100}" if tier else "?"
        zh, en = (pack.name_zh, pack.name_en) if pack else ("", "")
        return str(part.tier), f"{zh} {face} 元", f"{en} ¥{face}"
    if part.pack is not None:
        pack = pack_numbered(rulebook, part.pack)
        return (
            (str(part.pack), pack.name_zh, pack.name_en)
            if pack
            else (str(part.pack), str(part.pack), str(part.pack))
        )
    if part.day is not None:
        text = day_from_number(part.day).isoformat()
        return str(part.day), text, text
    return "total", "合计", "Total"


@page(
    "/api/v1/console/fund/register",
    operation_id="getRegister",
    summary="The register of some days as CSV",
    media_type="text/csv",
)
async def get_register(
    house: House, official: Staff, campaign: AskedNumber, day: int, until: AskedUntil = None
) -> Stream:
    """Every movement of a day, or to another one (资金使用明细台账), in the order of time."""
    if city_shown_to(official) is not None:
        raise RefusedError(Refusal.FORBIDDEN)
    days = _span(day, until)
    code = accepted(await code_of(house, campaign))

    async def written() -> AsyncIterator[bytes]:
        yield b"\xef\xbb\xbf"
        async for line in register_lines(house, code, days):
            yield line

    last = "" if len(days) == 1 else f"-{days[-1]}"
    name = f'attachment; filename="register-{campaign}-{day}{last}.csv"'
    return Stream(
        written(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


def _span(day: int, until: int | None) -> list[int]:
    """The days from one to another, a year at most."""
    try:
        first, last = day_from_number(day), day_from_number(until or day)
    except (ValueError, OverflowError) as error:
        raise RefusedError(Refusal.MALFORMED, {"reason": "there is no such day"}) from error
    if not 0 <= (last - first).days < SPAN_DAYS_MAX:
        raise RefusedError(Refusal.MALFORMED, {"reason": "the span is empty, or over a year"})
    return [day_number(one) for one in days_between(first, last)]


ROUTES = (get_fund, get_register)
