"""huiquan reconcile: import bills and statements, compare days, look after cases.  对账"""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from huiquan.actions.assign_case import assign_case
from huiquan.actions.close_case import close_case
from huiquan.actions.import_bill import BillSent, BillTaken, import_bill
from huiquan.actions.reconcile_day import DayReconciled, reconcile_day
from huiquan.app import App
from huiquan.cli.books import ask, open_books, progress_bar
from huiquan.cli.days import read_day
from huiquan.cli.house import settings_from_environment
from huiquan.cli.trouble import fail, refused
from huiquan.db import campaigns
from huiquan.db.imported_books import Source
from huiquan.domain.bill_flaws import BadFile
from huiquan.domain.cases import Cause
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.money import yuan
from huiquan.domain.refusals import Refusal
from huiquan.views.reconciliation import (
    CaseLine,
    case_file,
    cases,
    days_due,
    sources,
)

app = typer.Typer(help="Hold our books against those of payment companies and the bank.")
console = Console(highlight=False)

Campaign = Annotated[str | None, typer.Option("--campaign", help="the campaign's code")]
ByLogin = Annotated[str, typer.Option(help="the login of whoever does it")]
CaseNumber = Annotated[int, typer.Argument(help="the number of the case")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="the file as it was received")],
    source: Annotated[str, typer.Option(help="an acquirer's code, or the name of an account")],
    mapping: Annotated[str, typer.Option(help="the format: wechat, alipay, unionpay, icbc …")],
    day: Annotated[str | None, typer.Option(help="the bill's day; a statement needs none")] = None,
    part: Annotated[str, typer.Option(help="which part, if a day comes in several files")] = "",
    by: Annotated[str, typer.Option(help="who imports it")] = "operator",
    campaign: Campaign = None,
) -> None:
    """Import a bill or statement, whole or not at all; the same file again changes nothing."""
    if not file.is_file():
        fail(f"{file}: there is no such file")
    bill_day = day_from_number(read_day(day)) if day else None
    raw = file.read_bytes()
    sent = BillSent(
        campaign=campaign or settings_from_environment().campaign,
        source=source,
        mapping=mapping,
        day=bill_day,
        part=part,
        name=file.name[-64:],
        raw=raw,
    )
    taken = asyncio.run(_import(sent, by))
    counts = taken.counts
    word = "taken" if taken.is_new else "taken before; nothing changed"
    console.print(
        f"file {taken.file_id}, {word}: {taken.line_count} lines of {taken.first_day} to "
        f"{taken.last_day}, {counts.new_count} new, {counts.same_count} known, "
        f"{counts.changed_count} changed, {counts.withdrawn_count} left out"
    )


@app.command()
def run(
    day: Annotated[str | None, typer.Option(help="one day; without it every day due")] = None,
    campaign: Campaign = None,
) -> None:
    """Compare every day that is due, or one day of every source; running it again adds nothing."""
    done = asyncio.run(_run(day_from_number(read_day(day)) if day else None, campaign))
    for source, one in done:
        state = f"{one.opened_count} new cases" if one.has_file else "no file yet"
        console.print(
            f"{one.day} {source.book.value} {source.name}: ours {yuan(one.ours.fen)} in "
            f"{one.ours.count} lines, theirs {yuan(one.theirs.fen)} in {one.theirs.count}; {state},"
            f" {one.closed_count} explained"
        )
    if not done:
        console.print("nothing is due")


@app.command("cases")
def list_cases(
    everything: Annotated[bool, typer.Option("--all", help="closed ones, too")] = False,
    campaign: Campaign = None,
) -> None:
    """List the cases with their age and owner; exit status 1 while one is open."""
    found = asyncio.run(_cases(None if everything else True, campaign))
    table = Table(title="差错 cases (yuan)")
    for name in ("no", "day", "source", "kind", "ref", "ours", "theirs", "state", "owner", "days"):
        table.add_column(name, justify="right" if name in ("ours", "theirs", "days") else "left")
    for one in found:
        table.add_row(
            *(str(one.case_id), str(one.day), one.source, f"{one.kind.zh} {one.kind.value}"),
            *(one.ref, yuan(one.ours_fen), yuan(one.theirs_fen), one.state.value),
            *(one.owner or "–", str(one.age_days)),
        )
    console.print(table)
    if any(one.closed_at is None for one in found):
        raise typer.Exit(1)


@app.command()
def show(case: CaseNumber) -> None:
    """Show one case with both lines and every step."""
    found = ask(lambda house: case_file(house, case))
    one = found.case
    console.print(f"case {one.case_id}: {one.kind.zh} ({one.kind.en}), {one.state.value}")
    console.print(f"  {one.source} {one.day}, reference {one.ref or '–'}")
    console.print(f"  ours   {yuan(one.ours_fen):>16}  {found.ours_key or '–'}")
    console.print(f"  theirs {yuan(one.theirs_fen):>16}  {found.theirs_key or '–'}")
    for event in found.events:
        said = " ".join(f"{name}={value}" for name, value in event.detail.items() if value)
        console.print(f"  {event.at:%Y-%m-%d %H:%M:%S} {event.actor} {event.did} {said}")


@app.command()
def assign(
    case: CaseNumber,
    to: Annotated[str, typer.Option(help="the login of who shall answer for it")],
    by: ByLogin,
) -> None:
    """Give a case an owner."""
    owner = ask(lambda house: assign_case(house, case, to, by))
    console.print(f"case {case}: {owner} answers for it")


@app.command()
def close(
    case: CaseNumber,
    cause: Annotated[Cause, typer.Option(help="why the books differed")],
    reason: Annotated[str, typer.Option(help="what was found, in a sentence")],
    by: ByLogin,
    payment: Annotated[
        str, typer.Option(help="for paid_after_all: the settlement, if the bank's line has no name")
    ] = "",
) -> None:
    """Explain a case; where money differs a second person has to say the same."""
    closing = ask(lambda house: close_case(house, case, cause, reason, by, payment_ref=payment))
    word = "closed" if closing.is_final else "waits for a second person"
    console.print(f"case {case}: {cause.zh} ({cause.en}), {word}")


async def _import(sent: BillSent, by: str) -> BillTaken:
    async with open_books(settings_from_environment()) as house:
        with progress_bar() as progress:
            progress.add_task(f"reading {sent.name}", total=None)
            taken = await import_bill(house, sent, by)
    if isinstance(taken, BadFile):
        fail("; ".join(f"{flaw.zh} / {flaw.en}" for flaw in taken.flaws))
    if isinstance(taken, Refusal):
        refused(taken)
    return taken


async def _run(day: date | None, campaign: str | None) -> list[tuple[Source, DayReconciled]]:
    settings, done = settings_from_environment(), []
    async with open_books(settings) as house:
        campaign_id = await _campaign_id(house, campaign or settings.campaign)
        if day is None:
            due = await days_due(house, campaign_id)
        else:
            due = [(source, day) for source in await sources(house, campaign_id)]
        with progress_bar() as progress:
            task = progress.add_task("comparing", total=len(due))
            for source, each in due:
                where = f"{source.name} {day_number(each)}"
                outcome = await reconcile_day(
                    house,
                    source,
                    each,
                    on_progress=lambda step, where=where: progress.update(  # type: ignore[misc]
                        task, description=f"{where}: {step}"
                    ),
                )
                if isinstance(outcome, Refusal):
                    refused(outcome)
                done.append((source, outcome))
                progress.advance(task)
    return done


async def _campaign_id(house: App, code: str) -> int:
    async with house.db.reading() as tx:
        found = await campaigns.find(tx, code)
    if found is None:
        refused(Refusal.UNKNOWN_CAMPAIGN)
    return found.campaign_id


async def _cases(is_open: bool | None, campaign: str | None) -> list[CaseLine]:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        campaign_id = await _campaign_id(house, campaign or settings.campaign)
        return await cases(house, campaign_id, is_open=is_open)
