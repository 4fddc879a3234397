"""Reconciliation as it stands: days of every source, and the cases with age and owner.  对账情况"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from huiquan.app import App
from huiquan.db.connection import Row
from huiquan.db.imported_books import Source
from huiquan.domain.bill_mappings import Book
from huiquan.domain.cases import CaseState, Cause, DifferenceKind
from huiquan.domain.days import day_from_number, day_number, day_of
from huiquan.domain.refusals import Refusal
from huiquan.views.case_lines import CaseSide, sides_of

CASES_MAX = 500
DAYS_BACK = 7
"""So long a day is compared again when a file arrives late or something of it is open."""


@dataclass(frozen=True, kw_only=True)
class DayLine:
    """One source on one day; counts are of lines, open ones of cases that nobody has closed."""

    book: Book
    source: str
    day: int
    ours_count: int
    ours_fen: int
    theirs_count: int
    theirs_fen: int
    listed_count: int
    open_count: int
    case_count: int
    ran_at: datetime | None

    @property
    def matched_bp(self) -> int:
        """Of ten thousand lines of both books so many agree; all of them only if none differs."""
        lines = self.ours_count + self.theirs_count
        return 10_000 * (lines - self.listed_count) // lines if lines else 10_000


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case as a list shows it; age_days counts from its day to its end, or to today."""

    case_id: int
    book: Book
    source: str
    day: int
    kind: DifferenceKind
    ref: str
    ours_fen: int
    theirs_fen: int
    state: CaseState
    owner: str | None
    cause: Cause | None
    payment_ref: str | None
    reason: str | None
    proposed_by: str | None
    closed_by: str | None
    opened_at: datetime
    closed_at: datetime | None
    age_days: int


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """One step of a case."""

    at: datetime
    actor: str
    did: str
    detail: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A case with its lines, as they stand in the books, and all its steps."""

    case: CaseLine
    ours_key: str | None
    theirs_key: str | None
    ours_day: int | None
    theirs_day: int | None
    sides: tuple[CaseSide, ...]
    events: tuple[CaseEvent, ...]


_DAYS = """
    with listed as (
        select book, source, day, sum(n) as listed_count
          from (select book, source, ours_day as day, count(*) as n
                  from cases
                 where campaign_id = $1
                   and ours_day between $2 and $3
                 group by 1, 2, 3
                union all
                select book, source, theirs_day, count(*)
                  from cases
                 where campaign_id = $1
                   and theirs_day between $2 and $3
                   and kind not in ('no_file', 'changed', 'withdrawn')
                 group by 1, 2, 3) sides
         group by 1, 2, 3
    ), cased as (
        select book, source, day, count(*) as case_count,
               count(*) filter (where state <> 'closed') as open_count
          from cases
         where campaign_id = $1
           and day between $2 and $3
         group by 1, 2, 3
    ), compared as (
        select book, source, day, ours_count, ours_fen, theirs_count, theirs_fen, ran_at
          from reconciled_days
         where campaign_id = $1
           and day between $2 and $3
    )
    select book, source, day, coalesce(ours_count, 0) as ours_count,
           coalesce(ours_fen, 0) as ours_fen, coalesce(theirs_count, 0) as theirs_count,
           coalesce(theirs_fen, 0) as theirs_fen,
           coalesce(listed_count, 0)::bigint as listed_count,
           coalesce(open_count, 0) as open_count, coalesce(case_count, 0) as case_count,
           ran_at
      from compared
      full join cased
     using (book, source, day)
      left join listed
     using (book, source, day)
     order by day desc, book, source
"""


async def days(app: App, campaign_id: int, first: date, last: date) -> list[DayLine]:
    """Every source on every day on which it was compared or waits for a file, the newest first."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            _DAYS,
            campaign_id,
            day_number(first),
            day_number(last),
        )
    return [DayLine(**{**dict(row), "book": Book(row["book"])}) for row in rows]


async def cases(
    app: App,
    campaign_id: int,
    *,
    is_open: bool | None = None,
    day: int | None = None,
    owner: str | None = None,
) -> list[CaseLine]:
    """The cases of a campaign, open ones first and then the oldest first, at most five hundred."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            f"""
            {_CASES}
             where campaign_id = $1
               and ($2::boolean is null or (state <> 'closed') = $2)
               and ($3::integer is null or day = $3)
               and ($4::text is null or owner = $4)
             order by state = 'closed', day, case_id
             limit $5
            """,
            *(campaign_id, is_open, day, owner, CASES_MAX),
        )
    return [_case(row, app.clock()) for row in rows]


_CASES = """
    select case_id, book, source, day, kind, ref, ours_fen, theirs_fen, state, owner, cause,
           payment_ref, reason, proposed_by, closed_by, opened_at, closed_at, ours_key, theirs_key,
           ours_day, theirs_day, campaign_id, ours_at, ours_paid_fen
      from cases
"""


def _case(row: Row, now: datetime) -> CaseLine:
    told = {name: row[name] for name in CaseLine.__dataclass_fields__ if name != "age_days"}
    age = day_of(row["closed_at"] or now) - day_from_number(row["day"])
    return CaseLine(
        **{
            **told,
            "book": Book(row["book"]),
            "kind": DifferenceKind(row["kind"]),
            "state": CaseState(row["state"]),
            "cause": Cause(row["cause"]) if row["cause"] else None,
        },
        age_days=max(0, age.days),
    )


async def case_file(app: App, case_id: int) -> CaseFile | Refusal:
    """One case with its lines and steps. Refuses UNKNOWN_CASE."""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(f"{_CASES} where case_id = $1", case_id)
        if row is None:
            return Refusal.UNKNOWN_CASE
        events = await tx.fetch(
            "select at, actor, did, detail from case_events where case_id = $1 order by no",
            case_id,
        )
        sides = await sides_of(tx, row)
    return CaseFile(
        case=_case(row, app.clock()),
        ours_key=row["ours_key"],
        theirs_key=row["theirs_key"],
        ours_day=row["ours_day"],
        theirs_day=row["theirs_day"],
        sides=sides,
        events=tuple(CaseEvent(**dict(event)) for event in events),
    )


async def sources(app: App, campaign_id: int) -> dict[Source, date]:
    """Everyone whose book is held against ours, and the first day of it.

    A source begins with its first file, an acquirer with its first payment at the latest.
    """
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select book, source, min(day) as began
              from (select book, source, first_day as day
                      from imported_files
                     where campaign_id = $1
                    union all
                    select 'acquirer', a.code,
                           (select min(day)
                              from acquirer_payments p
                             where p.acquirer_id = a.acquirer_id
                               and p.campaign_id = $1)
                      from acquirers a) began
             where day is not null
             group by book, source
             order by book, source
            """,
            campaign_id,
        )
    return {
        Source(
            campaign_id=campaign_id, book=Book(row["book"]), name=row["source"]
        ): day_from_number(row["began"])
        for row in rows
    }


async def logins(app: App) -> list[tuple[str, str]]:
    """Whoever may own a case: login and name."""
    async with app.db.reading() as tx:
        rows = await tx.fetch("select login, name from staff where city is null order by login")
    return [(row["login"], row["name"]) for row in rows]


async def days_due(app: App, campaign_id: int) -> list[tuple[Source, date]]:
    """Every day that is over and was not compared since its last file, or has something open.

    Days are looked back at for a week, oldest first.
    """
    yesterday = day_of(app.clock()) - timedelta(days=1)
    first = yesterday - timedelta(days=DAYS_BACK - 1)
    due: list[tuple[Source, date]] = []
    for source, began in (await sources(app, campaign_id)).items():
        async with app.db.reading() as tx:
            done = await tx.fetch(
                """
                select day
                  from reconciled_days r
                 where (campaign_id, book, source) = ($1, $2, $3)
                   and not exists (
                       select from imported_files f
                        where (f.campaign_id, f.book, f.source) = ($1, $2, $3)
                          and r.day between f.first_day and f.last_day
                          and f.imported_at > r.ran_at)
                   and not exists (
                       select from cases c
                        where (c.campaign_id, c.book, c.source, c.day) = ($1, $2, $3, r.day)
                          and c.state <> 'closed')
                """,
                *(campaign_id, source.book.value, source.name),
            )
        due += _not_done(source, max(first, began), yesterday, done)
    return due


def _not_done(
    source: Source, first: date, last: date, done: Sequence[Row]
) -> list[tuple[Source, date]]:
    compared = {row["day"] for row in done}
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [(source, day) for day in span if day_number(day) not in compared]
