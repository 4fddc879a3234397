"""huiquan settle: hand to the bank what merchants are due, confirm what it paid.  清算"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.confirm_payment import confirm_payment
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.cli.books import open_books, progress_bar
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import refused
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.refusals import Refusal

app = typer.Typer(help="Settle what merchants are due, and confirm what the bank paid.")
console = Console(highlight=False)


@app.command()
def run(
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Settle today what every merchant is due after the hold; running it again pays nothing."""
    settled = asyncio.run(_run(campaign))
    console.print(
        f"{settled.merchant_count} merchants, due {yuan(settled.payable_fen)}, "
        f"kept for late refunds {yuan(settled.recovered_fen)}, "
        f"to pay {yuan(settled.amount_fen)} yuan"
    )


@app.command()
def confirm(
    settlement: Annotated[int, typer.Argument(help="the number of the settlement")],
    in_yuan: Annotated[str, typer.Argument(metavar="YUAN", help="what the bank says it paid")],
    ref: Annotated[str, typer.Option(help="the bank's reference of the payment")],
    by: Annotated[str, typer.Option(help="who confirms it")] = "operator",
) -> None:
    """Book that the bank has paid a settlement; the same reference counts once."""
    amount_fen = parse_yuan(in_yuan)
    if isinstance(amount_fen, Refusal):
        refused(amount_fen)
    paid_fen = asyncio.run(_confirm(settlement, ref, amount_fen, by))
    console.print(f"settlement {settlement}: {yuan(paid_fen)} yuan paid under {ref}")


async def _run(campaign: str | None) -> DaySettled:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        with progress_bar() as progress:
            task = progress.add_task("settling", total=None)
            settled = await settle_day(
                house,
                campaign or settings.campaign,
                on_progress=lambda done, of: progress.update(task, completed=done, total=of),
            )
    if isinstance(settled, Refusal):
        refused(settled)
    return settled


async def _confirm(settlement_id: int, ref: str, amount_fen: int, by: str) -> int:
    async with open_books(settings_from_environment()) as house:
        paid = await confirm_payment(house, settlement_id, ref, amount_fen, by)
    if isinstance(paid, Refusal):
        refused(paid)
    return paid
