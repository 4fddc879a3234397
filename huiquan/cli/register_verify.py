"""huiquan ledger verify: add a register up again, with nothing but its folder.  台账验证"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huiquan.cli.books import progress_bar
from huiquan.cli.trouble import fail
from huiquan.domain import book_heads, exports
from huiquan.domain.book_heads import BadHeadsError, BookHeads
from huiquan.domain.exports import BadExportError, PublishedKeys
from huiquan.domain.money import yuan
from huiquan.domain.register_reading import Lines
from huiquan.domain.register_verification import RegisterVerdict, verify_register
from huiquan.domain.signing import Purpose, is_signed

console = Console(highlight=False)

# What the library raises while it reads a zip that is damaged, encrypted (RuntimeError) or packed
# in a way it does not know (NotImplementedError, which is one, too).
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)


class UnreadableError(Exception):
    """A zip, or the file of this name in it, cannot be read: why."""


def verify(
    register: Annotated[
        Path,
        typer.Argument(help="the folder of `ledger export --dir`, or the zip from the console"),
    ],
    keys: Annotated[
        Path | None, typer.Option(help="a keys.json you got from someone else than the house")
    ] = None,
    day: Annotated[
        list[Path] | None,
        typer.Option(help="a published day's folder: its heads have to be in these books"),
    ] = None,
) -> None:
    """Add a register up again offline; names the first thing that is wrong and exits 1."""
    if not register.is_dir() and not zipfile.is_zipfile(register):
        fail(f"{register}: there is no such folder or zip")
    try:
        known = exports.parse_keys(keys.read_bytes()) if keys else None
        published = [_heads_of(folder, known) for folder in day or ()]
    except (BadExportError, BadHeadsError, OSError) as error:
        fail(str(error))
    try:
        with progress_bar() as progress, _opened(register) as (names, lines):
            task = progress.add_task("adding up", total=None)
            verdict = verify_register(
                names,
                lines,
                key=bytes.fromhex(known.platform) if known else None,
                published=published,
                on_progress=lambda done: progress.update(task, completed=done),
            )
    except UnreadableError as error:
        console.print(f"✗ {register}：压缩包损坏或无法读取", markup=False)
        fail(f"{register}: {error}")
    _say(register, verdict)


@contextmanager
def _opened(register: Path) -> Iterator[tuple[list[str], Lines]]:
    """The names of a register's files, and the lines of each, wherever they lie."""
    if register.is_dir():
        names = sorted(path.name for path in register.iterdir())
        yield names, lambda name: iter((register / name).open("rb"))
        return
    with _archive(register) as archive:
        files = [each for each in archive.namelist() if not each.endswith("/")]
        places = {Path(each).name: each for each in files}
        if len(places) != len(files):
            fail(f"{register}: a file stands in it twice")
        yield sorted(places), lambda name: _unpacked(archive, places[name])


def _archive(path: Path) -> zipfile.ZipFile:
    """The zip, opened. Raises UnreadableError if its table of contents is damaged."""
    try:
        return zipfile.ZipFile(path)
    except (*UNREADABLE, ValueError) as error:
        raise UnreadableError(f"this zip cannot be read: {error}") from error


def _unpacked(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The lines of a file in the zip. Raises UnreadableError where they cannot be read."""
    try:
        with archive.open(name) as file:
            yield from file
    except UNREADABLE as error:
        raise UnreadableError(f"{name} in the zip cannot be read: {error}") from error


def _heads_of(folder: Path, known: PublishedKeys | None) -> BookHeads:
    """The heads of a day, if its three parties signed them. Raises what is wrong as ValueError."""
    manifest, signatures = exports.parse_manifest((folder / "manifest.json").read_bytes())
    keys = known or exports.parse_keys((folder / "keys.json").read_bytes())
    keys = keys.of_epoch(manifest.epoch, manifest.campaign, manifest.day)
    body = exports.manifest_body(manifest)
    for party in ("platform", "notary", "auditor"):
        key, signature = (bytes.fromhex(getattr(one, party)) for one in (keys, signatures))
        if not is_signed(key, Purpose.MANIFEST, body, signature):
            raise BadExportError(f"{folder}: the {party} did not sign this day")
    raw = (folder / book_heads.FILE).read_bytes()
    if manifest.files.get(book_heads.FILE) != exports.mark_of(raw):
        raise BadExportError(f"{folder}: {book_heads.FILE} is not the one in the manifest")
    return book_heads.parse_heads(raw)


def _say(register: Path, verdict: RegisterVerdict) -> None:
    if verdict.mistake is not None:
        one = verdict.mistake
        where = f"{one.file}, line {one.line}" if one.line else one.file
        console.print(f"✗ {where}：{one.zh}", markup=False)
        fail(f"{register}: {where}: {one.en}")
    counted = f"{verdict.transfers:,} movements and {verdict.links:,} links"
    console.print(f"✓ {counted} add up 台账复算相符")
    for account, fen in verdict.totals.items():
        if fen:
            console.print(f"    {account:<12}{yuan(fen):>20}")
    if verdict.heads:
        console.print(f"  {verdict.heads} published heads are in these books 与已公布链头一致")
    else:
        console.print("  no published day was given (--day): an edited history would not be seen")
    if verdict.unlinked:
        console.print(f"  {verdict.unlinked} movements came after the last link of their book")
    if not verdict.is_signed:
        console.print("  nobody signed this register")
    elif not verdict.key_is_known:
        console.print("  it is signed; nobody checked by whom (--keys)")
