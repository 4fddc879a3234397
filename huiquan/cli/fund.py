"""huiquan fund: book an appropriation, show where the money stands.  专户资金"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.fund_campaign import fund_campaign
from huiquan.cli.books import open_books
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import refused
from huiquan.db.ledger import Fund
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.fund import fund_of, lines_of

app = typer.Typer(help="Book an appropriation, or show where the money stands.")
console = Console(highlight=False)


@app.command()
def appropriate(
    campaign: Annotated[str, typer.Argument(help="the campaign's code")],
    in_yuan: Annotated[str, typer.Argument(metavar="YUAN", help="such as 1000000 or 1,000.50")],
    ref: Annotated[str, typer.Option(help="the bank's reference of the payment")],
    by: Annotated[str, typer.Option(help="who books it")] = "operator",
) -> None:
    """Book that the department's money has arrived; the same reference counts once."""
    amount_fen = parse_yuan(in_yuan)
    if isinstance(amount_fen, Refusal):
        refused(amount_fen)
    appropriated_fen = asyncio.run(_appropriate(campaign, amount_fen, ref, by))
    console.print(f"{campaign}: {yuan(appropriated_fen)} yuan appropriated in all")


@app.command()
def show(campaign: Annotated[str, typer.Argument(help="the campaign's code")]) -> None:
    """Show where every fen of a campaign stands."""
    fund = asyncio.run(_show(campaign))
    table = Table(title=f"{campaign} 专户资金 (yuan)")
    table.add_column("科目")
    table.add_column("account")
    table.add_column("金额（元）", justify="right")
    for zh, en, amount_fen in lines_of(fund):
        table.add_row(zh, en, yuan(amount_fen))
    console.print(table)


async def _appropriate(code: str, amount_fen: int, ref: str, by: str) -> int:
    async with open_books(settings_from_environment()) as house:
        outcome = await fund_campaign(house, code, amount_fen, ref, by)
    if isinstance(outcome, Refusal):
        refused(outcome)
    return outcome


async def _show(code: str) -> Fund:
    async with open_books(settings_from_environment()) as house:
        fund = await fund_of(house, code)
    if isinstance(fund, Refusal):
        refused(fund)
    return fund
