"""The lines of an acquirer's day, and the hash under which its bill went out.  收单账单"""

from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.bills import Bill, BillLine
from huiquan.domain.days import day_number


async def lines_of_day(tx: Tx, acquirer_id: int, day: int) -> list[BillLine]:
    """Everything an acquirer redeemed and refunded on a Shanghai day."""
    redeemed = await tx.fetch(
        """
        select p.payment_ref, '' as refund_ref, d.store_id, s.code as store, d.order_fen,
               d.discount_fen, d.net_fen - d.discount_fen as paid_fen, d.redeemed_at as at
          from acquirer_payments p
          join redemptions d
            on (d.lane, d.campaign_id, d.idx, d.lock_no) = (p.lane, p.campaign_id, p.idx, p.lock_no)
          join stores s
            on s.store_id = d.store_id
         where p.acquirer_id = $1
           and p.day = $2
        """,
        acquirer_id,
        day,
    )
    refunded = await tx.fetch(
        """
        select p.payment_ref, p.refund_ref, d.store_id, s.code as store, f.amount_fen as order_fen,
               f.to_fund_fen as discount_fen, f.to_consumer_fen as paid_fen, f.refunded_at as at
          from acquirer_refunds p
          join refunds f
            on (f.lane, f.campaign_id, f.idx, f.lock_no, f.refund_no)
               = (p.lane, p.campaign_id, p.idx, p.lock_no, p.refund_no)
          join redemptions d
            on (d.lane, d.campaign_id, d.idx, d.lock_no) = (p.lane, p.campaign_id, p.idx, p.lock_no)
          join stores s
            on s.store_id = d.store_id
         where p.acquirer_id = $1
           and p.day = $2
        """,
        acquirer_id,
        day,
    )
    return [_line(row) for row in (*redeemed, *refunded)]


async def sandbox_lines_of_day(
    tx: Tx, acquirer_id: int, since: datetime, until: datetime
) -> list[BillLine]:
    """The same of an acquirer that tries things out."""
    redeemed = await tx.fetch(
        """
        select o.payment_ref, '' as refund_ref, o.store_id, s.code as store,
               (o.lock -> 'quote' ->> 'order_fen')::bigint as order_fen,
               (o.lock -> 'quote' ->> 'discount_fen')::bigint as discount_fen,
               (o.lock -> 'quote' ->> 'net_fen')::bigint
               - (o.lock -> 'quote' ->> 'discount_fen')::bigint as paid_fen,
               o.redeemed_at as at
          from sandbox_orders o
          join stores s using (store_id)
         where o.acquirer_id = $1
           and o.redeemed_at >= $2
           and o.redeemed_at < $3
        """,
        acquirer_id,
        since,
        until,
    )
    refunded = await tx.fetch(
        """
        select o.payment_ref, f.refund_ref, o.store_id, s.code as store, f.amount_fen as order_fen,
               f.to_fund_fen as discount_fen, f.amount_fen - f.to_fund_fen as paid_fen,
               f.refunded_at as at
          from sandbox_refunds f
          join sandbox_orders o using (acquirer_id, order_ref)
          join stores s using (store_id)
         where f.acquirer_id = $1
           and f.refunded_at >= $2
           and f.refunded_at < $3
        """,
        acquirer_id,
        since,
        until,
    )
    return [_line(row) for row in (*redeemed, *refunded)]


def _line(row: Row) -> BillLine:
    return BillLine(**dict(row))


async def keep_hash(tx: Tx, acquirer_id: int, bill: Bill, at: datetime) -> bool:
    """Keep the hash of a day's bill once; False when the day gave other bytes before."""
    await tx.execute(
        """
        insert into acquirer_bills (acquirer_id, day, sha256, lines, made_at)
        values ($1, $2, $3, $4, $5)
        on conflict (acquirer_id, day) do nothing
        """,
        acquirer_id,
        day_number(bill.day),
        bill.sha256,
        bill.lines,
        at,
    )
    kept = await tx.fetchval(
        "select sha256 from acquirer_bills where acquirer_id = $1 and day = $2",
        acquirer_id,
        day_number(bill.day),
    )
    return bytes(kept) == bill.sha256
