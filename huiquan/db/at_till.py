"""What a deed at a till is judged by, in one question, held until the commit.  收银取数

The voucher's row is held first, then what hangs on it, and both are read as they are when they are
held, however long that took. A store that is closed meanwhile is seen by whoever comes next.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db import locks, redemptions, requests, vouchers
from huiquan.db.connection import Row, Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.db.requests import RequestKey
from huiquan.domain.codes import OneTimeCode
from huiquan.domain.redemptions import Lock, Store, StorePack
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Till
from huiquan.domain.vouchers import Voucher

Place = tuple[int, int, int, int]
"""Campaign, lane, entry and number of a lock."""

_STORE = "s.store_id, s.merchant_id, s.city as store_city, s.state as store_state, s.channel"


@dataclass(frozen=True, kw_only=True)
class Before:
    """What is known before the voucher is: the earlier answer to this request, the rails that the
    store takes at this till, and how many versions of rules are published."""

    earlier: dict[str, Any] | Refusal | None
    rails: frozenset[str]
    published: int


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A code, the voucher behind it, the store as the voucher's pack sees it, and when the holder's
    vouchers were locked there lately for orders that stand."""

    code: OneTimeCode
    voucher: Voucher
    store: Store
    orders: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A lock with its voucher, and the till's store; of its packs nothing is asked any more."""

    voucher: Voucher
    lock: Lock
    store: Store


async def before(tx: Tx, till: Till, request: RequestKey | None) -> Before:
    """What a scan begins with; of a quote, which is no request, nothing was answered earlier."""
    at = till.terminal
    row = await tx.fetchrow(
        """
        select q.body_hash, q.answer,
               (select count(*) from rulebooks) as published,
               array(select r.rail
                       from store_rails r
                      where r.store_id = $3
                        and r.acquirer_id = $4
                        and r.terminal in ('', $5)
                        and r.open_from <= $6
                        and (r.open_until is null or r.open_until > $6)) as rails
          from (select) nothing
          left join requests q
            on (q.scope, q.request_key) = ($1, $2)
        """,
        request.scope if request else None,
        request.key if request else None,
        till.store_id,
        till.acquirer_id,
        at.terminal if at else None,
        at.asked_at if at else None,
    )
    return Before(
        earlier=requests.answer_in(row, request) if request else None,
        rails=frozenset(row["rails"]),
        published=row["published"],
    )


_SCANNED = f"""
    select {vouchers.COLUMNS}, c.expires_at, c.used_at, c.voided_at, {_STORE},
           array(select p.open_from
                   from store_packs p
                  where (p.store_id, p.campaign_id, p.pack) = ($3, v.campaign_id, v.pack)
                  order by p.open_from) as open_from,
           array(select p.open_until
                   from store_packs p
                  where (p.store_id, p.campaign_id, p.pack) = ($3, v.campaign_id, v.pack)
                  order by p.open_from) as open_until,
           array(select l.locked_at
                   from vouchers w
                   join locks l
                     on (l.lane, l.campaign_id, l.idx) = (w.lane, w.campaign_id, w.idx)
                  where w.lane = $1
                    and w.campaign_id = v.campaign_id
                    and w.pid = v.pid
                    and l.lane = $1
                    and l.store_id = $3
                    and l.locked_at > $4
                    and l.state in ('open', 'redeemed')) as orders
      from codes c
      join vouchers v
        on (v.lane, v.campaign_id, v.idx) = (c.lane, c.campaign_id, c.idx)
      join stores s
        on s.store_id = $3
     where c.lane = $1
       and c.code_key = $2
"""


async def scanned(tx: Tx, till: Till, known: Before, lane: int, code_key: bytes) -> Scanned | None:
    """What stands behind a code just now, or None; nothing is held and no orders are looked for."""
    row = await tx.fetchrow(_SCANNED, lane, code_key, till.store_id, None)
    return _scanned(row, till, known) if row else None


async def hold_scanned(
    tx: Tx, till: Till, known: Before, lane: int, code_key: bytes, since: datetime
) -> Scanned | None:
    """What stands behind a code, voucher and code held, with orders since a moment; or None."""
    row = await tx.fetchrow(f"{_SCANNED} for update of v, c", lane, code_key, till.store_id, since)
    return _scanned(row, till, known) if row else None


async def hold_locked(tx: Tx, till: Till, known: Before, place: Place) -> Locked | None:
    """A lock and its voucher, both held, or None."""
    row = await tx.fetchrow(
        f"""
        select {vouchers.COLUMNS}, {locks.BESIDE}, {_STORE}
          from vouchers v
          join locks l
            on (l.lane, l.campaign_id, l.idx) = (v.lane, v.campaign_id, v.idx)
          join stores s
            on s.store_id = $5
         where v.campaign_id = $1
           and v.lane = $2
           and v.idx = $3
           and l.lane = $2
           and l.lock_no = $4
           for update of v, l
        """,
        *place,
        till.store_id,
    )
    if row is None:
        return None
    store = _store(row, till, known)
    return Locked(voucher=vouchers.voucher_of(row), lock=locks.lock_of(row, "l_"), store=store)


async def hold_redeemed(tx: Tx, place: Place) -> tuple[RedemptionRow, datetime] | None:
    """A redemption, and until when its voucher is good; voucher and redemption are held, so that
    nothing is refunded and no settlement takes it meanwhile."""
    row = await tx.fetchrow(
        f"""
        select {redemptions.COLUMNS}, v.valid_until
          from vouchers v
          join redemptions d
            on (d.lane, d.campaign_id, d.idx) = (v.lane, v.campaign_id, v.idx)
         where v.campaign_id = $1
           and v.lane = $2
           and v.idx = $3
           and d.lane = $2
           and d.lock_no = $4
           for update of v, d
        """,
        *place,
    )
    return (redemptions.row_of(row), row["valid_until"]) if row else None


def _scanned(row: Row, till: Till, known: Before) -> Scanned:
    voucher = vouchers.voucher_of(row)
    stretches = zip(row["open_from"], row["open_until"], strict=True)
    packs = tuple(
        StorePack(pack=voucher.pack, open_from=begun, open_until=ended)
        for begun, ended in stretches
    )
    code = OneTimeCode(
        serial=voucher.serial,
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        is_voided=row["voided_at"] is not None,
    )
    store = _store(row, till, known, packs)
    return Scanned(code=code, voucher=voucher, store=store, orders=tuple(row["orders"]))


def _store(row: Row, till: Till, known: Before, packs: tuple[StorePack, ...] = ()) -> Store:
    return Store(
        store_id=row["store_id"],
        merchant_id=row["merchant_id"],
        city=row["store_city"],
        is_open=row["store_state"] == "open",
        packs=packs,
        channel=Channel(row["channel"]),
        acquirer_id=till.acquirer_id,
        rail=till.terminal.rail if till.terminal else None,
        rails=known.rails,
    )
