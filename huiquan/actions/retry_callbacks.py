"""Try an acquirer's parked callbacks again, once its machine is back.  重发回调"""

from huiquan.app import App
from huiquan.db import acquirers, audit, callbacks
from huiquan.domain.refusals import Refusal


async def retry_callbacks(app: App, code: str, by: str) -> int | Refusal:
    """Give each another seven days; gives how many. Refuses UNKNOWN_ACQUIRER."""
    now = app.clock()
    async with app.db.transaction() as tx:
        found = await acquirers.by_code(tx, code)
        if found is None:
            return Refusal.UNKNOWN_ACQUIRER
        count = await callbacks.try_parked_again(tx, found.acquirer_id, now)
        subject, detail = f"acquirer:{found.acquirer_id}", {"count": count}
        await audit.note(
            tx, at=now, actor=by, tag="callbacks:retried", subject=subject, detail=detail
        )
    return count
