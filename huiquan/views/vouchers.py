"""A person's vouchers: the wallet, and one voucher with all that happened to it.  卡包"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import refunds, vouchers
from huiquan.db.connection import Row, Tx
from huiquan.domain.redemptions import LockState, Quote, redemption_name
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant
from huiquan.domain.voucher_story import Line, LockFact, RefundFact, tell
from huiquan.domain.vouchers import State, Voucher, parse_serial, state_at


@dataclass(frozen=True, kw_only=True)
class Held:
    """A voucher as its holder sees it now; the last three say where it was spent, if it was."""

    voucher: Voucher
    state: State
    redeemed_at: datetime | None
    store: str | None
    refunded_fen: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """A voucher and its story, the oldest line first; orders are the locks that were paid."""

    held: Held
    lines: list[Line]
    orders: list[LockFact]


async def wallet(app: App, campaign_id: int, registrant: Registrant) -> list[Held]:
    """Everything a person has won in a campaign, the newest first (R1.3)."""
    now = app.clock()
    async with app.db.reading() as tx:
        found = await vouchers.of_person(tx, campaign_id, registrant.lane, registrant.pid)
        spent = await _spent(tx, campaign_id, registrant)
    return [_held(voucher, spent.get(voucher.idx), now) for voucher in found]


async def story(app: App, campaign_id: int, registrant: Registrant, serial: str) -> Story | Refusal:
    """One voucher with its story. Refuses UNKNOWN_VOUCHER, NOT_YOUR_VOUCHER."""
    place = parse_serial(serial)
    if place is None or place[0] != campaign_id:
        return Refusal.UNKNOWN_VOUCHER
    now = app.clock()
    async with app.db.reading() as tx:
        voucher = await vouchers.find(tx, *place)
        if voucher is None:
            return Refusal.UNKNOWN_VOUCHER
        if voucher.pid != registrant.pid:
            return Refusal.NOT_YOUR_VOUCHER
        spent = await _spent(tx, campaign_id, registrant)
        locks = await _locks(tx, voucher)
        given_back = await _refunds(tx, voucher)
    held = _held(voucher, spent.get(voucher.idx), now)
    return Story(
        held=held,
        lines=tell(voucher, locks, given_back, now),
        orders=[lock for lock in locks if lock.state is LockState.REDEEMED],
    )


def _held(voucher: Voucher, spent: Row | None, now: datetime) -> Held:
    return Held(
        voucher=voucher,
        state=state_at(voucher, now),
        redeemed_at=spent["redeemed_at"] if spent else None,
        store=spent["store"] if spent else None,
        refunded_fen=spent["refunded_fen"] if spent else 0,
    )


async def _spent(tx: Tx, campaign_id: int, registrant: Registrant) -> dict[int, Row]:
    """Where and when each spent voucher of a person was spent, by its entry."""
    rows = await tx.fetch(
        """
        select v.idx, d.redeemed_at, d.refunded_fen, s.name as store
          from vouchers v
          join redemptions d
            on (d.lane, d.campaign_id, d.idx, d.lock_no)
             = (v.lane, v.campaign_id, v.idx, v.lock_no)
          join stores s using (store_id)
         where v.lane = $1
           and v.campaign_id = $2
           and v.pid = $3
           and v.state = 'redeemed'
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
    )
    return {row["idx"]: row for row in rows}


async def _locks(tx: Tx, voucher: Voucher) -> list[LockFact]:
    rows = await tx.fetch(
        """
        select s.name as store, l.lock_no, l.order_fen, l.offers_fen, l.net_fen, l.discount_fen,
               l.state, l.locked_at, l.locked_until, l.closed_at
          from locks l
          join stores s using (store_id)
         where l.lane = $1
           and l.campaign_id = $2
           and l.idx = $3
         order by l.lock_no
        """,
        voucher.lane,
        voucher.campaign_id,
        voucher.idx,
    )
    return [_lock_fact(voucher, row) for row in rows]


def _lock_fact(voucher: Voucher, row: Row) -> LockFact:
    state = LockState(row["state"])
    place = (voucher.campaign_id, voucher.lane, voucher.idx, row["lock_no"])
    return LockFact(
        store=row["store"],
        quote=Quote(
            pack=voucher.pack,
            face_fen=voucher.face_fen,
            threshold_fen=voucher.threshold_fen,
            order_fen=row["order_fen"],
            offers_fen=row["offers_fen"],
            net_fen=row["net_fen"],
            discount_fen=row["discount_fen"],
        ),
        state=state,
        locked_at=row["locked_at"],
        locked_until=row["locked_until"],
        closed_at=row["closed_at"],
        redemption=redemption_name(*place) if state is LockState.REDEEMED else None,
    )


async def _refunds(tx: Tx, voucher: Voucher) -> list[RefundFact]:
    """The refunds in order. A voucher that lives on after one came back with it."""
    rows = await refunds.of_voucher(tx, voucher.campaign_id, voucher.lane, voucher.idx)
    return [
        RefundFact(
            amount_fen=row.amount_fen,
            to_consumer_fen=row.to_consumer_fen,
            to_fund_fen=row.to_fund_fen,
            refunded_at=row.refunded_at,
            voucher_returns=(row.lock_no < voucher.lock_no or voucher.state is not State.REDEEMED),
        )
        for row in rows
    ]
