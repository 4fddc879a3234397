"""What was kept from a payment: which goods came back after their settlement.  扣款明细

A shopkeeper who is paid less than the orders come to is told for which returns, and how much of
each: the oldest debt is paid off first.
"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.ledger import HOUSE_LANE, Kind
from huiquan.domain.refunds import parse_refund_id
from huiquan.domain.settlement import Debt, debts_kept


@dataclass(frozen=True, kw_only=True)
class KeptLine:
    """A debt of which something was kept from this payment, in fen.

    ref is the refund's number, or that of the payment that went through after all; store,
    payment_ref and goods_fen are None for the latter.
    """

    ref: str
    arose_at: datetime
    store: str | None
    payment_ref: str | None
    goods_fen: int | None
    owed_fen: int
    kept_fen: int


async def kept_from(
    tx: Tx, campaign_id: int, merchant_id: int, settlement_id: int, kept_fen: int
) -> list[KeptLine]:
    """The debts that a settlement paid off, the oldest first; none if nothing was kept."""
    if kept_fen == 0:
        return []
    rows = await _debts(tx, campaign_id, merchant_id)
    arose = {one["ref"]: one["booked_at"] for one in rows}
    kept = debts_kept(
        [Debt(ref=one["ref"], owed_fen=one["amount_fen"]) for one in rows],
        before_fen=await _paid_off_before(tx, campaign_id, merchant_id, settlement_id),
        kept_fen=kept_fen,
    )
    goods = await _goods(tx, [debt.ref for debt, _ in kept])
    lines = []
    for debt, part_fen in kept:
        back = goods.get(debt.ref)
        line = KeptLine(
            ref=debt.ref,
            arose_at=arose[debt.ref],
            store=back and back["store"],
            payment_ref=back and back["payment_ref"],
            goods_fen=back and back["amount_fen"],
            owed_fen=debt.owed_fen,
            kept_fen=part_fen,
        )
        lines.append(line)
    return lines


async def _debts(tx: Tx, campaign_id: int, merchant_id: int) -> list[Row]:
    """What a merchant came to owe, in order; asked in the words of the index of debts."""
    rows: list[Row] = await tx.fetch(
        """
        select ref, amount_fen, booked_at
          from transfers
         where lane = $1
           and campaign_id = $2
           and debit = 'receivable'
           and debit_holder = $3
         order by no
        """,
        HOUSE_LANE,
        campaign_id,
        str(merchant_id),
    )
    return rows


async def _paid_off_before(tx: Tx, campaign_id: int, merchant_id: int, settlement_id: int) -> int:
    """What earlier settlements kept, and what was paid back in cash before this one.

    Before the moment at which its own money moved: a run takes its time, and every settlement of
    it bears the moment at which the run began.
    """
    moved_at: datetime = await tx.fetchval(
        """
        select min(t.booked_at)
          from settlements s
          join settlement_lines l using (settlement_id)
          join transfers t
            on (t.lane, t.campaign_id, t.kind, t.ref) = (l.lane, s.campaign_id, $2, s.ref)
         where s.settlement_id = $1
        """,
        settlement_id,
        Kind.RECOVER.value,
    )
    fen: int = await tx.fetchval(
        """
        select coalesce((select sum(s.recovered_fen)
                           from settlements s
                          where s.campaign_id = $1
                            and s.merchant_id = $2
                            and s.settlement_id < $3), 0)::bigint
             + coalesce((select sum(t.amount_fen)
                           from transfers t
                          where t.lane = $4
                            and t.campaign_id = $1
                            and t.kind = $5
                            and t.credit_holder = $6
                            and t.booked_at < $7), 0)::bigint
        """,
        campaign_id,
        merchant_id,
        settlement_id,
        HOUSE_LANE,
        Kind.REPAY.value,
        str(merchant_id),
        moved_at,
    )
    return fen


async def _goods(tx: Tx, refs: list[str]) -> dict[str, Row]:
    """The goods behind each debt that is a late refund."""
    found = {ref: place for ref in refs if (place := parse_refund_id(ref))}
    columns = list(zip(*found.values(), strict=True)) or [()] * 5
    rows = await tx.fetch(
        """
        select f.campaign_id, f.lane, f.idx, f.lock_no, f.refund_no, s.name as store,
               r.payment_ref, f.amount_fen
          from unnest($1::smallint[], $2::smallint[], $3::bigint[], $4::smallint[], $5::smallint[])
               as k (campaign_id, lane, idx, lock_no, refund_no)
          join refunds f using (lane, campaign_id, idx, lock_no, refund_no)
          join redemptions r using (lane, campaign_id, idx, lock_no)
          join stores s using (store_id)
        """,
        *(list(one) for one in columns),
    )
    names = {place: ref for ref, place in found.items()}
    keys = ("campaign_id", "lane", "idx", "lock_no", "refund_no")
    return {names[tuple(row[key] for key in keys)]: row for row in rows}
