"""Counting the books into the fund's cells: the marks move with what they stand for.  资金计入

What was counted is kept twice: in its cell, which the pages read, and as a step, what one day
brought to that cell, so that what is new can be counted again without all that was before.
"""

from collections.abc import Sequence
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.fund_cells import WHERE, Cell, Mark
from huiquan.db.steps import StepTable, add_steps

_SUMS = (
    *("issued_count", "issued_fen", "expired_fen", "refunded_fen", "spent_fen"),
    *("settling_fen", "paid_fen", "late_fen"),
)
_TYPES = {"day": "integer", "pack": "smallint", "tier": "smallint", "city": "text"}
_STEPS = StepTable(
    name="fund_steps",
    where={"on_day": "integer", **_TYPES},
    sums=_SUMS,
    key=("on_day", "day", "tier", "city"),
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


async def add(tx: Tx, campaign_id: int, cells: Sequence[Cell], at: datetime) -> None:
    """Add steps: each to its day's, and to the cell they are steps of; what is new begins at
    nothing."""
    if not cells:
        return
    await add_steps(tx, _STEPS, campaign_id, cells, at)
    columns = [[getattr(cell, name) for cell in cells] for name in (*WHERE, *_SUMS)]
    names, zeros = ", ".join(WHERE), ", ".join("0" for _ in _SUMS)
    types = [_TYPES.get(name, "bigint") for name in (*WHERE, *_SUMS)]
    arrays = [f"${n}::{one}[]" for n, one in enumerate(types, start=2)]
    await tx.execute(
        f"""
        insert into fund_cells (campaign_id, {names}, {", ".join(_SUMS)})
        select $1, p.*, {zeros}
          from unnest({", ".join(arrays[: len(WHERE)])}) p
        on conflict do nothing
        """,
        campaign_id,
        *columns[: len(WHERE)],
    )
    await tx.execute(
        f"""
        update fund_cells c
           set {", ".join(f"{name} = c.{name} + a.{name}" for name in _SUMS)}
          from (select {names}, {", ".join(f"sum({name})::bigint as {name}" for name in _SUMS)}
                  from unnest({", ".join(arrays)}) s ({names}, {", ".join(_SUMS)})
                 group by {names}) a
         where c.campaign_id = $1
           and (c.day, c.pack, c.tier, c.city) = (a.day, a.pack, a.tier, a.city)
        """,
        campaign_id,
        *columns,
    )
