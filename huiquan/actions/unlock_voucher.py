"""Give up a lock at the till: the customer went away, the voucher is held again.  释放"""

from collections.abc import Iterator

from huiquan.app import App
from huiquan.db import at_till, audit, callbacks, locks, tills, vouchers
from huiquan.db.at_till import Locked
from huiquan.db.tills import Asked
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


class UnlockAsked(Asked, frozen=True, kw_only=True, tag="unlock_voucher"):
    """The lock that is given up."""

    lock: str


async def unlock_voucher(app: App, caller: Caller, asked: UnlockAsked) -> Unlock | Refusal:
    """Release a lock; nothing can be paid under it from then on (R5.3).

    The same key again gives the same answer; another body under it is REQUEST_KEY_REUSED.
    Refuses UNKNOWN_LOCK and what `door_flaw` and `decide_unlock` refuse.
    """
    place = parse_lock_id(asked.lock)
    if place is None:
        return Refusal.UNKNOWN_LOCK
    turn = await tills.turn_of(app.db, caller, asked, Unlock)
    if isinstance(turn, Refusal):
        return turn
    async with app.db.in_turn(turn.number) as tx:
        found = await at_till.hold_locked(tx, turn, place)
        if not isinstance(found, Locked):
            return found
        unlock = door_flaw(turn.till, found.lock) or decide_unlock(
            found.voucher, found.lock, store_id=turn.till.store_id, now=app.clock()
        )
        if isinstance(unlock, Refusal):
            return unlock
        writes = _writes(turn.till, found.lock, unlock)
        await together(tx, *writes, turn.answered(unlock, unlock.released_at))
        return unlock


def _writes(till: Till, lock: Lock, unlock: Unlock) -> Iterator[Write]:
    """Lock, voucher, audit line and the acquirer's notice."""
    at = unlock.released_at
    yield locks.close(lock, LockState.RELEASED, at)
    yield vouchers.mark_held(lock)
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
