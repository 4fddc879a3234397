"""The head of each lane's queue: who holds it may enter people or seal a round.  通道"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.stock import Account


@dataclass(frozen=True, kw_only=True)
class LaneHead:
    """Where a lane stands. Entries below sealed_idx are sealed, below final_idx drawn.

    epoch is the one that the lane seals for; it runs ahead of the campaign's while a change of keys
    is being signed, so that nothing is sealed or drawn meanwhile.
    """

    lane: int
    next_idx: int
    sealed_idx: int
    final_idx: int
    next_seq: int
    prev_seal_hash: bytes
    epoch: int
    is_frozen: bool


async def lock(tx: Tx, campaign_id: int, lane: int) -> LaneHead:
    """Take the lane until the transaction ends; whoever comes second waits and sees the result."""
    row = await tx.fetchrow(
        """
        select lane, next_idx, sealed_idx, final_idx, next_seq, prev_seal_hash, epoch,
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


async def lock_to_enter(tx: Tx, campaign_id: int, lane: int) -> tuple[LaneHead, Account | None]:
    """Take the lane, and see what it had left after its newest final round, in one question.

    Whoever had to wait for the lane may see the account of the round before: it only tells when to
    stop taking entries, and entries that are not drawn yet are not counted in it either.
    """
    row = await tx.fetchrow(
        """
        select l.lane, l.next_idx, l.sealed_idx, l.final_idx, l.next_seq, l.prev_seal_hash, l.epoch,
               l.frozen_at is not null as is_frozen, r.day, r.slot, r.left_after
          from lanes l
          left join lateral (
               select day, slot, left_after
                 from rounds
                where lane = $1
                  and campaign_id = $2
                  and state = 'final'
                order by seq desc
                limit 1) r
            on true
         where l.lane = $1
           and l.campaign_id = $2
           for update of l
        """,
        lane,
        campaign_id,
    )
    assert row is not None, "a published campaign has all its lanes"
    place = dict(row)
    day, slot, left_after = (place.pop(name) for name in ("day", "slot", "left_after"))
    account = Account(day=day, slot=slot, left_after=tuple(left_after)) if left_after else None
    return LaneHead(**place), account


async def head(tx: Tx, campaign_id: int, lane: int) -> LaneHead:
    """Where one lane stands, without holding it."""
    row = await tx.fetchrow(
        """
        select lane, next_idx, sealed_idx, final_idx, next_seq, prev_seal_hash, epoch,
               frozen_at is not null as is_frozen
          from lanes
         where lane = $1
           and campaign_id = $2
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
        select lane, next_idx, sealed_idx, final_idx, next_seq, prev_seal_hash, epoch,
               frozen_at is not null as is_frozen
          from lanes
         where campaign_id = $1
         order by lane
        """,
        campaign_id,
    )
    return [LaneHead(**dict(row)) for row in rows]


async def mark_frozen(tx: Tx, campaign_id: int, lane: int | None, reason: str, at: datetime) -> int:
    """Stop a lane, or all of a campaign: nobody enters, nothing is sealed. Gives how many stopped.

    A lane that is stopped already keeps its time and its reason.
    """
    rows = await tx.fetch(
        """
        update lanes
           set frozen_at = $3,
               frozen_reason = $4
         where campaign_id = $1
           and lane = coalesce($2::smallint, lane)
           and frozen_at is null
        returning lane
        """,
        campaign_id,
        lane,
        at,
        reason,
    )
    return len(rows)


async def mark_open(tx: Tx, campaign_id: int, lane: int) -> bool:
    """Let a stopped lane go on; False when it was not stopped."""
    row = await tx.fetchval(
        """
        update lanes
           set frozen_at = null,
               frozen_reason = null
         where campaign_id = $1
           and lane = $2
           and frozen_at is not null
        returning lane
        """,
        campaign_id,
        lane,
    )
    return row is not None


async def seal_for(tx: Tx, campaign_id: int, lane: int, epoch: int) -> None:
    """From now on the lane seals for this epoch only."""
    await tx.execute(
        "update lanes set epoch = $3 where lane = $1 and campaign_id = $2", lane, campaign_id, epoch
    )


async def has_undrawn(tx: Tx, campaign_id: int, day: int) -> bool:
    """Whether someone of this day still waits for their outcome, or for a list to be issued."""
    waiting: bool = await tx.fetchval(
        """
        select exists (
            select 1 from lanes l
              join entries e
                on (e.lane, e.campaign_id) = (l.lane, l.campaign_id)
               and e.idx >= l.final_idx
             where l.campaign_id = $1
               and e.day = $2
        ) or exists (
            select 1 from lists
             where campaign_id = $1
               and day = $2
               and issued_at is null
        )
        """,
        campaign_id,
        day,
    )
    return waiting


async def unwon_fen(tx: Tx, campaign_id: int, day: int) -> dict[int, int]:
    """What each lane was given for a day and nobody won, in fen: released less reserved."""
    rows = await tx.fetch(
        """
        select r.lane,
               r.amount_fen - coalesce((select sum(v.face_fen)
                                          from vouchers v
                                         where v.lane = r.lane
                                           and v.campaign_id = r.campaign_id
                                           and v.day = $2), 0)::bigint as amount_fen
          from transfers r
         where r.campaign_id = $1
           and r.kind = 'release'
           and r.ref = $3
        """,
        campaign_id,
        day,
        f"release {day}",
    )
    return {row["lane"]: row["amount_fen"] for row in rows}
