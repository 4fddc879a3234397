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
from huiquan.db.together import Question, asked_with
from huiquan.domain.codes import OneTimeCode
from huiquan.domain.redemptions import Lock, Store, StorePack
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Till
from huiquan.domain.vouchers import Voucher


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """A redemption, and until when its voucher is good."""

    row: RedemptionRow
    valid_until: datetime


Place = tuple[int, int, int, int]
"""Campaign, lane, entry and number of a lock."""

_STORE = "s.store_id, s.merchant_id, s.city as store_city, s.state as store_state, s.channel"


@dataclass(frozen=True, kw_only=True)
class Before:
    """What is known before the voucher is: the earlier answer to this request, the rails that the
    store takes at this till, what the online order of this number comes to if there is one, and how
    many versions of rules are published."""

    earlier: dict[str, Any] | Refusal | None
    rails: frozenset[str]
    open_order_fen: int | None
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


def _before(till: Till, request: RequestKey | None) -> Question:
    at = till.terminal
    return Question(
        sql="""
        select q.body_hash, q.answer,
               (select count(*) from rulebooks) as published,
               array(select r.rail
                       from store_rails r
                      where r.store_id = $3
                        and r.acquirer_id = $4
                        and r.terminal in ('', $5)
                        and r.open_from <= $6
                        and (r.open_until is null or r.open_until > $6)) as rails,
               (select o.order_fen
                  from online_orders o
                  join stores t
                    on t.store_id = o.store_id
                   and t.channel = 'online'
                 where o.acquirer_id = $4
                   and o.order_ref = $7
                   and o.store_id = $3) as open_order_fen
          from (select) nothing
          left join requests q
            on (q.scope, q.request_key) = ($1, $2)
        """,
        args=(
            request.scope if request else None,
            request.key if request else None,
            till.store_id,
            till.acquirer_id,
            at.terminal if at else None,
            at.asked_at if at else None,
            at.ref if at else None,
        ),
    )


def _known(row: Row, request: RequestKey | None) -> Before:
    return Before(
        earlier=requests.answer_in(row, request) if request else None,
        rails=frozenset(row["rails"]),
        open_order_fen=row["open_order_fen"],
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


_LOCKED = f"""
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
"""

_REDEEMED = f"""
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
"""


async def scan(
    tx: Tx, till: Till, lane: int, code_key: bytes, since: datetime, request: RequestKey | None
) -> tuple[Before, Scanned | None]:
    """What stands behind a code, with orders since a moment; None if nothing does.

    A request holds voucher and code; a quote, which is no request, holds nothing.
    """
    hold = " for update of v, c" if request else ""
    question = Question(sql=_SCANNED + hold, args=(lane, code_key, till.store_id, since))
    said, found = await asked_with(tx, _before(till, request), question)
    known = _known(said, request)
    return known, _scanned(found, till, known) if found else None


async def hold_locked(
    tx: Tx, till: Till, place: Place, request: RequestKey
) -> tuple[Before, Locked | None]:
    """A lock and its voucher, both held, or None."""
    question = Question(sql=_LOCKED, args=(*place, till.store_id))
    said, found = await asked_with(tx, _before(till, request), question)
    known = _known(said, request)
    if found is None:
        return known, None
    voucher, lock = vouchers.voucher_of(found), locks.lock_of(found, "l_")
    return known, Locked(voucher=voucher, lock=lock, store=_store(found, till, known))


async def hold_redeemed(
    tx: Tx, till: Till, place: Place, request: RequestKey
) -> tuple[Before, Redeemed | None]:
    """A redemption and its voucher, both held, so that nothing else is refunded of it and no
    settlement takes it meanwhile; or None."""
    question = Question(sql=_REDEEMED, args=place)
    said, found = await asked_with(tx, _before(till, request), question)
    known = _known(said, request)
    if found is None:
        return known, None
    return known, Redeemed(row=redemptions.row_of(found), valid_until=found["valid_until"])


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
        open_order_fen=known.open_order_fen,
    )
