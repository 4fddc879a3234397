"""Matching money that offers used: kept up to the books' marks, counted from there.  配套资金使用

What was redeemed counts on the day it was booked, what went back with goods on the day of the
refund: the part of all goods so far, rounded half up, less that of the goods before. So the parts
of several refunds add up to the part of all. A refund of which the fund's part is nothing is in no
book; those few are counted at each question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db import fund_cells
from huiquan.db.book_parts import refunds_in
from huiquan.db.connection import Tx
from huiquan.db.steps import StepTable, add_steps
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.offers import Funder


@dataclass(frozen=True, kw_only=True)
class Use:
    """What the offers of one side came to on one day, in fen; merchant_id 0 is the platform."""

    on_day: int
    funder: str
    merchant_id: int
    redemption_count: int = 0
    order_fen: int = 0
    used_fen: int = 0
    given_back_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class UsedRow:
    """What the offers of one side came to; merchant_id is None for the platform.

    used_fen stood on redeemed orders; of it given_back_fen went with goods that came back, in
    proportion. order_fen are the orders on which such an offer stood.
    """

    funder: Funder
    merchant_id: int | None
    merchant: str | None
    redemption_count: int
    order_fen: int
    used_fen: int
    given_back_fen: int


SUMS = ("redemption_count", "order_fen", "used_fen", "given_back_fen")
_STEPS = StepTable(
    name="matching_steps",
    where={"on_day": "integer", "funder": "text", "merchant_id": "bigint"},
    sums=SUMS,
)

# The offers of a lock by who pays for them.
_OFFERS = """
 cross join lateral (
       select one ->> 'funder' as funder, sum((one ->> 'amount_fen')::bigint) as fen
         from jsonb_array_elements(l.offers) one
        group by one ->> 'funder') o
"""

# Each redemption is looked up by its key: a planner may think that few have an offer, and read all
# of a season's that do for a minute's transfers.
_SPENT = f"""
    select r.day as on_day, o.funder,
           case o.funder when 'merchant' then r.merchant_id else 0 end as merchant_id,
           count(*) as redemption_count,
           sum(r.order_fen)::bigint as order_fen,
           sum(o.fen)::bigint as used_fen
      from transfers t
     cross join lateral (
           select d.lane, d.campaign_id, d.idx, d.lock_no, d.day, d.merchant_id, d.order_fen
             from redemptions d
            where d.lane = $1
              and d.campaign_id = $2
              and d.idx = t.idx
              and d.lock_no = split_part(t.ref, '-', 4)::smallint
              and d.offers_fen > 0
           offset 0) r
      join locks l
        on (l.lane, l.campaign_id, l.idx, l.lock_no) = (r.lane, r.campaign_id, r.idx, r.lock_no)
     {_OFFERS}
     where t.lane = $1
       and l.lane = $1
       and t.campaign_id = $2
       and t.no >= $3
       and t.no < $4
       and t.kind = 'redeem'
     group by 1, 2, 3
"""


def _given_back(which: str) -> str:
    return f"""
    with given as (
        select f.day as on_day, o.funder,
               case o.funder when 'merchant' then r.merchant_id else 0 end as merchant_id,
               o.fen, r.net_fen, f.amount_fen,
               coalesce((select sum(b.amount_fen)
                           from refunds b
                          where (b.lane, b.campaign_id, b.idx, b.lock_no)
                                = (f.lane, f.campaign_id, f.idx, f.lock_no)
                            and b.refund_no < f.refund_no), 0) as before_fen
          from {which}
          join redemptions r
            on (r.lane, r.campaign_id, r.idx, r.lock_no)
               = (f.lane, f.campaign_id, f.idx, f.lock_no)
           and r.offers_fen > 0
          join locks l
            on (l.lane, l.campaign_id, l.idx, l.lock_no)
               = (f.lane, f.campaign_id, f.idx, f.lock_no)
         {_OFFERS}
         where f.campaign_id = $1
    )
    select on_day, funder, merchant_id,
           sum(div(2 * fen * (before_fen + amount_fen) + net_fen, 2 * net_fen)
               - div(2 * fen * before_fen + net_fen, 2 * net_fen))::bigint as given_back_fen
      from given
     group by on_day, funder, merchant_id
    """


_NAMED = _given_back(
    """unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::smallint[])
               n (lane, idx, lock_no, refund_no)
          join refunds f
            on (f.lane, f.idx, f.lock_no, f.refund_no) = (n.lane, n.idx, n.lock_no, n.refund_no)"""
)
_IN_NO_BOOK = _given_back("(select * from refunds where to_fund_fen = 0) f")


async def used(tx: Tx, campaign_id: int) -> list[UsedRow]:
    """What offers took off redeemed orders, by who paid for them: the platform first, then those
    who used most. As exact as if all were counted now."""
    sums: dict[tuple[str, int], dict[str, int]] = {}
    for use in [*await _kept(tx, campaign_id), *await newer(tx, campaign_id)]:
        side = sums.setdefault((use.funder, use.merchant_id), dict.fromkeys(SUMS, 0))
        for name in SUMS:
            side[name] += getattr(use, name)
    merchants = await tx.fetch(
        "select merchant_id, name from merchants where merchant_id = any($1::bigint[])",
        [merchant_id for _, merchant_id in sums],
    )
    names = {row["merchant_id"]: row["name"] for row in merchants}
    order = sorted(sums, key=lambda side: (side[1] > 0, -sums[side]["used_fen"], side[1]))
    return [
        UsedRow(
            funder=Funder(funder),
            merchant_id=merchant_id or None,
            merchant=names.get(merchant_id),
            **sums[funder, merchant_id],
        )
        for funder, merchant_id in order
    ]


async def _kept(tx: Tx, campaign_id: int) -> list[Use]:
    rows = await tx.fetch(
        """
        select 0 as on_day, funder, merchant_id,
               sum(redemption_count)::bigint as redemption_count,
               sum(order_fen)::bigint as order_fen,
               sum(used_fen)::bigint as used_fen,
               sum(given_back_fen)::bigint as given_back_fen
          from matching_steps
         where campaign_id = $1
         group by funder, merchant_id
        """,
        campaign_id,
    )
    return _uses(rows)


async def newer(tx: Tx, campaign_id: int) -> list[Use]:
    """What came since the marks; one side may come several times."""
    uses = _uses(await tx.fetch(_IN_NO_BOOK, campaign_id))
    for part in await fund_cells.uncounted(tx, campaign_id):
        uses += await booked(tx, *part)
    return uses


async def booked(tx: Tx, campaign_id: int, lane: int, first_no: int, next_no: int) -> list[Use]:
    """What some transfers of a book say of matching money: redemptions, and refunds by name."""
    part = (lane, campaign_id, first_no, next_no)
    spent = [] if lane == HOUSE_LANE else _uses(await tx.fetch(_SPENT, *part))
    back = await refunds_in(tx, (campaign_id, lane, first_no, next_no))
    if not back:
        return spent
    named = ("lane", "idx", "lock_no", "refund_no")
    columns = [[getattr(one, name) for one in back] for name in named]
    return spent + _uses(await tx.fetch(_NAMED, campaign_id, *columns))


def _uses(rows: Iterable[Any]) -> list[Use]:
    return [Use(**dict(row)) for row in rows]


async def add(tx: Tx, campaign_id: int, uses: Sequence[Use], at: datetime) -> None:
    """Add to what is kept; a day and side that is new begins at nothing."""
    await add_steps(tx, _STEPS, campaign_id, uses, at)
