"""Import a bill: an acquirer's of one day, or a bank's statement; whole or not at all.  导入账单

The same file again changes nothing. A later file for the same days changes no line: what is new is
added, what it tells otherwise or no more becomes a case.
"""

import asyncio
import hashlib
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import msgspec

from huiquan.app import App
from huiquan.db import audit, campaigns, cases, imported_books
from huiquan.db.connection import Tx
from huiquan.db.imported_books import Counts, NewFile, Source
from huiquan.domain.bill_files import Bill, read_bill, text_rows
from huiquan.domain.bill_flaws import BadFile
from huiquan.domain.bill_mappings import Format, Mapping
from huiquan.domain.refusals import Refusal
from huiquan.gateways.workbooks import workbook_rows

NAME_MAX = 64


@dataclass(frozen=True, kw_only=True)
class BillSent:
    """A file and what is said of it; day is needed for an acquirer's bill."""

    campaign: str
    source: str
    mapping: str
    day: date | None = None
    part: str = ""
    name: str = ""
    raw: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class BillTaken:
    """What came of it; is_new is False when exactly this file had been taken before."""

    file_id: int
    source: Source
    is_new: bool
    first_day: date
    last_day: date
    line_count: int
    counts: Counts


async def import_bill(app: App, sent: BillSent, by: str) -> BillTaken | BadFile | Refusal:
    """Read a file and keep it with its lines. (R2.4)

    Refuses UNKNOWN_CAMPAIGN, UNKNOWN_MAPPING and MALFORMED (a source, part or name that is empty,
    long or unprintable); a file that is no sound bill comes back as BadFile with its flaws.
    """
    names = (sent.source, sent.part, sent.name)
    if not sent.source or any(len(one) > NAME_MAX or not one.isprintable() for one in names):
        return Refusal.MALFORMED
    known = app.mappings.get(sent.mapping)
    if known is None:
        return Refusal.UNKNOWN_MAPPING
    bill = await asyncio.to_thread(_read, sent, known.mapping)
    if isinstance(bill, BadFile):
        return bill
    content_hash = hashlib.sha256(sent.raw).digest()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, sent.campaign)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        source = Source(campaign_id=campaign.campaign_id, book=known.mapping.book, name=sent.source)
        await imported_books.hold_source(tx, source)
        before = await imported_books.find(tx, source, sent.part, content_hash)
        if before is not None:
            return BillTaken(
                file_id=before.file_id,
                source=source,
                is_new=False,
                first_day=before.first_day,
                last_day=before.last_day,
                line_count=before.line_count,
                counts=before.counts,
            )
        new = NewFile(
            source=source,
            part=sent.part,
            first_day=bill.first_day,
            last_day=bill.last_day,
            mapping=sent.mapping,
            mapping_hash=known.source_hash,
            terms=msgspec.to_builtins(known.mapping.terms),
            name=sent.name,
            content_hash=content_hash,
            size_bytes=len(sent.raw),
        )
        return await _keep(tx, new, bill, by, app.clock())


async def _keep(tx: Tx, new: NewFile, bill: Bill, by: str, now: datetime) -> BillTaken:
    """Keep a file with its new lines, and open a case for each line it tells otherwise."""
    await imported_books.stage(tx, bill.lines)
    counts = await imported_books.count_staged(tx, new)
    file_id = await imported_books.record(tx, new, counts, by, now)
    if counts.changed_count or counts.withdrawn_count:
        await imported_books.open_file_cases(tx, new, file_id, now)
        await cases.note_opened(tx, new.source, now)
    detail = {"source": new.source.name, "lines": len(bill.lines), **asdict(counts)}
    await audit.note(
        tx, at=now, actor=by, tag="bill:imported", subject=f"file:{file_id}", detail=detail
    )
    return BillTaken(
        file_id=file_id,
        source=new.source,
        is_new=True,
        first_day=new.first_day,
        last_day=new.last_day,
        line_count=len(bill.lines),
        counts=counts,
    )


def _read(sent: BillSent, mapping: Mapping) -> Bill | BadFile:
    is_workbook = mapping.format is Format.XLSX
    rows = workbook_rows(sent.raw) if is_workbook else text_rows(sent.raw, mapping)
    if isinstance(rows, BadFile):
        return rows
    return read_bill(rows, mapping, day=sent.day, part=sent.part)
