"""Cases as they are kept: never deleted, each step an event.  差错"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huiquan.db.connection import Row, Tx
from huiquan.db.imported_books import LONG_S, Source
from huiquan.domain.cases import Case, CaseState, Cause, Closing, DifferenceKind
from huiquan.domain.days import day_number
from huiquan.domain.reconciliation import Difference

HOUSE = "house"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A case that holds a line and waits for its counterpart."""

    case_id: int
    kind: DifferenceKind
    ours_key: str | None
    theirs_key: str | None


async def waiting(tx: Tx, source: Source) -> dict[str, Waiting]:
    """Every case of a source with one line that is not closed, by "ours " or "theirs " and key."""
    rows = await tx.fetch(
        """
        select case_id, kind, ours_key, theirs_key
          from cases
         where campaign_id = $1
           and book = $2
           and source = $3
           and state <> 'closed'
           and (ours_key is null or theirs_key is null)
           and line_kind <> ''
           and coalesce(ours_at, theirs_at) is not null
        """,
        *_of(source),
        timeout=LONG_S,
    )
    found = {}
    for row in rows:
        case = Waiting(**{**dict(row), "kind": DifferenceKind(row["kind"])})
        side = "ours" if case.ours_key else "theirs"
        found[f"{side} {case.ours_key or case.theirs_key}"] = case
    return found


async def open_many(
    tx: Tx, source: Source, day: date, differences: Sequence[Difference], at: datetime
) -> None:
    """Open a case for each difference; one that explains itself is closed at once."""
    columns: list[list[Any]] = [
        *([one.kind.value for one in differences], [one.cause for one in differences]),
        *_columns_of(differences),
    ]
    await tx.execute(
        """
        insert into cases (campaign_id, book, source, day, kind, cause, ref, line_kind, sub,
                           ours_key, ours_day, ours_at, ours_fen, ours_paid_fen,
                           theirs_key, theirs_day, theirs_at, theirs_fen, theirs_paid_fen,
                           state, opened_at, closed_at, closed_by)
        select $1, $2, $3, $4, n.kind, n.cause, n.ref, n.line_kind, n.sub,
               n.ours_key, n.ours_day, n.ours_at, coalesce(n.ours_fen, 0), n.ours_paid_fen,
               n.theirs_key, n.theirs_day, n.theirs_at, coalesce(n.theirs_fen, 0),
               n.theirs_paid_fen, case when n.cause is null then 'open' else 'closed' end,
               $5::timestamptz, case when n.cause is not null then $5::timestamptz end,
               case when n.cause is not null then $6::text end
          from unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                      $12::text[], $13::integer[], $14::timestamptz[], $15::bigint[],
                      $16::bigint[], $17::text[], $18::integer[], $19::timestamptz[],
                      $20::bigint[], $21::bigint[])
               as n (kind, cause, ref, line_kind, sub, ours_key, ours_day, ours_at, ours_fen,
                     ours_paid_fen, theirs_key, theirs_day, theirs_at, theirs_fen,
                     theirs_paid_fen)
        """,
        *(*_of(source), day_number(day), at, HOUSE, *columns),
        timeout=LONG_S,
    )


def _columns_of(differences: Sequence[Difference]) -> list[list[Any]]:
    """The lines of differences as columns, as `open_many` and `complete` write them."""
    one_of = [one.ours or one.theirs for one in differences]
    columns: list[list[Any]] = [
        [line.ref if line else "" for line in one_of],
        [line.kind.value if line else "" for line in one_of],
        [line.sub if line else "" for line in one_of],
    ]
    for side in ("ours", "theirs"):
        lines = [getattr(one, side) for one in differences]
        columns += [
            [line.key if line else None for line in lines],
            [day_number(line.day) if line else None for line in lines],
            [line.at if line else None for line in lines],
            [line.amount_fen if line else None for line in lines],
            [line.paid_fen if line else None for line in lines],
        ]
    return columns


async def complete(tx: Tx, case_id: int, found: Difference, at: datetime) -> None:
    """A case that waited has found its counterpart, or its name: it holds it from now on."""
    _, _, _, *sides = (column[0] for column in _columns_of([found]))
    await tx.execute(
        """
        update cases
           set kind = $2, cause = coalesce($3, cause),
               ours_key = $4, ours_day = $5, ours_at = $6, ours_fen = coalesce($7, 0),
               ours_paid_fen = $8,
               theirs_key = $9, theirs_day = $10, theirs_at = $11, theirs_fen = coalesce($12, 0),
               theirs_paid_fen = $13,
               state = case when $3::text is null then state else 'closed' end,
               closed_at = case when $3::text is not null then $14::timestamptz end,
               closed_by = case when $3::text is not null then $15::text end
         where case_id = $1
           and state <> 'closed'
        """,
        *(case_id, found.kind.value, found.cause, *sides, at, HOUSE),
    )
    detail = {"kind": found.kind.value, "cause": found.cause}
    await note(tx, case_id, at, HOUSE, "found" if found.cause is None else "closed", detail)


async def note_opened(tx: Tx, source: Source, at: datetime) -> None:
    """An event for each case that has none yet."""
    await tx.execute(
        """
        insert into case_events (case_id, no, at, actor, did, detail)
        select c.case_id, 1, c.opened_at, $4, 'opened',
               jsonb_build_object('kind', c.kind, 'cause', c.cause)
          from cases c
         where c.campaign_id = $1
           and c.book = $2
           and c.source = $3
           and c.opened_at = $5
            on conflict do nothing
        """,
        *(*_of(source), HOUSE, at),
        timeout=LONG_S,
    )


async def open_for_no_file(tx: Tx, source: Source, day: date, ours_fen: int, at: datetime) -> None:
    """No file speaks for a day on which we have lines; said once."""
    await tx.execute(
        """
        insert into cases (campaign_id, book, source, day, kind, ref, ours_fen, theirs_key,
                           theirs_day, state, opened_at)
        values ($1, $2, $3, $4, 'no_file', '', $5, $6, $4, 'open', $7)
        on conflict (campaign_id, book, source, theirs_key) where theirs_key is not null
        do nothing
        """,
        *(*_of(source), day_number(day), ours_fen, f"file of {day_number(day)}", at),
    )


async def close_for_file(tx: Tx, source: Source, day: date, at: datetime) -> None:
    """The file that was waited for is here."""
    case_id = await tx.fetchval(
        """
        update cases
           set state = 'closed', cause = $6, closed_at = $5, closed_by = $7
         where campaign_id = $1
           and book = $2
           and source = $3
           and theirs_key = 'file of ' || $4::integer
           and state <> 'closed'
        returning case_id
        """,
        *(*_of(source), day_number(day), at, Cause.FILE_ARRIVED.value, HOUSE),
    )
    if case_id is not None:
        await note(tx, case_id, at, HOUSE, "closed", {"cause": Cause.FILE_ARRIVED.value})


async def hold(tx: Tx, case_id: int) -> Case | None:
    """One case, held until the commit, or None."""
    row = await tx.fetchrow(
        """
        select case_id, kind, state, ours_fen, theirs_fen, owner, cause, payment_ref, reason,
               proposed_by, closed_by, ours_paid_fen <> theirs_paid_fen as paid_differs
          from cases
         where case_id = $1
           for update
        """,
        case_id,
    )
    return case_of(row) if row else None


def case_of(row: Row) -> Case:
    """A case from a row."""
    return Case(
        case_id=row["case_id"],
        kind=DifferenceKind(row["kind"]),
        state=CaseState(row["state"]),
        ours_fen=row["ours_fen"],
        theirs_fen=row["theirs_fen"],
        paid_differs=bool(row["paid_differs"]),
        owner=row["owner"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        payment_ref=row["payment_ref"],
        reason=row["reason"],
        proposed_by=row["proposed_by"],
        closed_by=row["closed_by"],
    )


async def assign(tx: Tx, case_id: int, owner: str) -> None:
    """Give a case an owner."""
    await tx.execute("update cases set owner = $2 where case_id = $1", case_id, owner)


async def explain(tx: Tx, case_id: int, closing: Closing, at: datetime) -> None:
    """Write one person's explanation; a final one closes the case, once."""
    said = await tx.fetchval(
        """
        update cases
           set cause = $2,
               payment_ref = $7,
               reason = $3,
               state = case when $5 then 'closed' else 'proposed' end,
               proposed_by = case when $5 then proposed_by else $4 end,
               closed_by = case when $5 then $4 end,
               closed_at = case when $5 then $6::timestamptz end
         where case_id = $1
           and state <> 'closed'
        returning 1
        """,
        *(case_id, closing.cause.value, closing.reason, closing.by, closing.is_final, at),
        closing.payment_ref,
    )
    assert said == 1, "the case was closed although it was held for this"


async def note(
    tx: Tx, case_id: int, at: datetime, actor: str, did: str, detail: dict[str, Any]
) -> None:
    """Append an event to a case."""
    await tx.execute(
        """
        insert into case_events (case_id, no, at, actor, did, detail)
        select $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5
          from case_events
         where case_id = $1
        """,
        *(case_id, at, actor, did, detail),
    )


async def record_day(
    tx: Tx, source: Source, day: date, ours: tuple[int, int], theirs: tuple[int, int], at: datetime
) -> bool:
    """Record that a day was compared, with count and sum of either book; False when the comparison
    before counted the same. The source is held."""
    before = await tx.fetchrow(
        """
        select ours_count, ours_fen, theirs_count, theirs_fen
          from reconciled_days
         where campaign_id = $1
           and book = $2
           and source = $3
           and day = $4
        """,
        *(*_of(source), day_number(day)),
    )
    await tx.execute(
        """
        insert into reconciled_days (campaign_id, book, source, day, ours_count, ours_fen,
                                     theirs_count, theirs_fen, ran_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (campaign_id, book, source, day) do update
           set ours_count = excluded.ours_count,
               ours_fen = excluded.ours_fen,
               theirs_count = excluded.theirs_count,
               theirs_fen = excluded.theirs_fen,
               ran_at = excluded.ran_at
        """,
        *(*_of(source), day_number(day), *ours, *theirs, at),
    )
    return before is None or tuple(before) != (*ours, *theirs)


def _of(source: Source) -> tuple[int, str, str]:
    return (source.campaign_id, source.book.value, source.name)
