"""The fund live: by draw day, pack, tier and city, what became of every fen.  资金实时余额

What is available belongs to no city yet: anyone in the province may win it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from huiquan.app import App
from huiquan.db import campaign_state, fund_alerts, fund_cells, ledger
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
_Key = TypeVar("_Key", int, str)
Stock = dict[tuple[int, int], int]
"""What nobody has won, in fen, by draw day and tier."""


async def live_fund(
    app: App, code: str, *, first_day: int = FIRST_DAY, last_day: int = LAST_DAY
) -> LiveFund | Refusal:
    """Where the money of these draw days stands now (R2.4). Refuses UNKNOWN_CAMPAIGN.

    One snapshot. Days that were summed are read; the others are counted, so a page that asks for
    the whole season costs what its last two or three weeks cost.
    """
    now = app.clock()
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        cells = await cells_of(tx, campaign_id, first_day, last_day, now)
        fund = await ledger.fund(tx, campaign_id)
        a_day_fen = burn_fen(await fund_alerts.burn_by_day(tx, campaign_id, BURN_DAYS))
    rulebook = campaign.rulebook_at(now)
    stock = _stock(campaign, cells, first_day, last_day)
    packs = {tier.number: tier.pack for tier in rulebook.tiers}
    return LiveFund(
        at=now,
        rulebook=rulebook,
        fund=fund,
        burn_fen=a_day_fen,
        days_left=days_left(fund.pool_fen, a_day_fen),
        draw_days_left=sum(day >= day_of(now) for day in draw_days(rulebook)),
        total=_sum(cells, sum(stock.values())),
        by_pack=tuple(
            replace(part, pack=key)
            for key, part in _grouped(
                cells, stock, lambda one: one.pack, lambda _, tier: packs[tier]
            )
        ),
        by_tier=tuple(
            replace(part, tier=key)
            for key, part in _grouped(cells, stock, lambda one: one.tier, lambda _, tier: tier)
        ),
        by_city=tuple(
            replace(part, city=key)
            for key, part in _grouped(cells, {}, lambda one: one.city, lambda *_: "")
        ),
        by_day=tuple(
            replace(part, day=key)
            for key, part in _grouped(cells, stock, lambda one: one.day, lambda day, _: day)
        ),
    )


async def cells_of(
    tx: Tx, campaign_id: int, first_day: int, last_day: int, now: datetime
) -> list[Cell]:
    """Every cell of these draw days: summed days as they were kept, the others counted now."""
    done = [
        day for day in await fund_cells.summed_days(tx, campaign_id) if first_day <= day <= last_day
    ]
    released = [day for day, _ in await fund_cells.draw_days(tx, campaign_id)]
    alive = [day for day in released if first_day <= day <= last_day and day not in set(done)]
    cells = await fund_cells.summed(tx, campaign_id, first_day, last_day) if done else []
    if alive:
        cells += await fund_cells.count_live(
            tx, campaign_id, alive[0], alive[-1], [day for day in done if day > alive[0]], now
        )
    late = await fund_cells.late_by_cell(tx, campaign_id)
    return [replace(cell, late_fen=late.get((cell.day, cell.tier, cell.city), 0)) for cell in cells]


def _stock(campaign: Campaign, cells: list[Cell], first_day: int, last_day: int) -> Stock:
    """What stands released on days that are not closed, less what was won of it."""
    stock: Stock = {}
    for number, day in campaign.days.items():
        if day.is_released and not day.is_closed and first_day <= number <= last_day:
            for topup in day.plan.topups:
                face_fen = day.config.tiers[topup.tier].face_fen
                key = (number, topup.tier)
                stock[key] = stock.get(key, 0) + topup.units * face_fen
    for cell in cells:
        if (cell.day, cell.tier) in stock:
            stock[cell.day, cell.tier] -= cell.issued_fen
    return stock


def _grouped(
    cells: Iterable[Cell],
    stock: Stock,
    key_of: Callable[[Cell], _Key],
    key_of_stock: Callable[[int, int], _Key],
) -> list[tuple[_Key, Part]]:
    """Cells and stock summed by key, in the order of the keys."""
    grouped: dict[_Key, list[Cell]] = {}
    for cell in cells:
        grouped.setdefault(key_of(cell), []).append(cell)
    available: dict[_Key, int] = {}
    for (day, tier), fen in stock.items():
        key = key_of_stock(day, tier)
        available[key] = available.get(key, 0) + fen
    keys: list[_Key] = sorted(set(grouped) | set(available))
    return [(key, _sum(grouped.get(key, []), available.get(key, 0))) for key in keys]


def _sum(cells: Iterable[Cell], available_fen: int) -> Part:
    whole = dict.fromkeys(_SUMS, 0)
    for cell in cells:
        for name in _SUMS:
            whole[name] += getattr(cell, name)
    return replace(Part(available_fen=available_fen), **whole)  # type: ignore[arg-type]
