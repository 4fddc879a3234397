"""huiquan store: open the stores of a list.  门店

The list is a CSV file with a line for each store, as a city's commerce office would keep it:
merchant_name, uscc, code, name, address, lat, lng, datum (wgs84 or gcj02), packs (numbers with
spaces between), login, cashier_name, pin. A store whose code is known already stays as it is, so
a list can be read again after a line was put right.
"""

import asyncio
import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from huiquan.actions.open_store import NewStore, OpenedStore, open_store
from huiquan.app import App
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import fail
from huiquan.domain.coordinates import Datum
from huiquan.domain.refusals import Refusal
from huiquan.views.draws import campaigns_in_play

COLUMNS = tuple(field.name for field in fields(NewStore))

app = typer.Typer(help="Open stores, so that vouchers can be spent there.")
console = Console(highlight=False)
progress = Console(stderr=True, highlight=False)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of a list: opened now, known before, and credit codes a person should look at."""

    opened: int
    known: int
    doubtful_lines: tuple[int, ...]


@app.callback()
def stores() -> None:
    """Open stores, so that vouchers can be spent there."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="the list, a CSV file")],
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
    by: Annotated[str, typer.Option(help="who opens them")] = "operator",
) -> None:
    """Open every store of a CSV list, each with its packs and a cashier."""
    imported = asyncio.run(_import(file, campaign, by))
    console.print(f"{imported.opened} stores opened, {imported.known} known already")
    for line in imported.doubtful_lines:
        console.print(f"{file}:{line}: the check characters of the credit code do not fit")


async def _import(file: Path, code: str | None, by: str) -> Imported:
    settings = settings_from_environment()
    async with open_house(settings) as house:
        return await import_stores(house, code or settings.campaign, file, by)


async def import_stores(house: App, code: str, file: Path, by: str) -> Imported:
    """Open every store of the list; the first wrong line ends it, and what came before stands.

    The whole list is read before the first store is opened. (R2.2, R3.8)
    """
    found = [one for one in await campaigns_in_play(house) if one.code == code]
    if not found:
        fail(f"there is no campaign {code}")
    opened, doubtful = 0, []
    rows = list(_read(file))
    for line, new in track(rows, "opening stores", console=progress, transient=True):
        outcome = await open_store(house, found[0], new, by)
        if isinstance(outcome, Refusal):
            fail(f"{file}:{line}: {outcome.zh} {outcome.en} ({outcome.value})")
        opened += outcome.is_new
        doubtful += _doubts(line, outcome)
    return Imported(opened=opened, known=len(rows) - opened, doubtful_lines=tuple(doubtful))


def _doubts(line: int, opened: OpenedStore) -> list[int]:
    return [line] if opened.is_new and opened.is_uscc_doubtful else []


def _read(file: Path) -> Iterator[tuple[int, NewStore]]:
    """Each store with its line. Files saved by a Chinese spreadsheet are GB 18030 or UTF-8."""
    if not file.is_file():
        fail(f"{file}: there is no such file")
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    reader = csv.DictReader(text.splitlines())
    missing = sorted(set(COLUMNS) - set(reader.fieldnames or ()))
    if missing:
        fail(f"{file}:1: the columns {', '.join(missing)} are missing")
    for row in reader:
        yield reader.line_num, _store(file, reader.line_num, row)


def _store(file: Path, line: int, row: dict[str, str | None]) -> NewStore:
    words = {name: (row[name] or "").strip() for name in COLUMNS}
    empty = sorted(name for name, word in words.items() if not word)
    if empty:
        fail(f"{file}:{line}: {', '.join(empty)} must not be empty")
    try:
        return NewStore(
            merchant_name=words["merchant_name"],
            uscc=words["uscc"],
            code=words["code"],
            name=words["name"],
            address=words["address"],
            lat=float(words["lat"]),
            lng=float(words["lng"]),
            datum=Datum(words["datum"]),
            packs=[int(pack) for pack in words["packs"].split()],
            login=words["login"],
            cashier_name=words["cashier_name"],
            pin=words["pin"],
        )
    except ValueError as error:
        fail(f"{file}:{line}: {error}")
