"""The fund by draw day, pack, tier and city: what became of every fen that was won.  资金分布

    issued = reserved + locked + expired + refunded + payable + settling + paid

What stood in the books up to a mark was added up once and is kept (`huiquan/db/fund_counts.py`);
what came since is added to it here, at each question, from the same moment of the database. The
sum is right wherever the marks stand; only how long it takes depends on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db import fund_moves, links
from huiquan.db.book_parts import Part, refunds_in
from huiquan.db.connection import Tx
from huiquan.domain.ledger import HOUSE_LANE

WHERE = ("day", "pack", "tier", "city")
"""What tells one cell from another."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One draw day, pack, tier and city (of registration), in fen; what is 0 or "" is over all.

    Or what some movements add to one, which may be below zero. locked: at a till this instant.
    expired and refunded are the fund's again. spent: redeemed, less what came back before it was
    settled; settling and paid of it are in a settlement, before old debts are kept of it. late:
    refunded after settlement, so the merchant owes or has given it back.

    on_day: of a step, when its transfers were booked, or its settlements settled.
    """

    day: int = 0
    pack: int = 0
    tier: int = 0
    city: str = ""
    on_day: int = 0
    issued_count: int = 0
    issued_fen: int = 0
    locked_fen: int = 0
    expired_fen: int = 0
    refunded_fen: int = 0
    spent_fen: int = 0
    settling_fen: int = 0
    paid_fen: int = 0
    late_fen: int = 0

    @property
    def reserved_fen(self) -> int:
        """What may still be spent and is at no till."""
        ended_fen = self.expired_fen + self.refunded_fen + self.spent_fen
        return self.issued_fen - ended_fen - self.locked_fen

    @property
    def payable_fen(self) -> int:
        """Redeemed, in no settlement or in one that bounced and waits to be settled anew."""
        return self.spent_fen - self.settling_fen - self.paid_fen


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How far a book was counted, and how far it goes: the numbers before these."""

    lane: int
    counted_no: int
    next_no: int


async def marks(tx: Tx, campaign_id: int) -> list[Mark]:
    """Every book of a campaign, the house's first."""
    counted = await tx.fetch(
        "select lane, counted_no from fund_marks where campaign_id = $1", campaign_id
    )
    reached = {row["lane"]: row["counted_no"] for row in counted}
    return [
        Mark(lane=book.lane, counted_no=reached.get(book.lane, 0), next_no=book.next_no)
        for book in await links.books(tx, campaign_id)
    ]


async def uncounted(tx: Tx, campaign_id: int) -> list[Part]:
    """What of each book lies beyond its mark, if anything does."""
    return [
        (campaign_id, mark.lane, mark.counted_no, mark.next_no)
        for mark in await marks(tx, campaign_id)
        if mark.counted_no < mark.next_no
    ]


async def kept(
    tx: Tx, campaign_id: int, first_day: int, last_day: int, by: Sequence[str] = WHERE
) -> list[Cell]:
    """What was counted of these draw days, added up by some of WHERE."""
    assert set(by) <= set(WHERE), "these are no columns"
    names = ", ".join(by)
    rows = await tx.fetch(
        f"""
        select {names}, sum(issued_count)::bigint as issued_count,
               sum(issued_fen)::bigint as issued_fen, sum(expired_fen)::bigint as expired_fen,
               sum(refunded_fen)::bigint as refunded_fen, sum(spent_fen)::bigint as spent_fen,
               sum(settling_fen)::bigint as settling_fen, sum(paid_fen)::bigint as paid_fen,
               sum(late_fen)::bigint as late_fen
          from fund_cells
         where campaign_id = $1
           and day between $2 and $3
         group by {names}
        """,
        campaign_id,
        first_day,
        last_day,
    )
    return [Cell(**dict(row)) for row in rows]


async def newer(tx: Tx, campaign_id: int, now: datetime) -> list[Cell]:
    """What came since the marks, of every draw day; one place may come several times."""
    cells = await at_tills(tx, campaign_id, now)
    for part in await uncounted(tx, campaign_id):
        cells += await booked(tx, *part)
    moves = await fund_moves.due(tx, campaign_id)
    return cells + await moved(tx, campaign_id, moves)


async def booked(tx: Tx, campaign_id: int, lane: int, first_no: int, next_no: int) -> list[Cell]:
    """What some transfers of a book add to the cells, one for each place and day of booking."""
    if lane == HOUSE_LANE:
        return await _late(tx, campaign_id, first_no, next_no)
    rows = await tx.fetch(
        """
        select v.day, v.pack, v.tier, v.city, t.day as on_day,
               count(*) filter (where t.kind = 'reserve') as issued_count,
               sum(case t.kind when 'reserve' then t.amount_fen else 0 end)::bigint as issued_fen,
               sum(case t.kind when 'expire' then t.amount_fen else 0 end)::bigint as expired_fen,
               sum(case t.kind when 'refund' then t.amount_fen else 0 end)::bigint as refunded_fen,
               sum(case t.kind when 'redeem' then t.amount_fen
                               when 'refund' then -t.amount_fen
                               when 'reinstate' then -t.amount_fen
                               else 0 end)::bigint as spent_fen
          from transfers t
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (t.lane, t.campaign_id, t.idx)
         where t.lane = $1
           and t.campaign_id = $2
           and t.no >= $3
           and t.no < $4
         group by v.day, v.pack, v.tier, v.city, t.day
        """,
        lane,
        campaign_id,
        first_no,
        next_no,
    )
    return [Cell(**dict(row)) for row in rows]


async def _late(tx: Tx, campaign_id: int, first_no: int, next_no: int) -> list[Cell]:
    """Refunds after settlement: the house's book names the refund, and that its voucher."""
    part = (campaign_id, HOUSE_LANE, first_no, next_no)
    late = await refunds_in(tx, part, ("refund_late",))
    if not late:
        return []
    found = await tx.fetch(
        """
        select v.day, v.pack, v.tier, v.city, f.on_day, sum(f.fen)::bigint as late_fen
          from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::integer[])
               f (lane, idx, fen, on_day)
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (f.lane, $1, f.idx)
         group by v.day, v.pack, v.tier, v.city, f.on_day
        """,
        campaign_id,
        [one.lane for one in late],
        [one.idx for one in late],
        [one.fen for one in late],
        [one.on_day for one in late],
    )
    return [Cell(**dict(row)) for row in found]


async def moved(tx: Tx, campaign_id: int, moves: Sequence[fund_moves.Move]) -> list[Cell]:
    """What settlements add to the cells that stand elsewhere than they were counted.

    A redemption stays worth in its settlement what it was worth when it was settled: what came
    back of it afterwards is late, and is taken off `returned_fen` again.
    """
    if not moves:
        return []
    rows = await tx.fetch(
        """
        with worth as (
            select r.lane, r.idx, m.on_day, m.counted_as, m.stage,
                   r.discount_fen - r.returned_fen
                   + case when r.returned_fen = 0 then 0
                          else coalesce((select sum(f.to_fund_fen)
                                           from refunds f
                                          where (f.lane, f.campaign_id, f.idx, f.lock_no)
                                                = (r.lane, r.campaign_id, r.idx, r.lock_no)
                                            and f.late), 0) end as fen
              from unnest($2::bigint[], $3::integer[], $4::text[], $5::text[])
                   m (settlement_id, on_day, counted_as, stage)
              join redemptions r
                on r.settlement_id = m.settlement_id
               and r.campaign_id = $1
        )
        select v.day, v.pack, v.tier, v.city, w.on_day,
               sum(case when w.stage = 'settling' then w.fen
                        when w.counted_as = 'settling' then -w.fen
                        else 0 end)::bigint as settling_fen,
               sum(case when w.stage = 'paid' then w.fen
                        when w.counted_as = 'paid' then -w.fen
                        else 0 end)::bigint as paid_fen
          from worth w
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (w.lane, $1, w.idx)
         group by v.day, v.pack, v.tier, v.city, w.on_day
        """,
        campaign_id,
        [move.settlement_id for move in moves],
        [move.day for move in moves],
        [move.counted_as for move in moves],
        [move.stage for move in moves],
    )
    return [Cell(**dict(row)) for row in rows]


async def at_tills(tx: Tx, campaign_id: int, now: datetime) -> list[Cell]:
    """The vouchers that a till holds at this instant: as many as there are customers at tills."""
    rows = await tx.fetch(
        """
        select v.day, v.pack, v.tier, v.city, sum(v.face_fen)::bigint as locked_fen
          from locks l
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (l.lane, l.campaign_id, l.idx)
         where l.campaign_id = $1
           and l.state = 'open'
           and v.state = 'locked'
           and v.locked_until > $2
         group by v.day, v.pack, v.tier, v.city
        """,
        campaign_id,
        now,
    )
    return [Cell(**dict(row)) for row in rows]
