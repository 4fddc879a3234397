"""The head of each lane's queue: who holds it may enter people or seal a round.  通道"""

from dataclasses import dataclass

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class LaneHead:
    """Where a lane stands. Entries below sealed_idx are sealed, below final_idx drawn."""

    lane: int
    next_idx: int
    sealed_idx: int
    final_idx: int
    next_seq: int
    prev_seal_hash: bytes
    is_frozen: bool


async def lock(tx: Tx, campaign_id: int, lane: int) -> LaneHead:
    """Take the lane until the transaction ends; whoever comes second waits and sees the result."""
    row = await tx.fetchrow(
        """
        select lane, next_idx, sealed_idx, final_idx, next_seq, prev_seal_hash,
               frozen_at is not null as is_frozen
          from lanes
         where lane = $1
           and campaign_id = $2
           for update
        """,
        lane,
        campaign_id,
    )
    assert row is not None, "a published campaign has all its lanes"
    return LaneHead(**dict(row))


async def heads(tx: Tx, campaign_id: int) -> list[LaneHead]:
    """Where every lane stands, without holding any."""
    rows = await tx.fetch(
        """
        select lane, next_idx, sealed_idx, final_idx, next_seq, prev_seal_hash,
               frozen_at is not null as is_frozen
          from lanes
         where campaign_id = $1
         order by lane
        """,
        campaign_id,
    )
    return [LaneHead(**dict(row)) for row in rows]
