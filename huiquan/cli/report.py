"""huiquan report: the nine figures of a day, on the screen, as JSON or as a workbook.  日报"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from huiquan.cli.books import open_books
from huiquan.cli.days import read_day
from huiquan.cli.house import settings_from_environment
from huiquan.cli.report_workbook import write_report
from huiquan.cli.trouble import fail, refused
from huiquan.domain.figures import Nine
from huiquan.domain.money import yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.figures import Part
from huiquan.views.report import NINE, FigureName, Report, daily_report, plain

console = Console(highlight=False)


def report(
    day: Annotated[str, typer.Argument(help="the day: 20260206 or 2026-02-06")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, money in fen")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="write a workbook to this file")] = None,
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Report the nine figures of a day: in all, by city, by pack and by platform."""
    number = read_day(day)
    if xlsx is not None and not xlsx.parent.is_dir():
        fail(f"{xlsx.parent}: there is no such directory")
    reported = asyncio.run(_report(number, campaign))
    if xlsx is not None:
        write_report(xlsx, reported)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(plain(reported))).decode())
    elif xlsx is not None:
        console.print(f"{xlsx} written")
    else:
        _print(reported)


async def _report(day: int, campaign: str | None) -> Report:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        reported = await daily_report(house, campaign or settings.campaign, day)
    if isinstance(reported, Refusal):
        refused(reported)
    return reported


def _print(reported: Report) -> None:
    counted = reported.figures
    table = Table(title=f"{reported.name_zh}  {reported.day:%Y-%m-%d}")
    for column in ("指标", "figure"):
        table.add_column(column)
    for column in ("当日 day", "累计 so far"):
        table.add_column(column, justify="right")
    for one in NINE:
        table.add_row(one.zh, one.en, _cell(counted.total, one), _cell(counted.cumulative, one))
    rate = f"{counted.redemption_rate_bp / 100:.2f}%"
    table.add_row("参与人次", "entered", f"{counted.entered_count:,}", "")
    table.add_row("核销率", "redemption rate", "", rate)
    console.print(table)
    parts = (
        ("市州 city", counted.by_city),
        ("礼包 pack", counted.by_pack),
        ("平台 platform", counted.by_platform),
    )
    for name, rows in parts:
        console.print(_parts(name, rows))


def _parts(name: str, parts: Sequence[Part]) -> Table:
    """A row for each part in which anything happened, amounts in yuan."""
    table = Table()
    table.add_column(name)
    for one in NINE:
        table.add_column(one.zh, justify="right")
    for part in parts:
        if part.nine != Nine():
            table.add_row(part.zh, *(_cell(part.nine, one) for one in NINE))
    return table


def _cell(nine: Nine, name: FigureName) -> str:
    value: int = getattr(nine, name.field)
    return yuan(value) if name.is_money else f"{value:,}"
