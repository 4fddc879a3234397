"""Bills as they are kept: files taken once, their lines as they were first told.  账单文件与明细"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huiquan.db.connection import Tx
from huiquan.domain.bill_files import BillLine
from huiquan.domain.bill_mappings import Book, Terms
from huiquan.domain.days import day_from_number, day_number

LINES_OF = {Book.ACQUIRER: "bill_lines", Book.BANK: "statement_lines"}
"""The table that holds the lines of each book."""

LONG_S = 600.0
"""So long a day of a million lines may take, on a slow machine."""

_COLUMNS = (
    *("line_key", "line_no", "day", "kind", "ref", "sub", "serial"),
    *("amount_fen", "paid_fen", "at", "place", "note"),
)
_SAID = "(l.day, l.kind, l.ref, l.sub, l.amount_fen, l.paid_fen, l.at)"
_TOLD_NOW = _SAID.replace("l.", "s.")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose book it is: an acquirer's code, or the name of an account at a bank."""

    campaign_id: int
    book: Book
    name: str


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file that is to be kept: whose it is, what it is called, and how it was read."""

    source: Source
    part: str
    first_day: date
    last_day: date
    mapping: str
    mapping_hash: bytes
    terms: dict[str, int]
    name: str
    content_hash: bytes
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What of a file was new, known, told otherwise before, or is told no more."""

    new_count: int
    same_count: int
    changed_count: int
    withdrawn_count: int


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file that was taken."""

    file_id: int
    first_day: date
    last_day: date
    line_count: int
    counts: Counts


async def hold_source(tx: Tx, source: Source) -> None:
    """Hold a source until the commit: its imports and comparisons follow in turn."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('bills ' || $1::text, $2::bigint))",
        f"{source.book.value} {source.name}",
        source.campaign_id,
    )


async def find(tx: Tx, source: Source, part: str, content_hash: bytes) -> FileRow | None:
    """The file with exactly this content, if it was taken before."""
    row = await tx.fetchrow(
        """
        select file_id, first_day, last_day, line_count,
               new_count, same_count, changed_count, withdrawn_count
          from imported_files
         where campaign_id = $1
           and book = $2
           and source = $3
           and part = $4
           and content_hash = $5
        """,
        source.campaign_id,
        source.book.value,
        source.name,
        part,
        content_hash,
    )
    if row is None:
        return None
    return FileRow(
        file_id=row["file_id"],
        first_day=day_from_number(row["first_day"]),
        last_day=day_from_number(row["last_day"]),
        line_count=row["line_count"],
        counts=Counts(**{name: row[name] for name in Counts.__dataclass_fields__}),
    )


async def stage(tx: Tx, lines: Iterable[BillLine]) -> None:
    """Lay the lines of a file beside those that are kept, until the commit."""
    await tx.execute(
        """
        create temp table staged (
            line_key text, line_no integer, day integer, kind text, ref text, sub text,
            serial text, amount_fen bigint, paid_fen bigint, at timestamptz, place text, note text
        ) on commit drop
        """
    )
    records = (
        (
            *(line.key, line.line_no, day_number(line.day), line.kind.value, line.ref, line.sub),
            *(line.serial, line.amount_fen, line.paid_fen, line.at, line.place, line.note),
        )
        for line in lines
    )
    await tx.copy_records_to_table("staged", records=records, columns=_COLUMNS, timeout=LONG_S)
    await tx.execute("create index on staged (line_key); analyze staged", timeout=LONG_S)


async def count_staged(tx: Tx, new: NewFile) -> Counts:
    """Hold the staged lines against the kept ones, of which a later file changes none.

    What is kept of them is laid aside first: the table grows while new lines are written.
    """
    table = LINES_OF[new.source.book]
    await tx.execute(f"create temp table known (like {table}) on commit drop")
    await tx.execute(
        f"""
        insert into known
        select l.*
          from staged s
          join {table} l
            on (l.campaign_id, l.source, l.line_key) = ($1, $2, s.line_key)
        """,
        new.source.campaign_id,
        new.source.name,
        timeout=LONG_S,
    )
    await tx.execute("create index on known (line_key); analyze known", timeout=LONG_S)
    row = await tx.fetchrow(
        f"""
        select count(*) filter (where l.line_key is null) as new_count,
               count(*) filter (where l.line_key is not null
                                  and {_SAID} is not distinct from {_TOLD_NOW}) as same_count,
               count(*) filter (where l.line_key is not null
                                  and {_SAID} is distinct from {_TOLD_NOW}) as changed_count,
               ({_withdrawn(new, "count(*)")}) as withdrawn_count
          from staged s
          left join known l
         using (line_key)
        """,
        *_withdrawn_values(new),
        timeout=LONG_S,
    )
    assert row is not None
    return Counts(**dict(row))


def _withdrawn(new: NewFile, what: str) -> str:
    """The kept lines of the days and part of a file that the file does not tell any more."""
    return f"""
        select {what}
          from {LINES_OF[new.source.book]} w
          join imported_files f
            on f.file_id = w.file_id
           and f.part = $3
         where w.campaign_id = $1
           and w.source = $2
           and w.day between $4 and $5
           and not exists (select from staged where staged.line_key = w.line_key)
    """


def _withdrawn_values(new: NewFile) -> tuple[Any, ...]:
    days = (day_number(new.first_day), day_number(new.last_day))
    return (new.source.campaign_id, new.source.name, new.part, *days)


async def record(tx: Tx, new: NewFile, counts: Counts, by: str, at: datetime) -> int:
    """Keep a file and its new lines; gives its id. The same content twice is a key violation."""
    line_count = counts.new_count + counts.same_count + counts.changed_count
    file_id: int = await tx.fetchval(
        """
        insert into imported_files (campaign_id, book, source, part, first_day, last_day, mapping,
                                    mapping_hash, terms, name, content_hash, size_bytes,
                                    line_count, new_count, same_count, changed_count,
                                    withdrawn_count, imported_by, imported_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19)
        returning file_id
        """,
        *(new.source.campaign_id, new.source.book.value, new.source.name, new.part),
        *(day_number(new.first_day), day_number(new.last_day), new.mapping, new.mapping_hash),
        *(new.terms, new.name, new.content_hash, new.size_bytes, line_count, counts.new_count),
        *(counts.same_count, counts.changed_count, counts.withdrawn_count, by, at),
    )
    columns = ", ".join(_COLUMNS)
    await tx.execute(
        f"""
        insert into {LINES_OF[new.source.book]} (campaign_id, source, file_id, {columns})
        select $1, $2, $3, {columns}
          from staged
         where not exists (select from known where known.line_key = staged.line_key)
        """,
        new.source.campaign_id,
        new.source.name,
        file_id,
        timeout=LONG_S,
    )
    return file_id


async def open_file_cases(tx: Tx, new: NewFile, file_id: int, at: datetime) -> None:
    """A case for each line that this file tells otherwise than before, or tells no more.

    Ours is what was kept, theirs what the file says now; which of them is true, people decide.
    """
    values = _withdrawn_values(new)
    insert = """
        insert into cases (campaign_id, book, source, day, kind, ref, line_kind, sub, ours_fen,
                           ours_paid_fen, theirs_key, theirs_day, theirs_fen, theirs_paid_fen,
                           state, opened_at)
    """
    await tx.execute(
        f"""
        {insert}
        select $1, $3, $2, l.day, 'changed', l.ref, l.kind, l.sub, l.amount_fen, l.paid_fen,
               'file ' || $4::bigint || ' ' || l.line_key, s.day, s.amount_fen, s.paid_fen,
               'open', $5
          from staged s
          join known l
         using (line_key)
         where {_SAID} is distinct from {_TOLD_NOW}
        """,
        *(new.source.campaign_id, new.source.name, new.source.book.value, file_id, at),
        timeout=LONG_S,
    )
    told = """
        $1, $6, $2, w.day, 'withdrawn', w.ref, w.kind, w.sub, w.amount_fen, w.paid_fen,
        'file ' || $7::bigint || ' ' || w.line_key, w.day, 0, null::bigint, 'open', $8::timestamptz
    """
    await tx.execute(
        f"{insert} {_withdrawn(new, told)}",
        *(*values, new.source.book.value, file_id, at),
        timeout=LONG_S,
    )


async def terms_of_day(tx: Tx, source: Source, day: date) -> Terms | None:
    """The terms of the newest file that speaks for a day; None when none does."""
    terms = await tx.fetchval(
        """
        select terms
          from imported_files
         where campaign_id = $1
           and book = $2
           and source = $3
           and last_day >= $4
           and first_day <= $4
         order by file_id desc
         limit 1
        """,
        source.campaign_id,
        source.book.value,
        source.name,
        day_number(day),
    )
    return None if terms is None else Terms(**terms)
