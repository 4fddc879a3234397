"""What an export of a day needs beyond its rounds: wins, and its stretch of the log.  导出数据"""

from dataclasses import dataclass

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class KeptWin:
    """A kept win and its voucher's public serial."""

    lane: int
    idx: int
    tier: int
    serial: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The first and the last leaf of a day."""

    first: int
    last: int


async def kept(tx: Tx, campaign_id: int, day: int) -> list[KeptWin]:
    """Every kept win of a day, by lane and entry."""
    rows = await tx.fetch(
        """
        select lane, idx, tier, serial
          from vouchers
         where campaign_id = $1
           and day = $2
         order by lane, idx
        """,
        campaign_id,
        day,
    )
    return [KeptWin(**dict(row)) for row in rows]


async def leaves_of_day(tx: Tx, campaign_id: int, day: int) -> Stretch | None:
    """Where the day's rounds stand in the log, or None when it had none."""
    row = await tx.fetchrow(
        """
        select min(leaf) as first, max(leaf) as last
          from log_leaves
         where campaign_id = $1
           and day = $2
        """,
        campaign_id,
        day,
    )
    return Stretch(**dict(row)) if row["first"] is not None else None


async def checkpoint_covering(tx: Tx, campaign_id: int, size: int) -> int | None:
    """The size of the first checkpoint that covers this many leaves, or None."""
    found: int | None = await tx.fetchval(
        "select min(size) from checkpoints where campaign_id = $1 and size >= $2",
        campaign_id,
        size,
    )
    return found
