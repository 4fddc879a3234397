"""Redemptions as they are kept, with a running account of what has come back.  核销"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.db.together import Write
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.redemptions import Quote, Redemption
from huiquan.domain.refunds import Refund, RefundsSoFar
from huiquan.domain.tills import Till

COLUMNS = """
    d.campaign_id, d.lane, d.idx, d.lock_no, d.day, d.store_id, d.merchant_id, d.city, d.pack,
    d.payment_ref, d.face_fen, d.threshold_fen, d.order_fen, d.offers_fen, d.net_fen,
    d.discount_fen, d.rulebook_version, d.redeemed_at, d.refund_count, d.refunded_fen,
    d.returned_fen, d.settlement_id,
    d.acquirer_id
"""


@dataclass(frozen=True, kw_only=True)
class RedemptionRow:
    """A redemption, what has come back of it, and whether it is part of a settlement."""

    redemption: Redemption
    so_far: RefundsSoFar
    is_settled: bool


def row_of(row: Row) -> RedemptionRow:
    """A redemption from a row that holds COLUMNS."""
    return RedemptionRow(
        redemption=Redemption(
            campaign_id=row["campaign_id"],
            lane=row["lane"],
            idx=row["idx"],
            lock_no=row["lock_no"],
            day=day_from_number(row["day"]),
            store_id=row["store_id"],
            merchant_id=row["merchant_id"],
            city=row["city"],
            payment_ref=row["payment_ref"],
            quote=Quote(**{name: row[name] for name in Quote.__dataclass_fields__}),
            rulebook_version=row["rulebook_version"],
            redeemed_at=row["redeemed_at"],
            acquirer_id=row["acquirer_id"],
        ),
        so_far=RefundsSoFar(
            count=row["refund_count"],
            refunded_fen=row["refunded_fen"],
            returned_fen=row["returned_fen"],
        ),
        is_settled=row["settlement_id"] is not None,
    )


def record(redemption: Redemption, till: Till) -> Write:
    """Record a redemption with its amounts; a second one of the same lock is a key violation.

    It is settled with the others of its till's rail.
    """
    quote = redemption.quote
    return Write(
        sql="""
        insert into redemptions (lane, campaign_id, idx, lock_no, day, store_id, merchant_id,
                                 cashier_id, city, pack, payment_ref, face_fen, threshold_fen,
                                 order_fen, offers_fen, net_fen, discount_fen, rulebook_version,
                                 redeemed_at, acquirer_id, rail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21)
        returning 1
        """,
        args=(
            redemption.lane,
            redemption.campaign_id,
            redemption.idx,
            redemption.lock_no,
            day_number(redemption.day),
            redemption.store_id,
            redemption.merchant_id,
            till.cashier_id,
            redemption.city,
            quote.pack,
            redemption.payment_ref,
            quote.face_fen,
            quote.threshold_fen,
            quote.order_fen,
            quote.offers_fen,
            quote.net_fen,
            quote.discount_fen,
            redemption.rulebook_version,
            redemption.redeemed_at,
            redemption.acquirer_id,
            till.rail,
        ),
    )


async def find(tx: Tx, campaign_id: int, lane: int, idx: int, lock_no: int) -> RedemptionRow | None:
    """One redemption as it stands, or None."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from redemptions d
         where d.lane = $1
           and d.campaign_id = $2
           and d.idx = $3
           and d.lock_no = $4
        """,
        lane,
        campaign_id,
        idx,
        lock_no,
    )
    return row_of(row) if row else None


async def of_voucher(tx: Tx, campaign_id: int, lane: int, idx: int) -> list[RedemptionRow]:
    """Every redemption of a voucher, the first first; more than one only if it was given back."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from redemptions d
         where d.lane = $1
           and d.campaign_id = $2
           and d.idx = $3
         order by d.lock_no
        """,
        lane,
        campaign_id,
        idx,
    )
    return [row_of(row) for row in rows]


async def at_store(
    tx: Tx, store_id: int, since: datetime, until: datetime, most: int
) -> list[RedemptionRow]:
    """The redemptions of a store in a stretch of time, the newest first, at most so many."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from redemptions d
         where d.store_id = $1
           and d.redeemed_at >= $2
           and d.redeemed_at < $3
         order by d.redeemed_at desc, d.lane, d.idx
         limit $4
        """,
        store_id,
        since,
        until,
        most,
    )
    return [row_of(row) for row in rows]


def add_refund(refund: Refund) -> Write:
    """Add a refund to the running account, from where the decision saw it to where it goes."""
    paid, so_far = refund.redemption, refund.so_far
    return Write(
        sql="""
        update redemptions
           set refund_count = $5,
               refunded_fen = $6,
               returned_fen = $7
         where lane = $1
           and campaign_id = $2
           and idx = $3
           and lock_no = $4
           and refund_count = $5 - 1
           and refunded_fen = $6 - $8::bigint
           and returned_fen = $7 - $9::bigint
           and (settlement_id is not null) = $10
        returning 1
        """,
        args=(
            paid.lane,
            paid.campaign_id,
            paid.idx,
            paid.lock_no,
            so_far.count,
            so_far.refunded_fen,
            so_far.returned_fen,
            refund.amount_fen,
            refund.to_fund_fen,
            refund.is_late,
        ),
        promise="the redemption moved although it was held for this",
    )
