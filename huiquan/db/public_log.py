"""The public log of finished rounds, and its checkpoints.  公开日志"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db import epochs
from huiquan.db.connection import Tx
from huiquan.domain import epochs as declarations
from huiquan.domain.rounds import log_leaf


@dataclass(frozen=True, kw_only=True)
class LeafRow:
    """One leaf: the round it stands for, and the hash of its seal and final."""

    leaf: int
    lane: int
    seq: int
    day: int
    leaf_hash: bytes


@dataclass(frozen=True, kw_only=True)
class CheckpointRow:
    """One published checkpoint with all its signatures."""

    size: int
    root: bytes
    note: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class UnloggedRound:
    """A final round that has no place in the log yet."""

    lane: int
    seq: int
    day: int
    seal: bytes
    final: bytes


async def hold(tx: Tx, campaign_id: int) -> None:
    """Hold the log until the commit: one writer at a time gives leaves their places."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('log', $1))", campaign_id)


async def size(tx: Tx, campaign_id: int) -> int:
    """How many leaves the log has."""
    leaves: int = await tx.fetchval(
        "select coalesce(max(leaf) + 1, 0) from log_leaves where campaign_id = $1", campaign_id
    )
    return leaves


async def unlogged(tx: Tx, campaign_id: int, most: int) -> list[UnloggedRound]:
    """Final rounds that wait for their place, in the order in which they became final."""
    rows = await tx.fetch(
        """
        select r.lane, r.seq, r.day, r.seal, r.final
          from rounds r
          left join log_leaves l
            on (l.campaign_id, l.lane, l.seq) = (r.campaign_id, r.lane, r.seq)
         where r.campaign_id = $1
           and r.state = 'final'
           and l.leaf is null
         order by r.final_at, r.lane, r.seq
         limit $2
        """,
        campaign_id,
        most,
    )
    return [UnloggedRound(**dict(row)) for row in rows]


async def append(tx: Tx, campaign_id: int, leaves: Sequence[LeafRow]) -> None:
    """Give rounds their places; a place or a round that is taken is a unique violation."""
    await tx.executemany(
        """
        insert into log_leaves (campaign_id, leaf, lane, seq, day, leaf_hash)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [(campaign_id, one.leaf, one.lane, one.seq, one.day, one.leaf_hash) for one in leaves],
    )


async def leaves_from(tx: Tx, campaign_id: int, first: int, until: int) -> list[LeafRow]:
    """The leaves first … until - 1 with the rounds they stand for."""
    rows = await tx.fetch(
        """
        select leaf, lane, seq, day, leaf_hash
          from log_leaves
         where campaign_id = $1
           and leaf >= $2
           and leaf < $3
         order by leaf
        """,
        campaign_id,
        first,
        until,
    )
    return [LeafRow(**dict(row)) for row in rows]


async def entries_between(tx: Tx, campaign_id: int, first: int, count: int) -> list[bytes]:
    """The log's entries from place `first` on, up to `count`, in order.

    Each is a seal with its final, or the declaration of a new epoch.
    """
    rows = await tx.fetch(
        """
        select l.lane, r.seal, r.final
          from log_leaves l
          left join rounds r
            on (r.lane, r.campaign_id, r.seq) = (l.lane, l.campaign_id, l.seq)
         where l.campaign_id = $1
           and l.leaf >= $2
           and l.leaf < $2 + $3
         order by l.leaf
        """,
        campaign_id,
        first,
        count,
    )
    return [
        await _declaration(tx, campaign_id)
        if row["lane"] == epochs.LOG_LANE
        else log_leaf(row["seal"], row["final"])
        for row in rows
    ]


async def _declaration(tx: Tx, campaign_id: int) -> bytes:
    known = await epochs.of_campaign(tx, campaign_id)
    assert known is not None, "a declaration in the log stands in epochs"
    assert known.declared is not None, "a declaration in the log has begun"
    return declarations.leaf_of(known.declared)


async def leaf_of(tx: Tx, campaign_id: int, lane: int, seq: int) -> int | None:
    """The place of a round in the log, or None while it has none."""
    leaf: int | None = await tx.fetchval(
        "select leaf from log_leaves where campaign_id = $1 and lane = $2 and seq = $3",
        campaign_id,
        lane,
        seq,
    )
    return leaf


async def record_checkpoint(tx: Tx, campaign_id: int, checkpoint: CheckpointRow) -> None:
    """Record a published checkpoint; the same size again changes nothing."""
    await tx.execute(
        """
        insert into checkpoints (campaign_id, size, root, note, published_at)
        values ($1, $2, $3, $4, $5)
        on conflict (campaign_id, size) do nothing
        """,
        campaign_id,
        checkpoint.size,
        checkpoint.root,
        checkpoint.note,
        checkpoint.published_at,
    )


async def last_checkpoint(tx: Tx, campaign_id: int) -> CheckpointRow | None:
    """The newest checkpoint, or None before the first."""
    row = await tx.fetchrow(
        """
        select size, root, note, published_at
          from checkpoints
         where campaign_id = $1
         order by size desc
         limit 1
        """,
        campaign_id,
    )
    return CheckpointRow(**dict(row)) if row else None


async def checkpoints_between(
    tx: Tx, campaign_id: int, first_size: int, last_size: int
) -> list[CheckpointRow]:
    """The checkpoints of these sizes, both included, the smallest first."""
    rows = await tx.fetch(
        """
        select size, root, note, published_at
          from checkpoints
         where campaign_id = $1
           and size between $2 and $3
         order by size
        """,
        campaign_id,
        first_size,
        last_size,
    )
    return [CheckpointRow(**dict(row)) for row in rows]
