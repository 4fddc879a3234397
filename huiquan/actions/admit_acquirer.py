"""Suspend an acquirer, or let it in again.  暂停或恢复收单机构"""

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.domain.refusals import Refusal


async def admit_acquirer(app: App, code: str, by: str, *, is_open: bool) -> str | Refusal:
    """From now on its signed requests are admitted, or refused; gives its code.

    Refuses UNKNOWN_ACQUIRER. Callbacks go on either way: what happened has to be known.
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        found = await acquirers.by_code(tx, code)
        if found is None:
            return Refusal.UNKNOWN_ACQUIRER
        await acquirers.set_open(tx, found.acquirer_id, is_open=is_open)
        tag = "acquirer:admitted" if is_open else "acquirer:suspended"
        await audit.note(tx, at=now, actor=by, tag=tag, subject=f"acquirer:{found.acquirer_id}")
    return code
