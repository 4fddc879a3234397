"""Give up a lock at the till: the customer went away, the voucher is held again.  释放"""

from collections.abc import Iterator

import msgspec

from huiquan.app import App
from huiquan.db import at_till, audit, callbacks, locks, requests, tills, vouchers
from huiquan.db.requests import RequestKey, as_given, request_at
from huiquan.db.together import Write, together
from huiquan.domain import callbacks as told
from huiquan.domain.redemptions import (
    Lock,
    LockState,
    Unlock,
    decide_unlock,
    door_flaw,
    parse_lock_id,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Caller, Till


class UnlockAsked(msgspec.Struct, frozen=True, kw_only=True, tag="unlock_voucher"):
    """The lock that is given up."""

    request_key: str
    lock: str


async def unlock_voucher(app: App, caller: Caller, asked: UnlockAsked) -> Unlock | Refusal:
    """Release a lock; nothing can be paid under it from then on (R5.3).

    The same key again gives the same answer; another body under it is REQUEST_KEY_REUSED.
    Refuses UNKNOWN_LOCK and what `door_flaw` and `decide_unlock` refuse.
    """
    place = parse_lock_id(asked.lock)
    if place is None:
        return Refusal.UNKNOWN_LOCK
    till = await tills.standing_at(app.db, caller)
    if isinstance(till, Refusal):
        return till
    request = request_at(till, asked.request_key, asked)
    async with app.db.in_turn(request.turn) as tx:
        known, found = await at_till.hold_locked(tx, till, place, request)
        if known.earlier is not None:
            return as_given(known.earlier, Unlock)
        if found is None:
            return Refusal.UNKNOWN_LOCK
        unlock = door_flaw(till, found.lock) or decide_unlock(
            found.voucher, found.lock, store_id=till.store_id, now=app.clock()
        )
        if isinstance(unlock, Refusal):
            return unlock
        await together(tx, *_writes(till, request, found.lock, unlock))
        return unlock


def _writes(till: Till, request: RequestKey, lock: Lock, unlock: Unlock) -> Iterator[Write]:
    """Lock, voucher, audit line, the acquirer's notice and the answer."""
    at = unlock.released_at
    yield locks.close(lock, LockState.RELEASED, at)
    yield vouchers.mark_held(lock.campaign_id, lock.lane, lock.idx, lock.lock_no)
    yield audit.line(
        at=at,
        actor=till.actor,
        tag="voucher:unlocked",
        subject=lock.lock_id,
        detail={"store_id": till.store_id},
    )
    if till.terminal:
        news = told.unlocked(till.terminal.ref, lock, at)
        yield callbacks.news(till.terminal.acquirer_id, news, at)
    yield requests.answered(request, msgspec.to_builtins(unlock), at)
