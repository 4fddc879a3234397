"""huiquan settle: work out what merchants are due, hold money back, confirm what was paid.  清算"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.lift_hold import lift_hold
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.app import App
from huiquan.cli.books import ask, open_books, own_number, progress_bar
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.domain.bank_answers import Answer, Outcome
from huiquan.domain.fund import is_bank_ref
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.settlements import sent_line

app = typer.Typer(help="Settle what merchants are due; hold money back; confirm what was paid.")
console = Console(highlight=False)

By = Annotated[str, typer.Option(help="who does it")]


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
    by: By = "operator",
) -> None:
    """Book that the bank has paid a settlement of a file it was sent; the reference counts once."""
    amount_fen = parse_yuan(in_yuan)
    if isinstance(amount_fen, Refusal):
        refused(amount_fen)
    taken = ask(lambda house: _take(house, settlement, ref.strip(), amount_fen, by))
    for _, verdict in taken.contradictions:
        fail(f"this contradicts what the bank said before ({verdict.value}); the merchant is held")
    console.print(f"settlement {settlement}: {yuan(amount_fen)} yuan paid under {ref}")


@app.command()
def hold(
    reason: Annotated[str, typer.Option(help="why the money waits")],
    ref: Annotated[
        str, typer.Option(help="your own number of this hold; the same again places no second one")
    ],
    merchant: Annotated[int | None, typer.Option(help="a merchant's number")] = None,
    store: Annotated[int | None, typer.Option(help="a store's number")] = None,
    redemption: Annotated[str | None, typer.Option(help="a redemption's name")] = None,
    by: By = "operator",
) -> None:
    """Hold back what a merchant, a store or one redemption is due, until the hold is lifted."""
    asked = HoldAsked(
        request_key=own_number(ref),
        reason=reason,
        merchant_id=merchant,
        store_id=store,
        redemption=redemption,
    )
    console.print(f"hold {ask(lambda house: place_hold(house, asked, by))} is in force")


@app.command()
def lift(
    number: Annotated[int, typer.Argument(metavar="HOLD", help="the number of the hold")],
    reason: Annotated[str, typer.Option(help="why it may be paid")],
    by: By = "operator",
) -> None:
    """Lift a hold: the money goes with the next settlement."""
    lifted = ask(lambda house: lift_hold(house, number, reason, by))
    console.print(f"hold {number} {'is lifted' if lifted else 'was lifted before'}")


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


async def _take(
    house: App, settlement_id: int, ref: str, amount_fen: int, by: str
) -> AnswersTaken | Refusal:
    """The bank's word about one line; a slip of the pen in the amount never reaches the books."""
    line = await sent_line(house, settlement_id)
    if isinstance(line, Refusal):
        return line
    if not is_bank_ref(ref):
        return Refusal.MALFORMED
    if line.amount_fen != amount_fen:
        return Refusal.BAD_AMOUNT
    said = Answer(
        ref=line.ref, outcome=Outcome.PAID, amount_fen=amount_fen, bank_ref=ref, reason="成功"
    )
    return await take_bank_answers(house, line.file_id, [said], by)
