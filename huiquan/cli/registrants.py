"""huiquan registrants: who registered, and whether a day holds ghosts.  报名人核对

The platform writes the list; the auditor, who keeps a sealed copy of the campaign's pseudonym key,
holds a day's folder against it. Checking needs no database and no network.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.app import App
from huiquan.cli.books import ask
from huiquan.cli.trouble import fail
from huiquan.cli.verify import Folder
from huiquan.domain.ghosts import (
    NotOfTheDay,
    People,
    Place,
    entries_in,
    find_ghosts,
    parse_people,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.verdicts import Finding
from huiquan.domain.verification_files import read_day
from huiquan.gateways.keys import read_key
from huiquan.views.registrants import registrant_list

app = typer.Typer(help="Write the list of everyone who registered; look for ghosts in a day.")
console = Console(highlight=False, soft_wrap=True)


@app.command("list")
def write_list(
    out: Annotated[Path, typer.Argument(help="where to write the list")],
    campaign: Annotated[str | None, typer.Option(help="the campaign's code")] = None,
) -> None:
    """Write the person key of everyone who registered, one in a line, for the auditor."""

    async def work(house: App) -> bytes | Refusal:
        return await registrant_list(house, campaign or house.settings.campaign)

    kept = ask(work)
    _write_private(out, kept)
    console.print(f"{out}: {len(kept.splitlines())} people")


@app.command()
def check(
    directory: Annotated[Path, typer.Argument(help="a day's folder; let it be verified first")],
    people: Annotated[Path, typer.Option(help="everyone who registered: registrants list")],
    key: Annotated[Path, typer.Option(help="the campaign's pseudonym key, the sealed copy")],
    excluded: Annotated[
        Path | None, typer.Option(help="who may not take part: exclusion list --at")
    ] = None,
) -> None:
    """Find entries of nobody who registered, and of those excluded; exits 1 if there is one."""
    files = Folder(directory)
    day = read_day(files)
    if isinstance(day, Finding):
        fail(f"{directory}: {day.wrong.en} ({day.wrong.value}): {day.where}")
    told = find_ghosts(
        day.configs.values(),
        entries_in(files),
        read_key(key),
        parse_people(people.read_bytes()),
        None if excluded is None else excluded.read_bytes(),
    )
    if isinstance(told, NotOfTheDay):
        fail(f"{told.zh} {told.en} ({told.value})")
    _print(told)
    if not told.is_right:
        fail(f"{directory}: {told.ghosts} entries of nobody, {told.excluded} of excluded people")


def _write_private(out: Path, raw: bytes) -> None:
    """Write a file that nobody else on the machine may read, not even while it is written."""
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        # A file that was there before keeps its mode otherwise.
        os.fchmod(handle, 0o600)
        file.write(raw)


def _print(told: People) -> None:
    """The answer for people: Chinese first, English below it."""
    right = told.entries - told.ghosts - told.excluded
    _both(
        f"✓ {told.entries:,} 次参与，{right:,} 次属于报名人",
        f"{told.entries:,} entries, {right:,} of people who registered",
    )
    if told.ghosts:
        places = told.ghost_places
        _both(
            f"✗ {told.ghosts:,} 次不属于任何报名人：{_places_zh(places)}",
            f"{told.ghosts:,} of nobody who registered: {_places(places)}",
        )
    if told.excluded:
        places = told.excluded_places
        _both(
            f"✗ {told.excluded:,} 次属于排除名单上的人：{_places_zh(places)}",
            f"{told.excluded:,} of excluded people: {_places(places)}",
        )
    if not told.is_excluded_known:
        _both("– 未核对排除名单：请用 --excluded 给出", "excluded people: no list was given")
    is_one_of_several = told.is_excluded_known and told.lists_named > 1
    if is_one_of_several:
        _both(
            f"– 当天配置先后指定了 {told.lists_named} 份排除名单，这里只核对了给出的一份："
            "请对每一份各核对一次",
            f"the day's configs name {told.lists_named} exclusion lists, and only the given one was"
            " looked at: check once with each",
        )
    if told.is_right and not is_one_of_several:
        console.print("ok")


def _both(zh: str, en: str) -> None:
    console.print(f"  {zh}\n    {en}", markup=False)


def _places(places: Sequence[Place]) -> str:
    """The first places, named as in every verdict."""
    return "; ".join(f"lane {one.lane}, entry {one.idx}" for one in places)


def _places_zh(places: Sequence[Place]) -> str:
    """The same in Chinese."""
    return "；".join(f"通道 {one.lane}，参与序号 {one.idx}" for one in places)
