"""huiquan ledger: export the itemised register of a day, close the chain's links.  台账"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.link_ledger import link_ledger
from huiquan.cli.books import open_books, progress_bar
from huiquan.cli.days import read_day
from huiquan.cli.house import settings_from_environment
from huiquan.cli.register_workbook import write_register
from huiquan.cli.trouble import fail, refused
from huiquan.domain.refusals import Refusal
from huiquan.views.register import open_register

app = typer.Typer(help="Export the register of a day, or close the links of the ledger's chain.")
console = Console(highlight=False)


@app.command()
def export(
    day: Annotated[str, typer.Argument(help="the day: 20260206 or 2026-02-06")],
    xlsx: Annotated[Path, typer.Option(help="the workbook to write")],
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Write every movement of a day with opening and closing balances (资金使用明细台账)."""
    number = read_day(day)
    if not xlsx.parent.is_dir():
        fail(f"{xlsx.parent}: there is no such directory")
    written = asyncio.run(_export(number, xlsx, campaign))
    console.print(f"{xlsx}: {written} movements written")


@app.command()
def link(campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None) -> None:
    """Close a link of the chain over what was booked since the last one."""
    closed = asyncio.run(_link(campaign))
    console.print(f"{closed} links closed")


async def _export(day: int, xlsx: Path, campaign: str | None) -> int:
    settings = settings_from_environment()
    async with (
        open_books(settings) as house,
        open_register(house, campaign or settings.campaign, day) as register,
    ):
        if isinstance(register, Refusal):
            refused(register)
        with progress_bar() as progress:
            task = progress.add_task("writing", total=register.line_count)
            return await write_register(
                xlsx,
                register,
                on_progress=lambda written: progress.update(task, completed=written),
            )


async def _link(campaign: str | None) -> int:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        closed = await link_ledger(house, campaign or settings.campaign)
    if isinstance(closed, Refusal):
        refused(closed)
    return closed
