"""Set a voucher aside for one order at a till; its code is used up.  占用"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from huiquan.app import App
from huiquan.db import acquirer_orders, at_till, audit, codes, locks, tills, vouchers
from huiquan.db.at_till import Scanned
from huiquan.db.connection import Tx
from huiquan.db.tills import Asked, Turn
from huiquan.db.together import UndoneError, Write, together
from huiquan.domain.codes import code_hash, lane_of, parse_code
from huiquan.domain.offers import Offer, Order
from huiquan.domain.order_rules import decide_repeat
from huiquan.domain.redemptions import Lock, decide_lock
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import REPEAT_MINUTES_MAX, OnRepeat, OrderRules
from huiquan.domain.tills import Caller, Till
from huiquan.domain.vouchers import State


class LockAsked(Asked, frozen=True, kw_only=True, tag="lock_voucher"):
    """A scanned code and the order it is to pay for."""

    code: str
    order_fen: int
    offers: tuple[Offer, ...] = ()


async def lock_voucher(app: App, caller: Caller, asked: LockAsked) -> Lock | Refusal:
    """Lock the voucher behind a code while the customer pays (R1.2, R1.3, R3.8, R5.3).

    Of many who come with one code, one gets the lock. The same key again gives the same lock;
    another body under it is REQUEST_KEY_REUSED. For the other refusals see `decide_quote`;
    CODE_UNKNOWN also for a code of a lane or a voucher that does not exist, ORDER_REPEATED where
    the rulebook does not let a split bill pass, ORDER_CLOSED for an acquirer's number that was
    closed before it arrived.
    """
    digits = parse_code(asked.code)
    if isinstance(digits, Refusal):
        return digits
    turn = await tills.turn_of(app.db, caller, asked, Lock)
    if isinstance(turn, Refusal):
        return turn
    try:
        async with app.db.in_turn(turn.number) as tx:
            return await _lock(app, tx, turn, digits, asked)
    except UndoneError as undone:
        return undone.refusal


async def _lock(
    app: App, tx: Tx, turn: Turn[Lock], digits: str, asked: LockAsked
) -> Lock | Refusal:
    code_key = code_hash(app.keys.codes, digits)
    since = app.clock() - timedelta(minutes=REPEAT_MINUTES_MAX)
    found = await at_till.hold_scanned(tx, turn, lane_of(digits), code_key, since)
    if not isinstance(found, Scanned):
        return found
    now = app.clock()
    campaign_id = found.voucher.campaign_id
    rules = await app.remembered.in_force(tx, campaign_id, now, published=found.published)
    order = Order(order_fen=asked.order_fen, offers=asked.offers)
    lock = decide_lock(found.voucher, found.code, found.store, order, rules=rules, now=now)
    if isinstance(lock, Refusal):
        return lock
    is_repeat = await _repeat(tx, found, lock, rules.rulebook.orders)
    if isinstance(is_repeat, Refusal):
        return is_repeat
    if found.voucher.state is State.LOCKED:  # An earlier lock's time is over.
        await locks.lapse(tx, lock.campaign_id, lock.lane, [lock.idx], now)
    writes = _writes(turn.till, code_key, lock, is_repeat=is_repeat)
    await together(tx, *writes, turn.answered(lock, now))
    return lock


async def _repeat(tx: Tx, found: Scanned, lock: Lock, rules: OrderRules) -> bool | Refusal:
    """Whether this order looks like a part of one that was split."""
    if rules.repeat_minutes == 0:
        return False
    orders: Sequence[datetime] = found.orders
    if rules.on_repeat is OnRepeat.REFUSE:
        since = lock.locked_at - timedelta(minutes=rules.repeat_minutes)
        orders = await locks.orders_in_turn(tx, lock, found.voucher.pid, since)
    return decide_repeat(orders, lock.quote.net_fen, rules, now=lock.locked_at)


def _writes(till: Till, code_key: bytes, lock: Lock, *, is_repeat: bool) -> Iterator[Write]:
    """The order's number, which may be closed; then code, voucher, lock and audit line."""
    now = lock.locked_at
    if till.terminal:
        yield acquirer_orders.record_order(till.terminal, lock)
    yield codes.use(lock.lane, code_key, now)
    yield vouchers.mark_locked(lock)
    yield locks.record(lock, till.cashier_id, is_repeat=is_repeat)
    detail = {"store_id": till.store_id, "net_fen": lock.quote.net_fen}
    yield audit.line(
        at=now,
        actor=till.actor,
        tag="voucher:locked",
        subject=lock.lock_id,
        detail={**detail, "is_repeat": True} if is_repeat else detail,
    )
