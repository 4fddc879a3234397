"""huiquan payment accounts, confirm, refuse, requests: where merchants are paid.  收款账户"""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.ask_account import ask_account
from huiquan.actions.confirm_account import confirm_account
from huiquan.actions.refuse_account import refuse_account
from huiquan.app import App
from huiquan.cli.books import ask, progress_bar
from huiquan.cli.signing_in import Password, SignedIn, who
from huiquan.cli.tables import csv_rows
from huiquan.cli.trouble import fail
from huiquan.domain.account_requests import AccountRequest, RequestState
from huiquan.domain.payment_files import PayeeAccount
from huiquan.domain.refusals import Refusal
from huiquan.views.account_requests import request_of, requests_shown

COLUMNS = ("uscc", "account_no", "account_name", "bank_name", "bank_code")
HELP = "a CSV file: " + ", ".join(COLUMNS)

console = Console(highlight=False)

AccountsFile = Annotated[Path, typer.Argument(metavar="CSV", help=HELP)]
RequestNumber = Annotated[int, typer.Argument(metavar="REQUEST", help="the number of the request")]
Deed = Callable[[App, str, PayeeAccount, int], Awaitable[AccountRequest | Refusal]]


def accounts(file: AccountsFile, login: SignedIn, password: Password) -> None:
    """Ask for the accounts on which merchants are paid; somebody else confirms them."""
    done = ask(lambda house: _each(house, file, login, password, ask_account))
    waiting = sum(one.state is RequestState.OPEN for one in done)
    console.print(f"{waiting} wait for another person, {len(done) - waiting} are in force already")


def confirm(file: AccountsFile, login: SignedIn, password: Password) -> None:
    """Confirm what somebody else asked for, against your own copy of the accounts."""
    done = ask(lambda house: _each(house, file, login, password, _confirm))
    in_force = sum(one.is_in_force for one in done)
    console.print(f"{in_force} are in force, {len(done) - in_force} wait for another person")


def refuse(
    number: RequestNumber,
    reason: Annotated[str, typer.Option(help="why not, for whoever asked")],
    login: SignedIn,
    password: Password,
) -> None:
    """Refuse a request, or withdraw your own; the account before it stays in force."""

    async def work(house: App) -> RequestState | Refusal:
        return await refuse_account(house, number, reason, await who(house, login, password))

    console.print(f"request {number}: {ask(work).value}")


def requests() -> None:
    """Show the requests for accounts, those that wait first."""
    for one in ask(requests_shown):
        before = f"···{one.account_before} -> " if one.account_before else ""
        decided = f", decided by {one.decided_by}" if one.decided_by else ""
        console.print(
            f"request {one.request_id}  {one.state}  {one.merchant}  {before}···{one.account_end}  "
            f"{one.bank_name}  asked by {one.asked_by or one.named_by}{decided}",
            markup=False,
        )


async def _confirm(
    house: App, uscc: str, account: PayeeAccount, staff_id: int
) -> AccountRequest | Refusal:
    """Confirm the request that waits, if it is the account of the file to the last letter."""
    request = await request_of(house, uscc)
    if isinstance(request, Refusal):
        return request
    if request.account != account:
        return Refusal.ACCOUNT_DIFFERS
    if request.is_in_force:
        return request
    return await confirm_account(house, request.request_id, account.account_no, staff_id)


async def _each(
    house: App, file: Path, login: str, password: str, deed: Deed
) -> list[AccountRequest]:
    """Do the same with each line of a file; a refusal ends it there, and what was done stays."""
    lines = list(_read(file))
    staff_id, done = await who(house, login, password), []
    with progress_bar() as progress:
        for where, uscc, account in progress.track(lines, description="accounts"):
            request = await deed(house, uscc, account, staff_id)
            if isinstance(request, Refusal):
                fail(f"{where}: {request.zh} {request.en} ({request.value})")
            done.append(request)
    return done


def _read(file: Path) -> Iterator[tuple[str, str, PayeeAccount]]:
    for where, row in csv_rows(file, COLUMNS):
        uscc, *fields = ((row[name] or "").strip() for name in COLUMNS)
        yield where, uscc, PayeeAccount(**dict(zip(COLUMNS[1:], fields, strict=True)))
