"""Try to give a lock up in the sandbox, or to close an order that never arrived.  沙箱解除"""

from huiquan.app import App
from huiquan.db import callbacks, sandbox
from huiquan.domain import callbacks as told
from huiquan.domain.redemptions import LockState, decide_unlock
from huiquan.domain.refusals import Refusal
from huiquan.domain.sandbox import voucher_of
from huiquan.domain.tills import Terminal
from huiquan.domain.vouchers import State


async def try_unlock(app: App, at: Terminal) -> bool | Refusal:
    """True when a lock was given up (again: still), False when the order was closed unheard.

    Refuses what `decide_unlock` refuses.
    """
    async with app.db.transaction() as tx:
        now = app.clock()
        if await sandbox.record_order(tx, at.acquirer_id, at.ref, None, now):
            return False
        order = await sandbox.hold_order(tx, at.acquirer_id, at.ref)
        assert order is not None, "it was recorded before"
        if order.lock is None or order.lock.state is LockState.RELEASED:
            return order.lock is not None
        state = State.LOCKED if order.redeemed_at is None else State.REDEEMED
        voucher = voucher_of(order.lock, state=state)
        given_up = decide_unlock(voucher, order.lock, store_id=order.store_id, now=now)
        if isinstance(given_up, Refusal):
            return given_up
        await sandbox.mark_released(tx, at.acquirer_id, at.ref)
        await callbacks.append(tx, at.acquirer_id, told.unlocked(at.ref, order.lock, now), now)
        return True
