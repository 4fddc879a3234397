"""The register as a folder: tables as CSV, a workbook, a signed manifest.  台账文件夹

Rows are written as they come from the database, each file is hashed on its way to the disk. Another
name until it is whole, so that half a register is never taken for one.
"""

import asyncio
import csv
import hashlib
import io
import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from huiquan.domain.register_files import (
    MANIFEST,
    RegisterManifest,
    TableMark,
    build_manifest,
    manifest_body,
)
from huiquan.domain.signing import Purpose, Signer
from huiquan.views.register_summary import write_summary
from huiquan.views.register_tables import TABLES, RegisterTables

SUMMARY = "register.xlsx"
PAUSE_EVERY = 1_000


async def write_folder(
    out: Path,
    register: RegisterTables,
    signer: Signer | None,
    *,
    on_progress: Callable[[int], None] = lambda rows: None,
) -> RegisterManifest:
    """Write the folder; gives its manifest. on_progress hears the rows written so far."""
    part = out.with_name(f"{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    marks: dict[str, TableMark] = {}
    done = 0
    for name in TABLES:
        mark = await _write_table(part, register, name, _further(on_progress, done))
        marks[f"{name}.csv"] = mark
        done += mark.lines - 1
    # A workbook is made without a pause, so another thread makes it: a door goes on answering.
    await asyncio.to_thread(write_summary, part / SUMMARY, part, register)
    marks[SUMMARY] = await asyncio.to_thread(_mark_of, part / SUMMARY)
    manifest = RegisterManifest(
        campaign=register.campaign,
        campaign_id=register.campaign_id,
        platform=register.platform,
        made_at=register.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        files=marks,
    )
    signature = signer.sign(Purpose.REGISTER, manifest_body(manifest)) if signer else None
    (part / MANIFEST).write_bytes(build_manifest(manifest, signature))
    part.rename(out)
    return manifest


async def _write_table(
    folder: Path, register: RegisterTables, name: str, on_progress: Callable[[int], None]
) -> TableMark:
    digest, size, lines = hashlib.sha256(), 0, 0
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    with (folder / f"{name}.csv").open("wb") as file:
        async for row in register.rows(name):
            writer.writerow([" ".join(value.split("\n")) for value in row])
            raw = buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
            digest.update(raw)
            file.write(raw)
            size, lines = size + len(raw), lines + 1
            if lines % PAUSE_EVERY == 0:
                on_progress(lines)
                # Whoever writes beside a door lets it answer.
                await asyncio.sleep(0)
    return TableMark(sha256=digest.hexdigest(), bytes=size, lines=lines)


def _further(on_progress: Callable[[int], None], before: int) -> Callable[[int], None]:
    """The progress of one table, told as that of all tables."""
    return lambda rows: on_progress(before + rows)


def _mark_of(path: Path) -> TableMark:
    with path.open("rb") as file:
        lines = sum(1 for _ in file)
    raw = path.read_bytes()
    return TableMark(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw), lines=lines)
