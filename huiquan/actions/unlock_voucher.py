"""Give up a lock at the till: the customer went away, the voucher is held again.  释放"""

import msgspec

from huiquan.app import App
from huiquan.db import audit, callbacks, locks, requests, tills, vouchers
from huiquan.db.requests import RequestKey
from huiquan.domain import callbacks as told
from huiquan.domain.redemptions import LockState, Unlock, decide_unlock, parse_lock_id
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Caller


class UnlockAsked(msgspec.Struct, frozen=True, kw_only=True, tag="unlock_voucher"):
    """The lock that is given up."""

    request_key: str
    lock: str


async def unlock_voucher(app: App, caller: Caller, asked: UnlockAsked) -> Unlock | Refusal:
    """Release a lock; nothing can be paid under it from then on (R5.3).

    The same key again gives the same answer; another body under it is REQUEST_KEY_REUSED.
    Refuses UNKNOWN_LOCK and what `decide_unlock` refuses.
    """
    place = parse_lock_id(asked.lock)
    if place is None:
        return Refusal.UNKNOWN_LOCK
    async with app.db.transaction() as tx:
        till = await tills.standing_at(tx, caller)
        if isinstance(till, Refusal):
            return till
        body = msgspec.json.encode(asked) + till.mark
        request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return earlier if isinstance(earlier, Refusal) else msgspec.convert(earlier, Unlock)
        voucher = await vouchers.hold(tx, *place[:3])
        lock = await locks.find(tx, *place)
        if voucher is None or lock is None:
            return Refusal.UNKNOWN_LOCK
        if lock.acquirer_id != till.acquirer_id:
            return Refusal.OTHER_STORE
        now = app.clock()
        unlock = decide_unlock(voucher, lock, store_id=till.store_id, now=now)
        if isinstance(unlock, Refusal):
            return unlock
        await locks.close(tx, lock, LockState.RELEASED, now)
        await vouchers.mark_held(tx, *place)
        detail = {"store_id": till.store_id}
        await audit.note(
            tx,
            at=now,
            actor=till.actor,
            tag="voucher:unlocked",
            subject=lock.lock_id,
            detail=detail,
        )
        if till.terminal:
            news = told.unlocked(till.terminal.ref, lock, now)
            await callbacks.append(tx, till.terminal.acquirer_id, news, now)
        await requests.record_answer(tx, request, msgspec.to_builtins(unlock), now)
        return unlock
