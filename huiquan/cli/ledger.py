"""huiquan ledger: export the itemised register, verify one, close the chain's links.  台账"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.link_ledger import link_ledger
from huiquan.cli.books import open_books, progress_bar
from huiquan.cli.days import read_day
from huiquan.cli.house import settings_from_environment
from huiquan.cli.register_verify import verify
from huiquan.cli.register_workbook import write_register
from huiquan.cli.trouble import fail, refused
from huiquan.domain.refusals import Refusal
from huiquan.domain.register_files import RegisterManifest
from huiquan.gateways.keys import load_keys
from huiquan.views.register import open_register
from huiquan.views.register_folder import write_folder
from huiquan.views.register_tables import open_tables

app = typer.Typer(help="The register: export it, add it up again, close the ledger's chain.")
console = Console(highlight=False)


@app.command()
def export(
    day: Annotated[
        str | None, typer.Argument(help="the day of the workbook: 20260206 or 2026-02-06")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="the workbook of one day to write")] = None,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="the new folder for the whole register")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Write the register (资金使用明细台账): a day as a workbook, or all of it as a folder."""
    if directory is not None and day is None and xlsx is None:
        _export_folder(directory, campaign)
        return
    if day is None or xlsx is None or directory is not None:
        fail("name a day and --xlsx for a workbook, or --dir for the whole register")
    number = read_day(day)
    if not xlsx.parent.is_dir():
        fail(f"{xlsx.parent}: there is no such directory")
    written = asyncio.run(_export(number, xlsx, campaign))
    console.print(f"{xlsx}: {written} movements written")


app.command("verify")(verify)


@app.command()
def link(campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None) -> None:
    """Close a link of the chain over what was booked since the last one."""
    closed = asyncio.run(_link(campaign))
    console.print(f"{closed} links closed")


def _export_folder(directory: Path, campaign: str | None) -> None:
    if directory.exists():
        fail(f"{directory} is there already")
    if not directory.absolute().parent.is_dir():
        fail(f"{directory.parent}: there is no such directory")
    manifest = asyncio.run(_write_folder(directory, campaign))
    lines = sum(mark.lines for mark in manifest.files.values())
    console.print(f"{directory}: {len(manifest.files) + 1} files, {lines:,} lines")


async def _write_folder(directory: Path, campaign: str | None) -> RegisterManifest:
    """Close the links first, so that as much as can be is covered; then one snapshot of all."""
    settings = settings_from_environment()
    keys = load_keys(settings.keys) if settings.keys.is_dir() else None
    async with open_books(settings, keys) as house:
        code = campaign or settings.campaign
        linked = await link_ledger(house, code)
        if isinstance(linked, Refusal):
            refused(linked)
        async with open_tables(house, code) as register:
            if isinstance(register, Refusal):
                refused(register)
            with progress_bar() as progress:
                task = progress.add_task("writing", total=None)
                return await write_folder(
                    directory,
                    register,
                    house.signer if keys else None,
                    on_progress=lambda rows: progress.update(task, completed=rows),
                )


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
