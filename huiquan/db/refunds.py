"""Refunds as they are kept: appended, never changed.  核销退款"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.together import Write
from huiquan.domain.days import day_number, day_of
from huiquan.domain.refunds import Refund


@dataclass(frozen=True, kw_only=True)
class RefundRow:
    """One refund of a redemption, in the order in which they came."""

    lock_no: int
    refund_no: int
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    is_late: bool
    refunded_at: datetime


def record(refund: Refund, cashier_id: int | None) -> Write:
    """Append a refund; a number that exists is a key violation."""
    paid = refund.redemption
    return Write(
        sql="""
        insert into refunds (lane, campaign_id, idx, lock_no, refund_no, amount_fen,
                             to_consumer_fen, to_fund_fen, late, cashier_id, day, refunded_at,
                             acquirer_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        returning 1
        """,
        args=(
            paid.lane,
            paid.campaign_id,
            paid.idx,
            paid.lock_no,
            refund.refund_no,
            refund.amount_fen,
            refund.to_consumer_fen,
            refund.to_fund_fen,
            refund.is_late,
            cashier_id,
            day_number(day_of(refund.refunded_at)),
            refund.refunded_at,
            paid.acquirer_id,
        ),
    )


async def of_voucher(tx: Tx, campaign_id: int, lane: int, idx: int) -> list[RefundRow]:
    """Every refund of a voucher's redemptions, in order."""
    rows = await tx.fetch(
        """
        select lock_no, refund_no, amount_fen, to_consumer_fen, to_fund_fen, late as is_late,
               refunded_at
          from refunds
         where lane = $1
           and campaign_id = $2
           and idx = $3
         order by lock_no, refund_no
        """,
        lane,
        campaign_id,
        idx,
    )
    return [RefundRow(**dict(row)) for row in rows]
