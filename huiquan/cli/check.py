"""huiquan check: ask whether every promise of the house holds.  不变量检查"""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from huiquan.actions.run_checks import CheckRun, run_checks
from huiquan.cli.books import open_books
from huiquan.cli.house import settings_from_environment
from huiquan.db.checks import Failed
from huiquan.views.sheets import moment

console = Console(highlight=False)


def check(
    quick: Annotated[
        bool, typer.Option(help="leave out what is drawn and hashed again; a matter of seconds")
    ] = False,
) -> None:
    """Check every promise of the books and the draw; exit status 1 if one does not hold."""
    run = asyncio.run(_run(recount=not quick))
    for failed in run.failed:
        console.print(_table(failed))
    kept = run.checked - len(run.failed)
    console.print(f"{kept} of {run.checked} promises hold")
    if run.failed:
        raise typer.Exit(1)


async def _run(*, recount: bool) -> CheckRun:
    async with open_books(settings_from_environment()) as house:
        with Console(stderr=True, highlight=False).status("checking …") as status:
            return await run_checks(house, recount=recount, on_progress=status.update)


def _table(failed: Failed) -> Table:
    """The rows that show it, a column for each field."""
    table = Table(title=escape(f"✗ {failed.title}"), title_justify="left", title_style="bold red")
    for column in failed.rows[0]:
        table.add_column(column, overflow="fold")
    for row in failed.rows:
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    return table


def _cell(value: object) -> str:
    """A value as it is read: times in Shanghai, nothing where there is nothing."""
    if isinstance(value, datetime):
        return moment(value)
    return "" if value is None else str(value)
