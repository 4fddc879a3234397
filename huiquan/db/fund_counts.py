"""Counting the books into the fund's cells: the marks move with what they stand for.  资金计入"""

from collections.abc import Sequence

from huiquan.db.connection import Tx
from huiquan.db.fund_cells import WHERE, Cell, Mark

_SUMS = (
    *("issued_count", "issued_fen", "expired_fen", "refunded_fen", "spent_fen"),
    *("settling_fen", "paid_fen", "late_fen"),
)


async def hold_mark(tx: Tx, campaign_id: int, lane: int) -> Mark:
    """The mark of a book, held until the commit: whoever counts it too comes after."""
    await tx.execute(
        """
        insert into fund_marks (campaign_id, lane)
        values ($1, $2)
        on conflict do nothing
        """,
        campaign_id,
        lane,
    )
    counted_no = await tx.fetchval(
        "select counted_no from fund_marks where campaign_id = $1 and lane = $2 for update",
        campaign_id,
        lane,
    )
    next_no = await tx.fetchval(
        "select next_no from books where lane = $1 and campaign_id = $2", lane, campaign_id
    )
    return Mark(lane=lane, counted_no=counted_no, next_no=next_no)


async def move_mark(tx: Tx, campaign_id: int, mark: Mark, counted_no: int) -> None:
    """Say how far the book is counted now; only from where it was held."""
    moved = await tx.fetchval(
        """
        update fund_marks
           set counted_no = $4
         where campaign_id = $1
           and lane = $2
           and counted_no = $3
        returning 1
        """,
        campaign_id,
        mark.lane,
        mark.counted_no,
        counted_no,
    )
    assert moved == 1, "the mark moved although it was held for this"


async def add(tx: Tx, campaign_id: int, cells: Sequence[Cell]) -> None:
    """Add to the kept cells, one of each place; a place that is new begins at nothing."""
    if not cells:
        return
    places = [[getattr(cell, name) for cell in cells] for name in WHERE]
    sums = [[getattr(cell, name) for cell in cells] for name in _SUMS]
    zeros = ", ".join("0" for _ in _SUMS)
    await tx.execute(
        f"""
        insert into fund_cells (campaign_id, day, pack, tier, city, {", ".join(_SUMS)})
        select $1, p.*, {zeros}
          from unnest($2::integer[], $3::smallint[], $4::smallint[], $5::text[]) p
        on conflict do nothing
        """,
        campaign_id,
        *places,
    )
    await tx.execute(
        f"""
        update fund_cells c
           set {", ".join(f"{name} = c.{name} + a.{name}" for name in _SUMS)}
          from unnest($2::integer[], $3::smallint[], $4::smallint[], $5::text[],
                      {", ".join(f"${6 + n}::bigint[]" for n in range(len(_SUMS)))})
               a (day, pack, tier, city, {", ".join(_SUMS)})
         where c.campaign_id = $1
           and (c.day, c.pack, c.tier, c.city) = (a.day, a.pack, a.tier, a.city)
        """,
        campaign_id,
        *places,
        *sums,
    )
