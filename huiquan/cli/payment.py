"""huiquan payment: accounts and files for the bank, approved by two people, sent, answered.  付款

Whoever asks for an account, confirms it, drafts, approves or sends signs in with their own
password; nobody acts in another's name.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.app import App
from huiquan.cli import payment_accounts
from huiquan.cli.books import ask, open_books, progress_bar
from huiquan.cli.house import settings_from_environment
from huiquan.cli.signing_in import Password, SignedIn, who
from huiquan.cli.trouble import refused
from huiquan.db.payment_files import FileRow
from huiquan.domain.approvals import Given
from huiquan.domain.bank_answers import Answer, read_answers
from huiquan.domain.money import yuan
from huiquan.domain.payment_files import Encoding, FileState
from huiquan.domain.refusals import Refusal
from huiquan.views.payment_files import bank_bytes, files_of

app = typer.Typer(help="Accounts and payment files: by two people; the bank's answers.")
console = Console(highlight=False)

FileNumber = Annotated[int, typer.Argument(metavar="FILE", help="the number of the file")]

app.command("accounts")(payment_accounts.accounts)
app.command("confirm")(payment_accounts.confirm)
app.command("refuse")(payment_accounts.refuse)
app.command("requests")(payment_accounts.requests)


@app.command()
def draft(
    login: SignedIn,
    password: Password,
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Put everything that is settled and unpaid into a new file."""
    code = campaign or settings_from_environment().campaign

    async def work(house: App) -> FileRow | Refusal:
        return await draft_payment_file(house, code, await who(house, login, password))

    row = ask(work)
    console.print(
        f"file {row.file_id}: {row.line_count} payments, {yuan(row.amount_fen)} yuan, "
        f"SHA-256 {row.sha256.hex()}"
    )


@app.command()
def approve(number: FileNumber, login: SignedIn, password: Password) -> None:
    """Approve a file; it may be sent after two different people did, one of the department."""

    async def work(house: App) -> Given | Refusal:
        return await approve_payment_file(house, number, await who(house, login, password))

    given = ask(work)
    console.print(f"file {number}: " + ("may be sent" if given.is_complete else "one more needed"))


@app.command()
def send(
    number: FileNumber,
    out: Annotated[Path, typer.Argument(help="where to write the bank's file")],
    login: SignedIn,
    password: Password,
    encoding: Annotated[Encoding, typer.Option(help="how its letters are written")] = Encoding.GBK,
) -> None:
    """Write an approved file for the bank and note that it goes there; the same bytes again."""
    raw = ask(lambda house: _send(house, number, login, password, encoding))
    out.write_bytes(raw)
    console.print(f"file {number}: {out}, {len(raw)} bytes")


@app.command()
def accept(
    number: FileNumber,
    login: SignedIn,
    password: Password,
    batch: Annotated[str, typer.Option(help="the bank's own number of it")] = "",
) -> None:
    """Note that the bank has taken a file in."""
    _moved(number, Move.ACCEPT, login, password, batch)


@app.command()
def withdraw(number: FileNumber, login: SignedIn, password: Password) -> None:
    """Take back a file that has not gone to the bank; its settlements wait for another."""
    _moved(number, Move.WITHDRAW, login, password, "")


@app.command()
def answers(
    number: FileNumber,
    file: Annotated[Path, typer.Argument(help="the bank's answers, a CSV file")],
    by: Annotated[str, typer.Option(help="who hands them in")] = "operator",
) -> None:
    """Book what the bank answered; the same answers again change nothing."""
    said = read_answers(file.read_bytes())
    if isinstance(said, Refusal):
        refused(said)
    taken = asyncio.run(_answers(number, said, by))
    console.print(
        f"{taken.paid_count} paid ({yuan(taken.paid_fen)} yuan), {taken.bounced_count} came back "
        f"({yuan(taken.bounced_fen)} yuan), {taken.repeated_count} heard before"
    )
    for answer, verdict in taken.contradictions:
        console.print(f"{answer.ref}: {verdict.value}: the merchant is held until somebody asks")
    if taken.contradictions:
        raise typer.Exit(1)


@app.command("list")
def show(campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None) -> None:
    """Show the payment files of a campaign, the newest first."""
    for one in asyncio.run(_list(campaign)):
        console.print(one)


async def _send(
    house: App, file_id: int, login: str, password: str, encoding: Encoding
) -> bytes | Refusal:
    sender = await who(house, login, password)
    moved = await move_payment_file(house, file_id, Move.SEND, sender)
    return moved if isinstance(moved, Refusal) else await bank_bytes(house, file_id, encoding)


def _moved(file_id: int, move: Move, login: str, password: str, batch: str) -> None:
    async def go(house: App) -> FileState | Refusal:
        mover = await who(house, login, password)
        return await move_payment_file(house, file_id, move, mover, batch)

    console.print(f"file {file_id}: {ask(go).value}")


async def _answers(file_id: int, said: list[Answer], by: str) -> AnswersTaken:
    async with open_books(settings_from_environment()) as house:
        with progress_bar() as progress:
            task = progress.add_task("booking", total=len(said))
            taken = await take_bank_answers(
                house,
                file_id,
                said,
                by,
                on_progress=lambda done, of: progress.update(task, completed=done, total=of),
            )
    if isinstance(taken, Refusal):
        refused(taken)
    return taken


async def _list(campaign: str | None) -> list[str]:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        found = await files_of(house, campaign or settings.campaign)
    if isinstance(found, Refusal):
        refused(found)
    return [
        f"file {one.file_id}  {one.day}  {one.state.value}  {one.line_count} payments  "
        f"{yuan(one.amount_fen)} yuan  paid {one.paid_count}  came back {one.bounced_count}  "
        f"approved by {', '.join(one.approvers) or '–'}"
        for one in found
    ]
