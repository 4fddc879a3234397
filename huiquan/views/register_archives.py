r"""The register as one file to take away: a zip of its folder, beside its SHA-256.  台账导出件

    asked --> making --> made (never changed)
                  \--nobody has written for ten minutes--> given up, and the next one may begin

The archives lie in the house's home, where every web process of the machine finds them. One of a
campaign is made at a time: who makes it holds `making.json`, and writes there how far it is.
"""

import asyncio
import hashlib
import re
import shutil
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.domain.register_files import MANIFEST, RegisterManifest, parse_manifest
from huiquan.views.register_folder import write_folder
from huiquan.views.register_tables import open_tables

GIVEN_UP_AFTER = timedelta(minutes=10)
SHOWN = 20
MAKING = "making.json"

_NAME = re.compile(r"register-[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A register that was made: the zip's SHA-256 and length, and the manifest inside it."""

    name: str
    sha256: str
    bytes: int
    manifest: RegisterManifest
    is_signed: bool


@dataclass(frozen=True, kw_only=True)
class Making:
    """A register that is being written: rows so far, and when somebody last wrote."""

    name: str
    rows: int
    at: datetime


def archives_folder(app: App, code: str) -> Path:
    """Where the archives of a campaign lie."""
    return app.settings.home / "registers" / code


def archives(app: App, code: str) -> list[Archive]:
    """The newest archives of a campaign, the newest first (R2.4, R5.8)."""
    root = archives_folder(app, code)
    names = sorted((path.stem for path in root.glob("register-*.zip")), reverse=True)
    return [_archive(root, name) for name in names[:SHOWN]]


def making(app: App, code: str) -> Making | None:
    """The archive that is being written now, or None."""
    path = archives_folder(app, code) / MAKING
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Making)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found if app.clock() - found.at < GIVEN_UP_AFTER else None


def archive_file(app: App, code: str, name: str) -> Path | Refusal:
    """Where an archive lies. Refuses NOT_FOUND."""
    found = archives_folder(app, code) / f"{name}.zip"
    return found if _NAME.fullmatch(name) and found.is_file() else Refusal.NOT_FOUND


def begin(app: App, code: str) -> Making | Refusal:
    """Take the right to write the next archive. Refuses REGISTER_BEING_MADE."""
    root = archives_folder(app, code)
    root.mkdir(parents=True, exist_ok=True)
    now = app.clock().astimezone(UTC)
    mine = Making(name=f"register-{now:%Y%m%dT%H%M%SZ}", rows=0, at=now)
    if (root / f"{mine.name}.zip").exists():
        return Refusal.REGISTER_BEING_MADE
    if (root / MAKING).exists() and making(app, code) is None:
        (root / MAKING).unlink(missing_ok=True)
    try:
        with (root / MAKING).open("xb") as file:
            file.write(msgspec.json.encode(mine))
    except FileExistsError:
        return Refusal.REGISTER_BEING_MADE
    return mine


async def write_archive(app: App, code: str, mine: Making) -> Archive | Refusal:
    """Write the archive that was begun: one snapshot, signed, zipped. Refuses UNKNOWN_CAMPAIGN."""
    root = archives_folder(app, code)
    folder = root / mine.name
    async with open_tables(app, code) as register:
        if isinstance(register, Refusal):
            return register
        await write_folder(
            folder, register, app.signer, on_progress=lambda rows: _tell(app, root, mine, rows)
        )
    await asyncio.to_thread(_zip, folder)
    return await asyncio.to_thread(_archive, root, mine.name)


def end(app: App, code: str, mine: Making) -> None:
    """Nobody writes any more, whether it became an archive or not: clear away what is left."""
    root = archives_folder(app, code)
    for left in (root / mine.name, root / f"{mine.name}.part"):
        shutil.rmtree(left, ignore_errors=True)
    for name in (f"{mine.name}.zip.part", f"{MAKING}.part", MAKING):
        (root / name).unlink(missing_ok=True)


def _tell(app: App, root: Path, mine: Making, rows: int) -> None:
    """Say how far it is: another name until it is whole, so that nobody reads half of it."""
    part = root / f"{MAKING}.part"
    part.write_bytes(msgspec.json.encode(Making(name=mine.name, rows=rows, at=app.clock())))
    part.rename(root / MAKING)


def _zip(folder: Path) -> None:
    """The folder's files in a zip beside it, its SHA-256 as `sha256sum -c` reads it."""
    part = folder.with_name(f"{folder.name}.zip.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{folder.name}/{path.name}")
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    named = folder.with_name(f"{folder.name}.zip")
    named.with_suffix(".zip.sha256").write_text(f"{digest}  {named.name}\n")
    part.rename(named)


def _archive(root: Path, name: str) -> Archive:
    path = root / f"{name}.zip"
    with zipfile.ZipFile(path) as archive:
        manifest, signature = parse_manifest(archive.read(f"{name}/{MANIFEST}"))
    return Archive(
        name=name,
        sha256=path.with_suffix(".zip.sha256").read_text().split()[0],
        bytes=path.stat().st_size,
        manifest=manifest,
        is_signed=signature is not None,
    )
