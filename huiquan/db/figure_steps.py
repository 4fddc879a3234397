"""What each day brought to the nine figures, by city: kept up to the books' marks.  日报逐日累计

A day's figures do not change once it is over, so what a whole season came to is a sum of days.
People are counted on the day of their first voucher, and of their first redemption, in the campaign
and in the city: then distinct people add up, too. A person stands in one lane, so one book says who
was first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db import fund_cells
from huiquan.db.book_parts import Part, refunds_in
from huiquan.db.connection import Tx
from huiquan.db.steps import StepTable, add_steps
from huiquan.db.vouchers import was_given
from huiquan.domain.ledger import HOUSE_LANE


@dataclass(frozen=True, kw_only=True)
class FigureStep:
    """What some transfers of one day add to the figures of one city, money in fen.

    Holders and redeemers are those who were none before: in the campaign; in this city.
    """

    on_day: int
    city: str
    issued_count: int = 0
    issued_fen: int = 0
    holder_count: int = 0
    city_holder_count: int = 0
    redeemed_count: int = 0
    redeemed_fen: int = 0
    order_fen: int = 0
    redeemer_count: int = 0
    city_redeemer_count: int = 0
    refunded_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class FirstSale:
    """The first day on which a merchant redeemed a voucher in a city."""

    merchant_id: int
    city: str
    on_day: int


SUMS = (
    *("issued_count", "issued_fen", "holder_count", "city_holder_count"),
    *("redeemed_count", "redeemed_fen", "order_fen", "redeemer_count", "city_redeemer_count"),
    "refunded_fen",
)
_STEPS = StepTable(name="figure_steps", where={"on_day": "integer", "city": "text"}, sums=SUMS)

_BOOKED = """
     where t.lane = $1
       and t.campaign_id = $2
       and t.no >= $3
       and t.no < $4
"""

_ISSUED = f"""
    select t.day as on_day, v.city, count(*) as issued_count,
           sum(t.amount_fen)::bigint as issued_fen,
           count(*) filter (where before.vouchers = 0) as holder_count,
           count(*) filter (where before.here = 0) as city_holder_count
      from transfers t
      join vouchers v
        on (v.lane, v.campaign_id, v.idx) = (t.lane, t.campaign_id, t.idx)
     cross join lateral (
           select count(*) as vouchers, count(*) filter (where w.city = v.city) as here
             from vouchers w
            where (w.lane, w.campaign_id, w.pid) = (v.lane, v.campaign_id, v.pid)
              and w.day < v.day
              and {was_given("w")}) before
    {_BOOKED}
       and t.kind = 'reserve'
       and {was_given("v")}
     group by t.day, v.city
"""

_REDEEMED = f"""
    select t.day as on_day, r.city, r.merchant_id, count(*) as redeemed_count,
           sum(t.amount_fen)::bigint as redeemed_fen, sum(r.order_fen)::bigint as order_fen,
           count(*) filter (where before.sales = 0) as redeemer_count,
           count(*) filter (where before.here = 0) as city_redeemer_count
      from transfers t
      join redemptions r
        on (r.lane, r.campaign_id, r.idx) = (t.lane, t.campaign_id, t.idx)
       and r.lock_no = split_part(t.ref, '-', 4)::smallint
      join vouchers v
        on (v.lane, v.campaign_id, v.idx) = (t.lane, t.campaign_id, t.idx)
     cross join lateral (
           select count(*) as sales, count(*) filter (where d.city = r.city) as here
             from vouchers w
             join transfers s
               on (s.lane, s.campaign_id, s.idx) = (w.lane, w.campaign_id, w.idx)
              and s.kind = 'redeem'
              and s.no < t.no
             join redemptions d
               on (d.lane, d.campaign_id, d.idx) = (w.lane, w.campaign_id, w.idx)
              and d.lock_no = split_part(s.ref, '-', 4)::smallint
            where (w.lane, w.campaign_id, w.pid) = (v.lane, v.campaign_id, v.pid)) before
    {_BOOKED}
       and t.kind = 'redeem'
     group by t.day, r.city, r.merchant_id
"""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Steps, and the sales that may be a merchant's first in a city."""

    steps: list[FigureStep]
    sales: list[FirstSale]


async def booked(tx: Tx, campaign_id: int, lane: int, first_no: int, next_no: int) -> Steps:
    """What some transfers of a book say of the figures; one day and city may come several times."""
    part = (lane, campaign_id, first_no, next_no)
    steps, sales = await _returned(tx, (campaign_id, lane, first_no, next_no)), []
    if lane != HOUSE_LANE:
        steps += [FigureStep(**dict(row)) for row in await tx.fetch(_ISSUED, *part)]
        for row in await tx.fetch(_REDEEMED, *part):
            told = dict(row)
            merchant_id = told.pop("merchant_id")
            steps.append(FigureStep(**told))
            sales.append(FirstSale(merchant_id=merchant_id, city=row["city"], on_day=row["on_day"]))
    return Steps(steps=steps, sales=sales)


async def _returned(tx: Tx, part: Part) -> list[FigureStep]:
    back = await refunds_in(tx, part)
    if not back:
        return []
    found = await tx.fetch(
        """
        select n.on_day, r.city, sum(n.fen)::bigint as refunded_fen
          from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::integer[], $6::bigint[])
               n (lane, idx, lock_no, on_day, fen)
          join redemptions r
            on (r.lane, r.campaign_id, r.idx, r.lock_no) = (n.lane, $1, n.idx, n.lock_no)
         group by n.on_day, r.city
        """,
        part[0],
        *(_column(back, name) for name in ("lane", "idx", "lock_no", "on_day", "fen")),
    )
    return [FigureStep(**dict(row)) for row in found]


async def newer(tx: Tx, campaign_id: int) -> Steps:
    """What came since the marks."""
    steps: list[FigureStep] = []
    sales: list[FirstSale] = []
    for part in await fund_cells.uncounted(tx, campaign_id):
        more = await booked(tx, *part)
        steps, sales = steps + more.steps, sales + more.sales
    return Steps(steps=steps, sales=sales)


async def kept(
    tx: Tx, campaign_id: int, first_day: int, last_day: int, city: str | None
) -> list[FigureStep]:
    """What was counted of these days, all cities of a day together, or one of them."""
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in SUMS)
    rows = await tx.fetch(
        f"""
        select on_day, coalesce($4::text, '') as city, {sums}
          from figure_steps
         where campaign_id = $1
           and on_day between $2 and $3
           and ($4::text is null or city = $4)
         group by on_day
        """,
        *(campaign_id, first_day, last_day, city),
    )
    return [FigureStep(**dict(row)) for row in rows]


async def sellers(tx: Tx, campaign_id: int, last_day: int, city: str | None) -> set[int]:
    """The merchants that had redeemed by the end of a day, as far as the books are counted."""
    rows = await tx.fetch(
        """
        select distinct merchant_id
          from figure_merchants
         where campaign_id = $1
           and first_day <= $2
           and ($3::text is null or city = $3)
        """,
        *(campaign_id, last_day, city),
    )
    return {row["merchant_id"] for row in rows}


async def add(tx: Tx, campaign_id: int, more: Steps, at: datetime) -> None:
    """Add to what is kept; a day and city that is new begins at nothing."""
    await add_steps(tx, _STEPS, campaign_id, more.steps, at)
    if more.sales:
        await _add_sales(tx, campaign_id, more.sales)


async def _add_sales(tx: Tx, campaign_id: int, sales: Sequence[FirstSale]) -> None:
    await tx.execute(
        """
        insert into figure_merchants as f (campaign_id, city, merchant_id, first_day)
        select $1, city, merchant_id, min(on_day)
          from unnest($2::text[], $3::bigint[], $4::integer[]) u (city, merchant_id, on_day)
         group by city, merchant_id
         order by city, merchant_id
        on conflict (campaign_id, city, merchant_id) do update
           set first_day = excluded.first_day
         where f.first_day > excluded.first_day
        """,
        campaign_id,
        *(_column(sales, name) for name in ("city", "merchant_id", "on_day")),
    )


def _column(rows: Iterable[Any], name: str) -> list[Any]:
    return [getattr(row, name) for row in rows]
