"""The acquirer's own numbers, and what in the house each of them stands for.  外部单号

A number of an order leads to one lock, a number of a payment to one redemption, a number of a
refund to one refund. Each is written in the transaction of the deed; its key is the guard.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.together import Write
from huiquan.domain.days import day_number, day_of
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Terminal


@dataclass(frozen=True, kw_only=True)
class OrderPlace:
    """Where an acquirer's order stands; place (campaign, lane, entry, lock) is None when it was
    closed before it arrived."""

    order_ref: str
    store_id: int | None
    terminal: str
    place: tuple[int, int, int, int] | None
    payment_ref: str | None
    arrived_at: datetime


def record_order(at: Terminal, lock: Lock) -> Write:
    """Note which lock an order's number stands for; ORDER_CLOSED when it was closed before."""
    return Write(
        sql="""
        insert into acquirer_orders (acquirer_id, order_ref, store_id, terminal, lane, campaign_id,
                                     idx, lock_no, arrived_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (acquirer_id, order_ref) do nothing
        returning 1
        """,
        args=(
            at.acquirer_id,
            at.ref,
            at.store_id,
            at.terminal,
            lock.lane,
            lock.campaign_id,
            lock.idx,
            lock.lock_no,
            lock.locked_at,
        ),
        refusal=Refusal.ORDER_CLOSED,
    )


async def close_unarrived(tx: Tx, acquirer_id: int, order_ref: str, at: datetime) -> bool:
    """Close an order's number that never arrived, for good; False when the number is known."""
    closed = await tx.fetchval(
        """
        insert into acquirer_orders (acquirer_id, order_ref, arrived_at)
        values ($1, $2, $3)
        on conflict (acquirer_id, order_ref) do nothing
        returning 1
        """,
        acquirer_id,
        order_ref,
        at,
    )
    return closed is not None


async def is_closed(tx: Tx, acquirer_id: int, order_ref: str) -> bool:
    """Whether a number was closed before its order arrived."""
    found: bool = await tx.fetchval(
        """
        select exists (
            select from acquirer_orders
             where acquirer_id = $1
               and order_ref = $2
               and lock_no is null)
        """,
        acquirer_id,
        order_ref,
    )
    return found


def claim_payment(at: Terminal, paid: Redemption) -> Write:
    """Take an acquirer's payment for this redemption; PAYMENT_REF_USED if it paid for another."""
    return Write(
        sql="""
        insert into acquirer_payments (acquirer_id, payment_ref, order_ref, lane, campaign_id, idx,
                                       lock_no, day)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (acquirer_id, payment_ref) do nothing
        returning 1
        """,
        args=(
            at.acquirer_id,
            paid.payment_ref,
            at.ref,
            paid.lane,
            paid.campaign_id,
            paid.idx,
            paid.lock_no,
            day_number(paid.day),
        ),
        refusal=Refusal.PAYMENT_REF_USED,
    )


def record_refund(at: Terminal, refund: Refund) -> Write:
    """Note which refund an acquirer's number stands for; a second one is a key violation."""
    paid = refund.redemption
    return Write(
        sql="""
        insert into acquirer_refunds (acquirer_id, refund_ref, payment_ref, lane, campaign_id, idx,
                                      lock_no, refund_no, day)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        returning 1
        """,
        args=(
            at.acquirer_id,
            at.ref,
            paid.payment_ref,
            paid.lane,
            paid.campaign_id,
            paid.idx,
            paid.lock_no,
            refund.refund_no,
            day_number(day_of(refund.refunded_at)),
        ),
    )


async def find_order(tx: Tx, acquirer_id: int, order_ref: str) -> OrderPlace | None:
    """An acquirer's order by its number, or None when it never arrived."""
    return await _find(tx, "o.order_ref", acquirer_id, order_ref)


async def find_order_paid(tx: Tx, acquirer_id: int, payment_ref: str) -> OrderPlace | None:
    """An acquirer's order by its payment's number, or None when the payment never arrived."""
    return await _find(tx, "p.payment_ref", acquirer_id, payment_ref)


async def _find(tx: Tx, by: str, acquirer_id: int, ref: str) -> OrderPlace | None:
    row = await tx.fetchrow(
        f"""
        select o.order_ref, o.store_id, o.terminal, o.campaign_id, o.lane, o.idx, o.lock_no,
               p.payment_ref, o.arrived_at
          from acquirer_orders o
          left join acquirer_payments p using (acquirer_id, order_ref)
         where o.acquirer_id = $1
           and {by} = $2
        """,
        acquirer_id,
        ref,
    )
    if row is None:
        return None
    place = (row["campaign_id"], row["lane"], row["idx"], row["lock_no"])
    return OrderPlace(
        order_ref=row["order_ref"],
        store_id=row["store_id"],
        terminal=row["terminal"],
        place=None if row["lock_no"] is None else place,
        payment_ref=row["payment_ref"],
        arrived_at=row["arrived_at"],
    )


async def order_of_payment(tx: Tx, acquirer_id: int, payment_ref: str) -> str | None:
    """The number of the order that a payment was for, or None when the payment never arrived."""
    order_ref: str | None = await tx.fetchval(
        """
        select order_ref
          from acquirer_payments
         where acquirer_id = $1
           and payment_ref = $2
        """,
        acquirer_id,
        payment_ref,
    )
    return order_ref


async def order_of_refund(tx: Tx, acquirer_id: int, refund_ref: str) -> str | None:
    """The number of the order that a refund was of, or None when the refund never arrived."""
    order_ref: str | None = await tx.fetchval(
        """
        select p.order_ref
          from acquirer_refunds f
          join acquirer_payments p using (acquirer_id, payment_ref)
         where f.acquirer_id = $1
           and f.refund_ref = $2
        """,
        acquirer_id,
        refund_ref,
    )
    return order_ref


async def refund_refs(tx: Tx, acquirer_id: int, payment_ref: str) -> dict[int, str]:
    """The acquirer's own number of each refund of a payment, by the refund's number."""
    rows = await tx.fetch(
        """
        select refund_no, refund_ref
          from acquirer_refunds
         where acquirer_id = $1
           and payment_ref = $2
        """,
        acquirer_id,
        payment_ref,
    )
    return {row["refund_no"]: row["refund_ref"] for row in rows}
