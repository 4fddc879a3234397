"""Add an acquirer, by whose rail vouchers can be spent.  登记收单机构"""

from dataclasses import replace

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.domain.acquirers import Acquirer, decide_callback_url
from huiquan.domain.refusals import Refusal


async def add_acquirer(app: App, new: Acquirer, by: str) -> Acquirer | Refusal:
    """Give the acquirer as it is kept. Refuses BAD_CALLBACK, ACQUIRER_KNOWN. (R3.8)

    Whether it is a sandbox one is said once and for good: a machine that was tested is never
    turned into one that moves money, it is added anew with other keys.
    """
    url = new.callback_url and decide_callback_url(new.callback_url)
    if isinstance(url, Refusal):
        return url
    now = app.clock()
    async with app.db.transaction() as tx:
        acquirer_id = await acquirers.record(tx, new, now)
        if acquirer_id is None:
            return Refusal.ACQUIRER_KNOWN
        detail = {"code": new.code, "rail": new.rail, "is_sandbox": new.is_sandbox}
        subject = f"acquirer:{acquirer_id}"
        await audit.note(tx, at=now, actor=by, tag="acquirer:added", subject=subject, detail=detail)
    return replace(new, acquirer_id=acquirer_id)
