"""The lines of both books on one day, side by side, and where a closer look is needed.  两账明细

The database finds what agrees to the fen, which is nearly everything; only the lines under the
other references are read, so a day of a million lines takes seconds.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from huiquan.db.connection import Row, Tx
from huiquan.db.imported_books import LONG_S, Source
from huiquan.db.their_lines import THEIR_LINES
from huiquan.domain.bill_mappings import Book, LineKind
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.reconciliation import Line

# What came over no acquirer's door has the source "till".
_OUR_REDEMPTIONS = """
    select 'redeem/' || r.lane || '/' || r.idx || '/' || r.lock_no as line_key, 'redeem' as kind,
           coalesce(p.payment_ref, r.payment_ref) as ref, '' as sub,
           r.discount_fen as amount_fen, r.net_fen - r.discount_fen as paid_fen,
           r.redeemed_at as at
      from redemptions r
      left join acquirer_payments p
     using (lane, campaign_id, idx, lock_no)
      left join acquirers a
        on a.acquirer_id = r.acquirer_id
     where r.campaign_id = $1
       and r.day = $3
       and coalesce(a.code, 'till') = $2
    union all
    select 'refund/' || f.lane || '/' || f.idx || '/' || f.lock_no || '/' || f.refund_no, 'refund',
           coalesce(p.payment_ref, r.payment_ref), coalesce(n.refund_ref, ''), -f.to_fund_fen,
           -f.to_consumer_fen, f.refunded_at
      from refunds f
      join redemptions r
     using (lane, campaign_id, idx, lock_no)
      left join acquirer_payments p
     using (lane, campaign_id, idx, lock_no)
      left join acquirers a
        on a.acquirer_id = r.acquirer_id
      left join acquirer_refunds n
        on (n.lane, n.campaign_id, n.idx, n.lock_no, n.refund_no)
         = (f.lane, f.campaign_id, f.idx, f.lock_no, f.refund_no)
     where f.campaign_id = $1
       and f.day = $3
       and coalesce(a.code, 'till') = $2
"""

# Whatever moves the dedicated account stands in the house's own book.
_OUR_BANK = """
    select 'transfer/' || no as line_key,
           case when debit = 'bank' then 'in' else 'out' end as kind,
           ref, '' as sub,
           case when debit = 'bank' then amount_fen else -amount_fen end as amount_fen,
           null::bigint as paid_fen, booked_at as at
      from transfers
     where lane = -1
       and campaign_id = $1
       and day = $3
       and 'bank' in (debit, credit)
       and $2::text is not null
"""

_OURS = {Book.ACQUIRER: _OUR_REDEMPTIONS, Book.BANK: _OUR_BANK}


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many lines a book has on a day, and what they move in all."""

    count: int
    fen: int


@dataclass(kw_only=True)
class Group:
    """What stands under one reference and has no plain counterpart."""

    ours: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)
    earlier: list[Line] = field(default_factory=list)


async def lay_out(tx: Tx, source: Source, day: date) -> tuple[Totals, Totals]:
    """Lay both books of a day side by side until the commit; gives the totals of each.

    A line whose place is decided, in a case that is closed or has two lines, is laid out but not
    compared again.
    """
    await _lay_out_side(tx, source, day, "ours", _OURS[source.book])
    await _lay_out_side(
        tx,
        source,
        day,
        "theirs",
        f"""
        select line_key, kind, ref, sub, amount_fen, paid_fen, at
          from ({THEIR_LINES[source.book]}) l
         where campaign_id = $1
           and source = $2
           and day = $3
        """,
    )
    return await _totals(tx, "ours"), await _totals(tx, "theirs")


async def _lay_out_side(tx: Tx, source: Source, day: date, side: str, lines: str) -> None:
    other = {"ours": "theirs", "theirs": "ours"}[side]
    of_source = (source.campaign_id, source.name)
    await tx.execute(
        f"""
        create temp table {side} (
            line_key text, kind text, ref text, sub text, amount_fen bigint, paid_fen bigint,
            at timestamptz, is_decided boolean
        ) on commit drop;
        create temp table {side}_decided (line_key text primary key) on commit drop
        """
    )
    # Laid aside and counted first, so that the database knows how few or how many they are.
    await tx.execute(
        f"""
        insert into {side}_decided
        select {side}_key
          from cases
         where campaign_id = $1
           and source = $2
           and book = $3
           and {side}_key is not null
           and (state = 'closed' or {other}_key is not null)
        """,
        *(*of_source, source.book.value),
        timeout=LONG_S,
    )
    await tx.execute(f"analyze {side}_decided")
    await tx.execute(
        f"""
        insert into {side}
        select line.*, d.line_key is not null
          from ({lines}) line
          left join {side}_decided d
            on d.line_key = line.line_key
        """,
        *(*of_source, day_number(day)),
        timeout=LONG_S,
    )
    await tx.execute(f"analyze {side}", timeout=LONG_S)


async def _totals(tx: Tx, side: str) -> Totals:
    row = await tx.fetchrow(
        f"select count(*) as count, coalesce(sum(amount_fen), 0)::bigint as fen from {side}"
    )
    return Totals(**dict(row))


async def find_odd(tx: Tx, source: Source) -> int:
    """Find the references under which the two sides do not plainly agree; gives how many.

    One under which a line waits for its counterpart is looked at again.
    """
    await _lay_out_waiting(tx, source)
    await tx.execute("create temp table odd (ref text primary key) on commit drop")
    counted = "select ref, kind, amount_fen, count(*) as n, sum(paid_fen) as paid_fen"
    await tx.execute(
        f"""
        insert into odd
        select distinct ref
          from ({counted} from ours where not is_decided group by 1, 2, 3) o
          full join ({counted}, bool_or(paid_fen is null) as is_untold
                       from theirs where not is_decided group by 1, 2, 3) t
         using (ref, kind, amount_fen)
         where o.n is distinct from t.n
            or (not t.is_untold and o.paid_fen is distinct from t.paid_fen)
         union
        select ref
          from waiting
          join ours
         using (ref)
         union
        select ref
          from waiting
          join theirs
         using (ref)
        """,
        timeout=LONG_S,
    )
    await tx.execute("analyze odd")
    count: int = await tx.fetchval("select count(*) from odd")
    return count


async def _lay_out_waiting(tx: Tx, source: Source) -> None:
    """Lay aside the references under which a line waits alone in a case that is not closed."""
    await tx.execute("create temp table waiting (ref text primary key) on commit drop")
    await tx.execute(
        """
        insert into waiting
        select distinct ref
          from cases
         where campaign_id = $1
           and book = $2
           and source = $3
           and state <> 'closed'
           and (ours_key is null or theirs_key is null)
           and line_kind <> ''
        """,
        *(source.campaign_id, source.book.value, source.name),
        timeout=LONG_S,
    )
    await tx.execute("analyze waiting")


async def groups(tx: Tx, source: Source, day: date) -> Mapping[str, Group]:
    """The lines under every odd reference: of the day, of open cases, and theirs of days before."""
    found: dict[str, Group] = defaultdict(Group)
    for side in ("ours", "theirs"):
        taken = set()
        for row in await _lines_of_day(tx, side, day_number(day)):
            getattr(found[row["ref"]], side).append(_line(row))
            taken.add(row["line_key"])
        for row in await _lines_of_open_cases(tx, source, side):
            if row["line_key"] not in taken:
                getattr(found[row["ref"]], side).append(_line(row))
    waiting = {line.key for group in found.values() for line in group.theirs}
    for row in await _lines_before(tx, source, day_number(day)):
        if row["line_key"] not in waiting:
            found[row["ref"]].earlier.append(_line(row))
    return found


def _line(row: Row) -> Line:
    return Line(
        key=row["line_key"],
        day=day_from_number(row["day"]),
        kind=LineKind(row["kind"]),
        ref=row["ref"],
        sub=row["sub"],
        amount_fen=row["amount_fen"],
        paid_fen=row["paid_fen"],
        at=row["at"],
    )


async def _lines_of_day(tx: Tx, side: str, day: int) -> list[Row]:
    return list(
        await tx.fetch(
            f"""
            select l.*, $1::integer as day
              from {side} l
              join odd
             using (ref)
             where not l.is_decided
             order by l.ref, l.at, l.line_key
            """,
            day,
            timeout=LONG_S,
        )
    )


async def _lines_of_open_cases(tx: Tx, source: Source, side: str) -> list[Row]:
    """Lines that wait alone in a case that is not closed."""
    other = {"ours": "theirs", "theirs": "ours"}[side]
    return list(
        await tx.fetch(
            f"""
            select c.{side}_key as line_key, c.{side}_day as day, c.line_kind as kind, c.ref,
                   c.sub, c.{side}_fen as amount_fen, c.{side}_paid_fen as paid_fen,
                   c.{side}_at as at
              from cases c
              join odd
             using (ref)
             where c.campaign_id = $1
               and c.book = $2
               and c.source = $3
               and c.state <> 'closed'
               and c.{side}_key is not null
               and c.{other}_key is null
               and c.line_kind <> ''
               and c.{side}_at is not null
             order by c.case_id
            """,
            source.campaign_id,
            source.book.value,
            source.name,
        )
    )


async def _lines_before(tx: Tx, source: Source, day: int) -> list[Row]:
    return list(
        await tx.fetch(
            f"""
            select l.line_key, l.day, l.kind, l.ref, l.sub, l.amount_fen, l.paid_fen, l.at
              from ({THEIR_LINES[source.book]}) l
              join odd
             using (ref)
             where l.campaign_id = $1
               and l.source = $2
               and l.day < $3
             order by l.day, l.line_key
            """,
            source.campaign_id,
            source.name,
            day,
            timeout=LONG_S,
        )
    )
