"""What an integrator tried in the sandbox: orders and refunds of nobody.  沙箱记录"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from huiquan.db.connection import Row, Tx
from huiquan.domain.days import day_of
from huiquan.domain.redemptions import Lock, LockState, Redemption
from huiquan.domain.refunds import Refund, RefundsSoFar


@dataclass(frozen=True, kw_only=True)
class TriedOrder:
    """One order as it stands; without a lock it was closed before it arrived."""

    order_ref: str
    store_id: int
    payment_ref: str | None
    lock: Lock | None
    redeemed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TriedRefund:
    """One refund of an order."""

    refund_ref: str
    refund_no: int
    amount_fen: int
    to_fund_fen: int
    refunded_at: datetime


def _order_of(row: Row) -> TriedOrder:
    lock = None
    if row["lock"] is not None:
        lock = msgspec.convert({**row["lock"], "state": LockState(row["state"]).value}, Lock)
    return TriedOrder(
        order_ref=row["order_ref"],
        store_id=row["store_id"] or 0,
        payment_ref=row["payment_ref"],
        lock=lock,
        redeemed_at=row["redeemed_at"],
    )


def redemption_of(order: TriedOrder) -> Redemption:
    """The redemption behind an order of the sandbox that was redeemed."""
    lock = order.lock
    assert lock is not None, "what was redeemed had been locked"
    assert order.redeemed_at is not None
    assert order.payment_ref is not None
    return Redemption(
        campaign_id=lock.campaign_id,
        lane=lock.lane,
        idx=lock.idx,
        lock_no=lock.lock_no,
        day=day_of(order.redeemed_at),
        store_id=lock.store_id,
        merchant_id=0,
        city="",
        payment_ref=order.payment_ref,
        quote=lock.quote,
        rulebook_version=lock.rulebook_version,
        redeemed_at=order.redeemed_at,
        acquirer_id=lock.acquirer_id,
    )


async def record_order(
    tx: Tx, acquirer_id: int, order_ref: str, lock: Lock | None, at: datetime
) -> bool:
    """Keep an order with its lock, or closed without one; False when its number is known."""
    kept: int | None = await tx.fetchval(
        """
        insert into sandbox_orders (acquirer_id, order_ref, store_id, lock, state, arrived_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (acquirer_id, order_ref) do nothing
        returning 1
        """,
        acquirer_id,
        order_ref,
        None if lock is None else lock.store_id,
        None if lock is None else msgspec.to_builtins(lock),
        "closed" if lock is None else "open",
        at,
    )
    return kept == 1


async def hold_order(tx: Tx, acquirer_id: int, order_ref: str) -> TriedOrder | None:
    """One order, held until the commit; None when it never arrived."""
    row = await tx.fetchrow(
        """
        select *
          from sandbox_orders
         where acquirer_id = $1
           and order_ref = $2
           for update
        """,
        acquirer_id,
        order_ref,
    )
    return _order_of(row) if row else None


async def find_order(tx: Tx, acquirer_id: int, order_ref: str) -> TriedOrder | None:
    """One order as it stands; None when it never arrived."""
    row = await tx.fetchrow(
        "select * from sandbox_orders where acquirer_id = $1 and order_ref = $2",
        acquirer_id,
        order_ref,
    )
    return _order_of(row) if row else None


async def order_of_payment(tx: Tx, acquirer_id: int, payment_ref: str) -> str | None:
    """The number of the order that a payment was for, or None."""
    found: str | None = await tx.fetchval(
        "select order_ref from sandbox_orders where acquirer_id = $1 and payment_ref = $2",
        acquirer_id,
        payment_ref,
    )
    return found


async def order_of_refund(tx: Tx, acquirer_id: int, refund_ref: str) -> str | None:
    """The number of the order that a refund was of, or None."""
    found: str | None = await tx.fetchval(
        "select order_ref from sandbox_refunds where acquirer_id = $1 and refund_ref = $2",
        acquirer_id,
        refund_ref,
    )
    return found


async def mark_released(tx: Tx, acquirer_id: int, order_ref: str) -> None:
    """open -> released."""
    await tx.execute(
        """
        update sandbox_orders
           set state = 'released'
         where acquirer_id = $1
           and order_ref = $2
           and state = 'open'
        """,
        acquirer_id,
        order_ref,
    )


async def mark_redeemed(
    tx: Tx, acquirer_id: int, order_ref: str, payment_ref: str, at: datetime
) -> None:
    """open -> redeemed."""
    await tx.execute(
        """
        update sandbox_orders
           set state = 'redeemed',
               payment_ref = $3,
               redeemed_at = $4
         where acquirer_id = $1
           and order_ref = $2
           and state = 'open'
        """,
        acquirer_id,
        order_ref,
        payment_ref,
        at,
    )


async def refunds_of(tx: Tx, acquirer_id: int, order_ref: str) -> list[TriedRefund]:
    """The refunds of an order, in order."""
    rows = await tx.fetch(
        """
        select refund_ref, refund_no, amount_fen, to_fund_fen, refunded_at
          from sandbox_refunds
         where acquirer_id = $1
           and order_ref = $2
         order by refund_no
        """,
        acquirer_id,
        order_ref,
    )
    return [TriedRefund(**dict(row)) for row in rows]


def so_far(refunds: list[TriedRefund]) -> RefundsSoFar:
    """What has come back of an order."""
    return RefundsSoFar(
        count=len(refunds),
        refunded_fen=sum(one.amount_fen for one in refunds),
        returned_fen=sum(one.to_fund_fen for one in refunds),
    )


async def record_refund(
    tx: Tx, acquirer_id: int, order_ref: str, refund_ref: str, refund: Refund
) -> None:
    """Append a refund."""
    await tx.execute(
        """
        insert into sandbox_refunds (acquirer_id, refund_ref, order_ref, refund_no, amount_fen,
                                     to_fund_fen, refunded_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        acquirer_id,
        refund_ref,
        order_ref,
        refund.refund_no,
        refund.amount_fen,
        refund.to_fund_fen,
        refund.refunded_at,
    )
