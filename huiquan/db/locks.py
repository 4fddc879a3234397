"""Locks as they are kept: at most one of a voucher is open.  占用"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from huiquan.db.connection import Row, Tx
from huiquan.db.together import Write
from huiquan.domain.offers import Offer
from huiquan.domain.redemptions import Lock, LockState, Quote

COLUMNS = """
    l.campaign_id, l.lane, l.idx, l.lock_no, l.state, l.store_id, l.order_fen, l.offers,
    l.offers_fen, l.net_fen, l.discount_fen, l.rulebook_version, l.locked_at, l.locked_until,
    l.acquirer_id, v.pack, v.face_fen, v.threshold_fen
"""


_OWN = (
    *("lock_no", "state", "store_id", "order_fen", "offers", "offers_fen", "net_fen"),
    *("discount_fen", "rulebook_version", "locked_at", "locked_until", "acquirer_id"),
)
BESIDE = ", ".join(f"l.{name} as l_{name}" for name in _OWN)
"""A lock's own columns under names of their own, to stand beside its voucher's."""


def lock_of(row: Row, own: str = "") -> Lock:
    """A lock from a row that holds COLUMNS, or BESIDE with the voucher's own and "l_" as `own`."""
    quote = {name: row[own + name] for name in ("order_fen", "offers_fen", "net_fen")}
    return Lock(
        campaign_id=row["campaign_id"],
        lane=row["lane"],
        idx=row["idx"],
        lock_no=row[own + "lock_no"],
        state=LockState(row[own + "state"]),
        store_id=row[own + "store_id"],
        quote=Quote(
            pack=row["pack"],
            face_fen=row["face_fen"],
            threshold_fen=row["threshold_fen"],
            discount_fen=row[own + "discount_fen"],
            **quote,
        ),
        offers=msgspec.convert(row[own + "offers"], tuple[Offer, ...]),
        rulebook_version=row[own + "rulebook_version"],
        locked_at=row[own + "locked_at"],
        locked_until=row[own + "locked_until"],
        acquirer_id=row[own + "acquirer_id"],
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
    return lock_of(row) if row else None


def record(lock: Lock, cashier_id: int | None, *, is_repeat: bool = False) -> Write:
    """Record a lock that a till took; a second open one is a unique violation."""
    return Write(
        sql="""
        insert into locks (lane, campaign_id, idx, lock_no, state, store_id, cashier_id, order_fen,
                           offers, offers_fen, net_fen, discount_fen, rulebook_version, locked_at,
                           locked_until, acquirer_id, is_repeat)
        values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        returning 1
        """,
        args=(
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
        ),
    )


async def orders_in_turn(tx: Tx, lock: Lock, pid: bytes, since: datetime) -> list[datetime]:
    """When a person's vouchers were locked at a lock's store since a moment, for orders that stand.

    Two tills at once wait for each other, so that the second sees what the first did.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"orders of {pid.hex()} at {lock.store_id}",
    )
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
        lock.lane,
        lock.campaign_id,
        pid,
        lock.store_id,
        since,
    )
    return [row["locked_at"] for row in rows]


def close(lock: Lock, state: LockState, at: datetime) -> Write:
    """open -> redeemed or released; a lapsed lock may still be closed so, by its own store."""
    return Write(
        sql="""
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
        args=(
            lock.lane,
            lock.campaign_id,
            lock.idx,
            lock.lock_no,
            state.value,
            at,
        ),
        promise="the lock was closed although its voucher was held",
    )


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
