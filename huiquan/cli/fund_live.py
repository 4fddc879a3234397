"""huiquan fund live, count, matching, alerts: what the fund looks like now.  资金实时余额"""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.acknowledge_alert import acknowledge_alert
from huiquan.actions.count_fund import count_fund
from huiquan.app import App
from huiquan.cli.books import ask, progress_bar
from huiquan.cli.days import read_day
from huiquan.cli.trouble import fail
from huiquan.db import staff
from huiquan.domain.cities import CITIES
from huiquan.domain.money import yuan
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import pack_numbered, tier_numbered
from huiquan.views.fund_live import LiveFund, Part, live_fund
from huiquan.views.fund_money import alerts_of, matching_of

console = Console(highlight=False)

Campaign = Annotated[str, typer.Argument(help="the campaign's code")]
Login = Annotated[str, typer.Option(help="the sign-in of whoever does it")]

_COLUMNS = (
    ("可中签\navailable", "available_fen"),
    ("已占用\nreserved", "reserved_fen"),
    ("核销中\nlocked", "locked_fen"),
    ("应付\npayable", "payable_fen"),
    ("清算中\nsettling", "settling_fen"),
    ("已付\npaid", "paid_fen"),
    ("已回收\nrecovered", "recovered_fen"),
    ("清算后退款\nlate", "late_fen"),
)


def live(
    campaign: Campaign,
    day: Annotated[str | None, typer.Option(help="one draw day only: 2026-02-06")] = None,
) -> None:
    """Show live balances by pack, tier, city and draw day."""
    number = read_day(day) if day else None
    began = time.perf_counter()
    span = {} if number is None else {"first_day": number, "last_day": number}
    fund = ask(lambda house: live_fund(house, campaign, **span))
    took_s = time.perf_counter() - began
    for title, parts in (
        ("礼包 pack", fund.by_pack),
        ("面额档 tier", fund.by_tier),
        ("市州 city", fund.by_city),
        ("摇号日 draw day", fund.by_day),
    ):
        console.print(_table(title, fund, parts))
    lasts = "–" if fund.days_left is None else str(fund.days_left)
    console.print(
        f"pool {yuan(fund.fund.pool_fen)} yuan, {yuan(fund.burn_fen)} a day, lasts {lasts} days; "
        f"{fund.draw_days_left} draw days are left ({took_s:.2f} s)"
    )


def count(campaign: Campaign) -> None:
    """Count the books into what is kept of balances and figures, as the jobs do each minute."""
    with progress_bar() as progress:
        task = progress.add_task("counting", total=None)
        counted = ask(
            lambda house: count_fund(
                house,
                campaign,
                on_progress=lambda done, of: progress.update(task, completed=done, total=of),
            )
        )
    console.print(f"{campaign}: {counted:,} transfers counted")


def matching(campaign: Campaign) -> None:
    """Show matching money: pledged, used, given back with goods, left."""
    table = Table(title=f"{campaign} 配套资金 (yuan)")
    for head in ("", "承诺\npledged", "使用\nused", "随货退回\nback", "剩余\nleft", "笔数\norders"):
        table.add_column(head, justify="left" if not head else "right")
    for one in ask(lambda house: matching_of(house, campaign)):
        table.add_row(
            one.merchant or "平台 platform",
            *(yuan(n) for n in (one.pledged_fen, one.used_fen, one.given_back_fen, one.left_fen)),
            f"{one.redemption_count:,}",
        )
    console.print(table)


def alerts(campaign: Campaign) -> None:
    """Show the newest alerts about the fund, those that still stand first."""
    for one in ask(lambda house: alerts_of(house, campaign)):
        state = "ended" if one.ended_at else "STANDS"
        seen = f"seen by {one.acknowledged_by}" if one.acknowledged_by else "not seen yet"
        console.print(f"{one.alert_id}  {one.raised_at:%Y-%m-%d %H:%M}  {state}, {seen}")
        console.print(f"    {one.zh}\n    {one.en}", markup=False)


def acknowledge(
    alert: Annotated[int, typer.Argument(help="the number of the alert")], by: Login
) -> None:
    """Say that somebody has seen an alert."""
    ask(lambda house: _acknowledge(house, alert, by))
    console.print(f"alert {alert} was seen by {by}")


def _table(title: str, fund: LiveFund, parts: tuple[Part, ...]) -> Table:
    table = Table(title=f"{title} (yuan)")
    table.add_column("")
    table.add_column("券数\nvouchers", justify="right")
    for head, _ in _COLUMNS:
        table.add_column(head, justify="right")
    for part in (*parts, fund.total):
        sums = (yuan(getattr(part, name)) for _, name in _COLUMNS)
        table.add_row(_name(fund, part), f"{part.issued_count:,}", *sums)
    return table


def _name(fund: LiveFund, part: Part) -> str:
    """What a part is of; the whole is 合计."""
    if part.city is not None:
        return CITIES[part.city].zh
    if part.tier is not None:
        tier = tier_numbered(fund.rulebook, part.tier)
        return f"{part.tier}: {yuan(tier.face_fen)}" if tier else str(part.tier)
    if part.pack is not None:
        pack = pack_numbered(fund.rulebook, part.pack)
        return pack.name_zh if pack else str(part.pack)
    return str(part.day or "合计 total")


async def _acknowledge(house: App, alert_id: int, login: str) -> Refusal | None:
    async with house.db.reading() as tx:
        staff_id = await staff.id_of(tx, login)
    if staff_id is None:
        fail(f"nobody signs in as {login}")
    return await acknowledge_alert(house, alert_id, staff_id)
