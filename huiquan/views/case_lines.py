"""The lines a case is about: ours, theirs as it was first told, and every correction.  差错明细

A later file never changes a kept line; what it tells otherwise is a case of its own. Whoever looks
at a difference wants to see both, so they are put side by side here.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.db.imported_books import LINES_OF
from huiquan.domain.bill_mappings import Book
from huiquan.domain.cases import OF_FILES, DifferenceKind


@dataclass(frozen=True, kw_only=True)
class CaseSide:
    """One line: side is "ours", "theirs" (as first told) or "later" (by a later file).

    case_id is the correction's own case. amount_fen is None where the later file tells it no more.
    """

    side: str
    day: int
    amount_fen: int | None
    paid_fen: int | None
    at: datetime | None
    case_id: int | None = None
    file: str | None = None
    line_no: int | None = None
    imported_at: datetime | None = None
    place: str = ""
    note: str = ""


async def sides_of(tx: Tx, case: Row) -> tuple[CaseSide, ...]:
    """The lines of a case, ours first, then theirs in the order in which files told them."""
    is_of_file = DifferenceKind(case["kind"]) in OF_FILES
    found = [] if case["ours_key"] is None or is_of_file else [_ours(case)]
    key = _line_key(case, is_of_file)
    kept = await _kept(tx, case, key) if key else None
    if kept is not None:
        found += [_theirs(kept), *await _corrections(tx, case, key, kept["day"])]
    return tuple(found)


def _line_key(case: Row, is_of_file: bool) -> str:
    """The kept line's key; a correction is named `file <number> <key>`."""
    named: str = case["theirs_key"] or ""
    return named.split(" ", 2)[-1] if is_of_file and named.startswith("file ") else named


def _ours(case: Row) -> CaseSide:
    return CaseSide(
        side="ours",
        day=case["ours_day"],
        amount_fen=case["ours_fen"],
        paid_fen=case["ours_paid_fen"],
        at=case["ours_at"],
    )


async def _kept(tx: Tx, case: Row, key: str) -> Row | None:
    return await tx.fetchrow(
        f"""
        select l.day, l.line_no, l.amount_fen, l.paid_fen, l.at, l.place, l.note,
               f.name as file, f.imported_at
          from {LINES_OF[Book(case["book"])]} l
          join imported_files f
         using (file_id)
         where l.campaign_id = $1
           and l.source = $2
           and l.line_key = $3
        """,
        case["campaign_id"],
        case["source"],
        key,
    )


def _theirs(kept: Row) -> CaseSide:
    return CaseSide(side="theirs", **dict(kept))


async def _corrections(tx: Tx, case: Row, key: str, day: int) -> list[CaseSide]:
    """What later files tell of a kept line; each is a case of the day under which it is kept."""
    rows = await tx.fetch(
        """
        select c.case_id, c.theirs_day as day, c.theirs_paid_fen as paid_fen,
               case when c.kind = 'changed' then c.theirs_fen end as amount_fen,
               null::timestamptz as at, f.name as file, f.imported_at
          from cases c
          join imported_files f
            on c.theirs_key = 'file ' || f.file_id || ' ' || $5::text
         where c.campaign_id = $1
           and c.book = $2
           and c.source = $3
           and c.day = $4
           and c.kind in ('changed', 'withdrawn')
           and (f.campaign_id, f.book, f.source) = ($1, $2, $3)
         order by f.file_id
        """,
        *(case["campaign_id"], case["book"], case["source"], day, key),
    )
    return [CaseSide(side="later", **dict(row)) for row in rows]
