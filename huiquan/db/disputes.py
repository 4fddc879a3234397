"""Disputes: what a merchant says is wrong with a statement, and what it was answered.  结算异议"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class DisputeRow:
    """One dispute; verdict is None until somebody answered it."""

    dispute_id: int
    settlement_id: int
    verdict: str | None


async def record(
    tx: Tx,
    *,
    settlement_id: int,
    redemption: str | None,
    words: str,
    cashier_id: int,
    at: datetime,
) -> int:
    """Record a dispute; gives its number."""
    dispute_id: int = await tx.fetchval(
        """
        insert into settlement_disputes (settlement_id, redemption, words, cashier_id, opened_at)
        values ($1, $2, $3, $4, $5)
        returning dispute_id
        """,
        settlement_id,
        redemption,
        words,
        cashier_id,
        at,
    )
    return dispute_id


async def hold(tx: Tx, dispute_id: int) -> DisputeRow | None:
    """One dispute, held until the commit, or None."""
    row = await tx.fetchrow(
        """
        select dispute_id, settlement_id, verdict
          from settlement_disputes
         where dispute_id = $1
           for update
        """,
        dispute_id,
    )
    return DisputeRow(**dict(row)) if row else None


async def answer(
    tx: Tx, dispute_id: int, *, verdict: str, words: str, staff_id: int, at: datetime
) -> None:
    """Answer a dispute that is held, once."""
    answered = await tx.fetchval(
        """
        update settlement_disputes
           set verdict = $2,
               answer = $3,
               answered_by = $4,
               answered_at = $5
         where dispute_id = $1
           and verdict is null
        returning 1
        """,
        dispute_id,
        verdict,
        words,
        staff_id,
        at,
    )
    assert answered == 1, "the dispute was answered although it was held for this"


async def merchant_led_by(tx: Tx, cashier_id: int) -> int | None:
    """The merchant whose statements a cashier may see, or None: only a store's manager may."""
    found: int | None = await tx.fetchval(
        """
        select s.merchant_id
          from cashiers c
          join stores s using (store_id)
         where c.cashier_id = $1
           and c.is_manager
        """,
        cashier_id,
    )
    return found


async def is_in_settlement(tx: Tx, settlement_id: int, place: tuple[int, int, int, int]) -> bool:
    """Whether a redemption (campaign, lane, entry, lock) is part of a settlement."""
    found: bool = await tx.fetchval(
        """
        select exists (select from redemptions
                        where lane = $2
                          and campaign_id = $1
                          and idx = $3
                          and lock_no = $4
                          and settlement_id = $5)
        """,
        *place,
        settlement_id,
    )
    return found
