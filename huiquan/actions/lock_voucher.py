"""Set a voucher aside for one order at a till; its code is used up.  占用"""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from huiquan.app import App
from huiquan.db import (
    acquirer_orders,
    audit,
    campaign_state,
    codes,
    locks,
    requests,
    tills,
    vouchers,
)
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain.codes import OneTimeCode, code_hash, lane_of, parse_code
from huiquan.domain.offers import Offer, Order
from huiquan.domain.order_rules import decide_repeat
from huiquan.domain.redemptions import Lock, Store, decide_lock
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import RulebookVersion, version_in_force
from huiquan.domain.rulebooks import OnRepeat
from huiquan.domain.tills import Caller, Till
from huiquan.domain.vouchers import Voucher


class LockAsked(msgspec.Struct, frozen=True, kw_only=True, tag="lock_voucher"):
    """A scanned code and the order it is to pay for."""

    request_key: str
    code: str
    order_fen: int
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Facts:
    code_key: bytes
    code: OneTimeCode
    voucher: Voucher
    store: Store
    versions: tuple[RulebookVersion, ...]


async def lock_voucher(app: App, caller: Caller, asked: LockAsked) -> Lock | Refusal:
    """Lock the voucher behind a code while the customer pays (R1.2, R1.3, R3.8, R5.3).

    Of many who come with one code, one gets the lock. The same key again gives the same lock;
    another body under it is REQUEST_KEY_REUSED. For the other refusals see `decide_quote`;
    CODE_UNKNOWN also for a code of a lane or a voucher that does not exist, ORDER_REPEATED where
    the rulebook does not let a split bill pass, ORDER_CLOSED for an acquirer's number that was
    closed before it arrived.
    """
    async with app.db.transaction() as tx:
        till = await tills.standing_at(tx, caller)
        if isinstance(till, Refusal):
            return till
        body = msgspec.json.encode(asked) + till.mark
        request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return earlier if isinstance(earlier, Refusal) else msgspec.convert(earlier, Lock)
        facts = await _facts(app, tx, till, asked.code)
        if isinstance(facts, Refusal):
            return facts
        now = app.clock()
        lock = decide_lock(
            facts.voucher,
            facts.code,
            facts.store,
            Order(order_fen=asked.order_fen, offers=asked.offers),
            rules=version_in_force(facts.versions, now),
            now=now,
        )
        if isinstance(lock, Refusal):
            return lock
        is_repeat = await _repeat(tx, facts, lock)
        if isinstance(is_repeat, Refusal):
            return is_repeat
        # The first write, so that nothing has moved if the order was closed.
        if till.terminal and not await acquirer_orders.record_order(tx, till.terminal, lock):
            return Refusal.ORDER_CLOSED
        await _record(tx, till, facts, lock, is_repeat=is_repeat)
        await requests.record_answer(tx, request, msgspec.to_builtins(lock), now)
        return lock


async def _facts(app: App, tx: Tx, till: Till, text: str) -> _Facts | Refusal:
    """Hold the voucher behind the digits, and only then read the code: another till may use it."""
    digits = parse_code(text)
    if isinstance(digits, Refusal):
        return digits
    lane, code_key = lane_of(digits), code_hash(app.keys.codes, digits)
    behind = await codes.voucher_behind(tx, lane, code_key)
    if behind is None:
        return Refusal.CODE_UNKNOWN
    campaign_id, idx = behind
    voucher = await vouchers.hold(tx, campaign_id, lane, idx)
    code = await codes.find(tx, lane, code_key)
    assert voucher is not None, "a code stands for a voucher"
    assert code is not None, "a code is never forgotten"
    return _Facts(
        code_key=code_key,
        code=code,
        voucher=voucher,
        store=await tills.store_for(tx, till, campaign_id),
        versions=await campaign_state.load_versions(tx, campaign_id),
    )


async def _repeat(tx: Tx, facts: _Facts, lock: Lock) -> bool | Refusal:
    """Whether this order looks like a part of one that was split."""
    rules = version_in_force(facts.versions, lock.locked_at).rulebook.orders
    if rules.repeat_minutes == 0:
        return False
    who, since = facts.voucher, lock.locked_at - timedelta(minutes=rules.repeat_minutes)
    earlier = await locks.orders_of_holder(
        tx,
        who.campaign_id,
        who.lane,
        who.pid,
        lock.store_id,
        since,
        in_turn=rules.on_repeat is OnRepeat.REFUSE,
    )
    return decide_repeat(earlier, lock.quote.net_fen, rules, now=lock.locked_at)


async def _record(tx: Tx, till: Till, facts: _Facts, lock: Lock, *, is_repeat: bool) -> None:
    """Close a lock whose time is over, use the code up, and write the new lock."""
    now = lock.locked_at
    await locks.lapse(tx, lock.campaign_id, lock.lane, [lock.idx], now)
    await codes.use(tx, lock.lane, facts.code_key, now)
    await vouchers.mark_locked(tx, lock)
    await locks.record(tx, lock, till.cashier_id, is_repeat=is_repeat)
    detail = {"store_id": till.store_id, "net_fen": lock.quote.net_fen}
    await audit.note(
        tx,
        at=now,
        actor=till.actor,
        tag="voucher:locked",
        subject=lock.lock_id,
        detail={**detail, "is_repeat": True} if is_repeat else detail,
    )
