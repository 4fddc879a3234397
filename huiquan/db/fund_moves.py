"""Where the money of settlements stands, and as what it was counted into the cells.  清算去向"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class Move:
    """A settlement counted as one thing whose money is another now: payable, settling or paid."""

    settlement_id: int
    day: int
    counted_as: str
    stage: str


@dataclass(frozen=True, kw_only=True)
class _Open:
    settlement_id: int
    day: int
    state: str
    resettled_by: int | None
    counted_as: str


async def due(tx: Tx, campaign_id: int) -> list[Move]:
    """The settlements whose money has moved since they were counted, in their order."""
    rows = await tx.fetch(
        """
        select settlement_id, day, state, resettled_by, counted_as
          from settlements
         where campaign_id = $1
           and (state <> 'paid' or counted_as <> 'paid')
         order by settlement_id
        """,
        campaign_id,
    )
    there = {row["settlement_id"]: _Open(**dict(row)) for row in rows}
    stages = ((one, _stage(there, one)) for one in there.values())
    return [
        Move(settlement_id=one.settlement_id, day=one.day, counted_as=one.counted_as, stage=stage)
        for one, stage in stages
        if stage != one.counted_as
    ]


def _stage(there: Mapping[int, _Open], one: _Open) -> str:
    """Payable, settling or paid. What bounced is where the settlement is that carries it.

    A settlement that is not there is paid, and was counted so.
    """
    last: _Open | None = one
    while last is not None and last.resettled_by is not None:
        last = there.get(last.resettled_by)
    if last is None or last.state == "paid":
        return "paid"
    return "payable" if last.state == "bounced" else "settling"


async def hold(tx: Tx, moves: Sequence[Move]) -> list[Move]:
    """Of these, hold those that nobody else does until the commit; the others wait for next time.

    So a count never waits for a settlement or a bank's answer, and nobody waits in a circle.
    """
    rows = await tx.fetch(
        """
        select settlement_id
          from settlements
         where settlement_id = any($1::bigint[])
         order by settlement_id
           for update skip locked
        """,
        [move.settlement_id for move in moves],
    )
    held = {row["settlement_id"] for row in rows}
    return [move for move in moves if move.settlement_id in held]


async def mark(tx: Tx, moves: Sequence[Move]) -> None:
    """Say as what these were counted now; each from what it was counted as before."""
    rows = await tx.fetch(
        """
        update settlements s
           set counted_as = m.stage
          from unnest($1::bigint[], $2::text[], $3::text[]) m (settlement_id, counted_as, stage)
         where s.settlement_id = m.settlement_id
           and s.counted_as = m.counted_as
        returning s.settlement_id
        """,
        [move.settlement_id for move in moves],
        [move.counted_as for move in moves],
        [move.stage for move in moves],
    )
    assert len(rows) == len(moves), "a settlement was counted although the count was held"
