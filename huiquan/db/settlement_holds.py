"""Holds: what waits to be settled until a moment or a word, whatever its day.  暂缓清算

A hold is on a merchant, a store or one redemption. Whoever places or lifts one has taken the
merchant's account (`settlements.hold_merchant`), so a settlement is before it or after it.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.redemptions import Redemption


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """One hold; of a merchant as a whole when neither store nor redemption is named."""

    hold_id: int
    kind: str
    merchant_id: int
    store_id: int | None
    reason: str
    until: datetime | None
    placed_by: str
    lifted_at: datetime | None


async def place(
    tx: Tx,
    *,
    merchant_id: int,
    reason: str,
    by: str,
    at: datetime,
    until: datetime | None = None,
    store_id: int | None = None,
    redemption: Redemption | None = None,
) -> int:
    """Hold a merchant back, or one store or one redemption of it; gives the hold's id."""
    place_of = redemption
    kind = "merchant" if store_id is None else "store"
    hold_id: int = await tx.fetchval(
        """
        insert into settlement_holds (kind, merchant_id, store_id, lane, campaign_id, idx, lock_no,
                                      reason, until, placed_by, placed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        returning hold_id
        """,
        "redemption" if place_of else kind,
        merchant_id,
        store_id,
        place_of.lane if place_of else None,
        place_of.campaign_id if place_of else None,
        place_of.idx if place_of else None,
        place_of.lock_no if place_of else None,
        reason,
        until,
        by,
        at,
    )
    return hold_id


async def find(tx: Tx, hold_id: int) -> HoldRow | None:
    """One hold as it stands, or None."""
    row = await tx.fetchrow(
        """
        select hold_id, kind, merchant_id, store_id, reason, until, placed_by, lifted_at
          from settlement_holds
         where hold_id = $1
        """,
        hold_id,
    )
    return HoldRow(**dict(row)) if row else None


async def lift(tx: Tx, hold_id: int, *, reason: str, by: str, at: datetime) -> bool:
    """Lift a hold; False when it was lifted before (the guard)."""
    lifted = await tx.fetchval(
        """
        update settlement_holds
           set lifted_at = $2,
               lifted_by = $3,
               lift_reason = $4
         where hold_id = $1
           and lifted_at is null
        returning 1
        """,
        hold_id,
        at,
        by,
        reason,
    )
    return bool(lifted)


async def merchant_of_store(tx: Tx, store_id: int) -> int | None:
    """The merchant whose store it is, or None."""
    found: int | None = await tx.fetchval(
        "select merchant_id from stores where store_id = $1", store_id
    )
    return found


async def is_merchant(tx: Tx, merchant_id: int) -> bool:
    """Whether there is such a merchant."""
    found: bool = await tx.fetchval(
        "select exists (select from merchants where merchant_id = $1)", merchant_id
    )
    return found


@dataclass(frozen=True, kw_only=True)
class HoldsOfRedemption:
    """The holds on one redemption alone: which is in force, and who lifted the last one."""

    in_force: int | None
    last_lifted_by: str | None


async def of_redemption(tx: Tx, paid: Redemption, placed_by: str) -> HoldsOfRedemption:
    """The holds that somebody placed on a redemption."""
    rows = await tx.fetch(
        """
        select hold_id, lifted_by, lifted_at
          from settlement_holds
         where merchant_id = $1
           and (lane, campaign_id, idx, lock_no) = ($2, $3, $4, $5)
           and placed_by = $6
         order by hold_id
        """,
        paid.merchant_id,
        paid.lane,
        paid.campaign_id,
        paid.idx,
        paid.lock_no,
        placed_by,
    )
    open_ones = [row["hold_id"] for row in rows if row["lifted_at"] is None]
    return HoldsOfRedemption(
        in_force=open_ones[-1] if open_ones else None,
        last_lifted_by=rows[-1]["lifted_by"] if rows else None,
    )
