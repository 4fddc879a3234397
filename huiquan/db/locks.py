"""Locks as they are kept: at most one of a voucher is open.  占用"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from huiquan.db.connection import Row, Tx
from huiquan.domain.offers import Offer
from huiquan.domain.redemptions import Lock, LockState, Quote

COLUMNS = """
    l.campaign_id, l.lane, l.idx, l.lock_no, l.state, l.store_id, l.order_fen, l.offers,
    l.offers_fen, l.net_fen, l.discount_fen, l.rulebook_version, l.locked_at, l.locked_until,
    l.acquirer_id, v.pack, v.face_fen, v.threshold_fen
"""


def _lock_of(row: Row) -> Lock:
    return Lock(
        campaign_id=row["campaign_id"],
        lane=row["lane"],
        idx=row["idx"],
        lock_no=row["lock_no"],
        state=LockState(row["state"]),
        store_id=row["store_id"],
        quote=Quote(**{name: row[name] for name in Quote.__dataclass_fields__}),
        offers=msgspec.convert(row["offers"], tuple[Offer, ...]),
        rulebook_version=row["rulebook_version"],
        locked_at=row["locked_at"],
        locked_until=row["locked_until"],
        acquirer_id=row["acquirer_id"],
    )


async def find(tx: Tx, campaign_id: int, lane: int, idx: int, lock_no: int) -> Lock | None:
    """One lock of a voucher, or None. Hold the voucher first."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from locks l
          join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (l.lane, l.campaign_id, l.idx)
         where l.lane = $1
           and l.campaign_id = $2
           and l.idx = $3
           and l.lock_no = $4
        """,
        lane,
        campaign_id,
        idx,
        lock_no,
    )
    return _lock_of(row) if row else None


async def record(tx: Tx, lock: Lock, cashier_id: int | None, *, is_repeat: bool = False) -> None:
    """Record a lock that a till took; a second open one is a unique violation."""
    await tx.execute(
        """
        insert into locks (lane, campaign_id, idx, lock_no, state, store_id, cashier_id, order_fen,
                           offers, offers_fen, net_fen, discount_fen, rulebook_version, locked_at,
                           locked_until, acquirer_id, is_repeat)
        values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        lock.lane,
        lock.campaign_id,
        lock.idx,
        lock.lock_no,
        lock.store_id,
        cashier_id,
        lock.quote.order_fen,
        msgspec.to_builtins(lock.offers),
        lock.quote.offers_fen,
        lock.quote.net_fen,
        lock.quote.discount_fen,
        lock.rulebook_version,
        lock.locked_at,
        lock.locked_until,
        lock.acquirer_id,
        is_repeat,
    )


async def orders_of_holder(
    tx: Tx,
    campaign_id: int,
    lane: int,
    pid: bytes,
    store_id: int,
    since: datetime,
    *,
    in_turn: bool,
) -> list[datetime]:
    """When a person's vouchers were locked at a store since a moment, for orders that stand.

    in_turn: two tills at once wait for each other, so that the second sees what the first did.
    """
    if in_turn:
        await _wait_for_turn(tx, pid, store_id)
    rows = await tx.fetch(
        """
        select l.locked_at
          from vouchers v
          join locks l
            on (l.lane, l.campaign_id, l.idx) = (v.lane, v.campaign_id, v.idx)
         where v.lane = $1
           and v.campaign_id = $2
           and v.pid = $3
           and l.store_id = $4
           and l.locked_at > $5
           and l.state in ('open', 'redeemed')
        """,
        lane,
        campaign_id,
        pid,
        store_id,
        since,
    )
    return [row["locked_at"] for row in rows]


async def _wait_for_turn(tx: Tx, pid: bytes, store_id: int) -> None:
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"orders of {pid.hex()} at {store_id}",
    )


async def close(tx: Tx, lock: Lock, state: LockState, at: datetime) -> None:
    """open -> redeemed or released; a lapsed lock may still be closed so, by its own store."""
    closed = await tx.fetchval(
        """
        update locks
           set state = $5,
               closed_at = $6
         where lane = $1
           and campaign_id = $2
           and idx = $3
           and lock_no = $4
           and state in ('open', 'lapsed')
        returning 1
        """,
        lock.lane,
        lock.campaign_id,
        lock.idx,
        lock.lock_no,
        state.value,
        at,
    )
    assert closed == 1, "the lock was closed although its voucher was held"


async def lapse(tx: Tx, campaign_id: int, lane: int, indices: Sequence[int], now: datetime) -> None:
    """open -> lapsed, for those locks of these vouchers whose time is over."""
    await tx.execute(
        """
        update locks
           set state = 'lapsed',
               closed_at = $4
         where lane = $1
           and campaign_id = $2
           and idx = any($3::bigint[])
           and state = 'open'
           and locked_until <= $4
        """,
        lane,
        campaign_id,
        indices,
        now,
    )
