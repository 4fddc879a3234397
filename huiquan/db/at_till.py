"""What a deed at a till is judged by, in one question, held until the commit.  收银取数

The voucher's row is held first, then what hangs on it, and both are read as they are when they are
held, however long that took. A store that is closed meanwhile is seen by whoever comes next.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from huiquan.db import locks, redemptions, vouchers
from huiquan.db.connection import Row, Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.db.requests import RequestKey, answer_in, as_given
from huiquan.db.tills import Turn
from huiquan.db.together import Question, asked_with
from huiquan.domain.codes import OneTimeCode
from huiquan.domain.redemptions import Lock, Store, StorePack
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Till
from huiquan.domain.vouchers import Voucher

T = TypeVar("T")


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
    """What is known before the voucher is: the rails that the store takes at this till, what the
    online order of this number comes to if there is one, and how many versions of rules are
    published."""

    rails: frozenset[str]
    open_order_fen: int | None
    published: int


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A code, the voucher behind it, the store as the voucher's pack sees it, when the holder's
    vouchers were locked there lately for orders that stand, and how many versions of rules are
    published."""

    code: OneTimeCode
    voucher: Voucher
    store: Store
    orders: tuple[datetime, ...]
    published: int


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


def _known(row: Row) -> Before:
    return Before(
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
    tx: Tx, till: Till, lane: int, code_key: bytes, since: datetime
) -> Scanned | Refusal:
    """What stands behind a code, with orders since a moment; nothing is held. Or CODE_UNKNOWN."""
    question = Question(sql=_SCANNED, args=(lane, code_key, till.store_id, since))
    said, found = await asked_with(tx, _before(till, None), question)
    return _scanned(found, till, _known(said)) if found else Refusal.CODE_UNKNOWN


async def hold_scanned(
    tx: Tx, turn: Turn[T], lane: int, code_key: bytes, since: datetime
) -> Scanned | T | Refusal:
    """The same with voucher and code held, or the answer that was given before."""
    args = (lane, code_key, turn.till.store_id, since)
    question = Question(sql=_SCANNED + " for update of v, c", args=args)
    held = await _held(tx, turn, question, Refusal.CODE_UNKNOWN)
    return _scanned(held.row, turn.till, held.known) if isinstance(held, _Held) else held


async def hold_locked(tx: Tx, turn: Turn[T], place: Place) -> Locked | T | Refusal:
    """A lock and its voucher, both held, or the answer that was given before, or UNKNOWN_LOCK."""
    question = Question(sql=_LOCKED, args=(*place, turn.till.store_id))
    held = await _held(tx, turn, question, Refusal.UNKNOWN_LOCK)
    if not isinstance(held, _Held):
        return held
    return Locked(
        voucher=vouchers.voucher_of(held.row),
        lock=locks.lock_of(held.row, "l_"),
        store=_store(held.row, turn.till, held.known),
    )


async def hold_redeemed(tx: Tx, turn: Turn[T], place: Place) -> Redeemed | T | Refusal:
    """A redemption and its voucher, both held, so that nothing else is refunded of it and no
    settlement takes it meanwhile; or the answer that was given before, or UNKNOWN_REDEMPTION."""
    question = Question(sql=_REDEEMED, args=place)
    held = await _held(tx, turn, question, Refusal.UNKNOWN_REDEMPTION)
    if not isinstance(held, _Held):
        return held
    return Redeemed(row=redemptions.row_of(held.row), valid_until=held.row["valid_until"])


@dataclass(frozen=True, kw_only=True)
class _Held:
    """What was found, and what is known before."""

    known: Before
    row: Row


async def _held(tx: Tx, turn: Turn[T], question: Question, missing: Refusal) -> _Held | T | Refusal:
    """What a question finds for a request that is new; else the earlier answer, or `missing`."""
    said, found = await asked_with(tx, _before(turn.till, turn.request), question)
    earlier = answer_in(said, turn.request)
    if earlier is not None:
        return as_given(earlier, turn.kind)
    return _Held(known=_known(said), row=found) if found else missing


async def store_for(tx: Tx, till: Till, campaign_id: int) -> Store:
    """The till's store as a campaign sees it: is it open, and which packs did it take when."""
    sql = f"select {_STORE} from stores s where s.store_id = $1"
    question = Question(sql=sql, args=(till.store_id,))
    said, found = await asked_with(tx, _before(till, None), question)
    assert found is not None, "a till belongs to a store"
    rows = await tx.fetch(
        """
        select pack, open_from, open_until
          from store_packs
         where store_id = $1
           and campaign_id = $2
         order by pack, open_from
        """,
        till.store_id,
        campaign_id,
    )
    packs = tuple(StorePack(**dict(row)) for row in rows)
    return _store(found, till, _known(said), packs)


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
    return Scanned(
        code=code,
        voucher=voucher,
        store=store,
        orders=tuple(row["orders"]),
        published=known.published,
    )


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
