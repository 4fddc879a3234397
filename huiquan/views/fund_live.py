"""The fund live: by draw day, pack, tier and city, what became of every fen.  资金实时余额

What is available belongs to no city yet: anyone in the province may win it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from huiquan.app import App
from huiquan.db import campaign_state, campaigns, configs, fund_alerts, fund_cells, ledger
from huiquan.db.connection import Tx
from huiquan.db.fund_cells import Cell
from huiquan.db.ledger import Fund
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_of
from huiquan.domain.fund import BURN_DAYS, burn_fen, days_left
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import draw_days
from huiquan.domain.rulebooks import Rulebook

FIRST_DAY, LAST_DAY = 0, 99991231


@dataclass(frozen=True, kw_only=True)
class Part:
    """The fund's cells summed over one city, pack, tier or day. available_fen: nobody won it yet.

    city, pack, tier, day: those that the part is of; the others are None.
    """

    available_fen: int
    issued_count: int = 0
    issued_fen: int = 0
    reserved_fen: int = 0
    locked_fen: int = 0
    expired_fen: int = 0
    refunded_fen: int = 0
    payable_fen: int = 0
    settling_fen: int = 0
    paid_fen: int = 0
    late_fen: int = 0
    day: int | None = None
    pack: int | None = None
    tier: int | None = None
    city: str | None = None

    @property
    def recovered_fen(self) -> int:
        """What the fund has again: expired, and refunded before settlement."""
        return self.expired_fen + self.refunded_fen


@dataclass(frozen=True, kw_only=True)
class LiveFund:
    """The fund at one instant. burn_fen is a day's use of the pool, days_left what it lasts."""

    at: datetime
    rulebook: Rulebook
    fund: Fund
    burn_fen: int
    days_left: int | None
    draw_days_left: int
    total: Part
    by_pack: tuple[Part, ...]
    by_tier: tuple[Part, ...]
    by_city: tuple[Part, ...]
    by_day: tuple[Part, ...]


_SUMS = (
    *("issued_count", "issued_fen", "reserved_fen", "locked_fen", "expired_fen", "refunded_fen"),
    *("payable_fen", "settling_fen", "paid_fen", "late_fen"),
)
Stock = dict[tuple[int, int], int]
"""What nobody has won, in fen, by draw day and tier."""


async def live_fund(
    app: App, code: str, *, first_day: int = FIRST_DAY, last_day: int = LAST_DAY
) -> LiveFund | Refusal:
    """Where the money of these draw days stands now (R2.4). Refuses UNKNOWN_CAMPAIGN.

    One snapshot: what was counted up to the marks is read, what came since is added to it, so a
    page about a whole season costs what the last minutes brought.
    """
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await _open_days(tx, code, first_day, last_day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        by_tier, by_city = await _cells(tx, campaign_id, first_day, last_day, now)
        fund = await ledger.fund(tx, campaign_id)
        a_day_fen = burn_fen(await fund_alerts.burn_by_day(tx, campaign_id, BURN_DAYS))
    rulebook = campaign.rulebook_at(now)
    stock = _stock(campaign, by_tier)
    packs = {tier.number: tier.pack for tier in rulebook.tiers}
    return LiveFund(
        at=now,
        rulebook=rulebook,
        fund=fund,
        burn_fen=a_day_fen,
        days_left=days_left(fund.pool_fen, a_day_fen),
        draw_days_left=sum(day >= day_of(now) for day in draw_days(rulebook)),
        total=_sum(by_tier, sum(stock.values())),
        by_pack=_parts("pack", by_tier, stock, lambda _, tier: packs[tier]),
        by_tier=_parts("tier", by_tier, stock, lambda _, tier: tier),
        by_city=_parts("city", by_city, {}, lambda *_: ""),
        by_day=_parts("day", by_tier, stock, lambda day, _: day),
    )


async def _open_days(tx: Tx, code: str, first_day: int, last_day: int) -> Campaign | None:
    """The campaign with those of these days that may still be drawn: their stock is available."""
    row = await campaigns.find(tx, code)
    if row is None:
        return None
    days = [
        day.day
        for day in await configs.days(tx, row.campaign_id, first_day, last_day)
        if day.released_at is not None and day.closed_at is None
    ]
    return await campaign_state.load_campaign(
        tx, code, first_day=min(days, default=0), last_day=max(days, default=0)
    )


async def _cells(
    tx: Tx, campaign_id: int, first_day: int, last_day: int, now: datetime
) -> tuple[list[Cell], list[Cell]]:
    """What was kept of these days, and all that came since: by day, pack and tier; and by city."""
    newer = [
        cell
        for cell in await fund_cells.newer(tx, campaign_id, now)
        if first_day <= cell.day <= last_day
    ]
    span = (campaign_id, first_day, last_day)
    by_tier = await fund_cells.kept(tx, *span, by=("day", "pack", "tier"))
    by_city = await fund_cells.kept(tx, *span, by=("city",))
    return by_tier + newer, by_city + newer


def _stock(campaign: Campaign, cells: list[Cell]) -> Stock:
    """What stands released on days that are not closed, less what was won of it."""
    stock: Stock = {}
    for number, day in campaign.days.items():
        if day.is_released and not day.is_closed:
            for topup in day.plan.topups:
                face_fen = day.config.tiers[topup.tier].face_fen
                key = (number, topup.tier)
                stock[key] = stock.get(key, 0) + topup.units * face_fen
    for cell in cells:
        if (cell.day, cell.tier) in stock:
            stock[cell.day, cell.tier] -= cell.issued_fen
    return stock


def _parts(
    name: str, cells: Iterable[Cell], stock: Stock, key_of_stock: Callable[[int, int], int | str]
) -> tuple[Part, ...]:
    """Cells and stock summed by what this name says of them, in the order of that."""
    grouped: dict[Any, list[Cell]] = {}
    for cell in cells:
        grouped.setdefault(getattr(cell, name), []).append(cell)
    available: Counter[Any] = Counter()
    for (day, tier), fen in stock.items():
        available[key_of_stock(day, tier)] += fen
    return tuple(
        replace(_sum(grouped.get(key, []), available[key]), **{name: key})
        for key in sorted(set(grouped) | set(available))
    )


def _sum(cells: Iterable[Cell], available_fen: int) -> Part:
    whole = dict.fromkeys(_SUMS, 0)
    for cell in cells:
        for name in _SUMS:
            whole[name] += getattr(cell, name)
    return replace(Part(available_fen=available_fen), **whole)  # type: ignore[arg-type]
