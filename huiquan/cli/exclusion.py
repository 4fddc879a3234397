"""huiquan exclusion: who may not take part, and the list that the config's hash names.  排除名单

The list of people is a CSV file with the columns kind (resident_id, passport …), number and
reason (an office). Numbers are hashed with the house's lookup key at once and kept nowhere.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.actions.exclude_people import exclude_people
from huiquan.app import App
from huiquan.cli.books import open_books
from huiquan.cli.house import settings_from_environment
from huiquan.cli.tables import csv_rows
from huiquan.cli.trouble import fail, refused
from huiquan.domain.exclusions import Exclusion, exclusion_list_hash
from huiquan.domain.people import DocumentKind, normalise_document, person_key
from huiquan.domain.refusals import Refusal
from huiquan.gateways.keys import load_keys
from huiquan.views.exclusions import exclusion_list_at

COLUMNS = ("kind", "number", "reason")

app = typer.Typer(help="Exclude staff and others who could know or decide; show the kept list.")
console = Console(highlight=False, soft_wrap=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="the people, a CSV file")],
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
    by: Annotated[str, typer.Option(help="who excludes them")] = "operator",
) -> None:
    """Put everyone of a CSV file on the exclusion list; it only ever grows."""
    added = asyncio.run(_import(file, campaign, by))
    console.print(f"{added} people excluded; the next draw config carries the list's new hash")


@app.command("list")
def write_list(
    out: Annotated[Path, typer.Argument(help="where to write the list")],
    at: Annotated[str | None, typer.Option(help="a config's published_at (default: now)")] = None,
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Write the kept list as a config published at that instant names it, and say its hash."""
    kept = asyncio.run(_list(None if at is None else _instant(at), campaign))
    out.write_bytes(kept)
    people = len(kept.splitlines())
    console.print(f"{out}: {people} people, SHA-256 {exclusion_list_hash(kept)}")


async def import_exclusions(house: App, code: str, file: Path, by: str) -> int:
    """Exclude everyone of the file; the first wrong line ends it, and then nobody is excluded."""
    people = list(_read(file, house.keys.lookup))
    added = await exclude_people(house, code, people, by)
    if isinstance(added, Refusal):
        refused(added)
    return added


async def _import(file: Path, code: str | None, by: str) -> int:
    settings = settings_from_environment()
    async with open_books(settings, load_keys(settings.keys)) as house:
        return await import_exclusions(house, code or settings.campaign, file, by)


async def _list(at: datetime | None, code: str | None) -> bytes:
    settings = settings_from_environment()
    async with open_books(settings) as house:
        kept = await exclusion_list_at(house, code or settings.campaign, at or house.clock())
    if isinstance(kept, Refusal):
        refused(kept)
    return kept


def _instant(text: str) -> datetime:
    """An instant with its zone, as a config writes it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text}: not a time")
    if at.tzinfo is None:
        fail(f"{text}: the zone is missing, such as +08:00")
    return at


def _read(file: Path, lookup_key: bytes) -> Iterator[Exclusion]:
    """Each person of the file, known from here on by the keyed hash only."""
    for where, row in csv_rows(file, COLUMNS):
        yield _exclusion(where, row, lookup_key)


def _exclusion(where: str, row: dict[str, str | None], lookup_key: bytes) -> Exclusion:
    """The person of one line."""
    kind, number, reason = ((row[name] or "").strip() for name in COLUMNS)
    if kind not in set(DocumentKind) or not reason:
        fail(f"{where}: a known kind of document and a reason are needed")
    document = normalise_document(DocumentKind(kind), number)
    if isinstance(document, Refusal):
        fail(f"{where}: {document.zh} {document.en} ({document.value})")
    return Exclusion(person_key=person_key(lookup_key, document), reason=reason)
