"""Revoke an acquirer's key at once: it was lost, or seen by somebody.  吊销密钥"""

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.domain.refusals import Refusal


async def revoke_key(app: App, key_id: str, by: str) -> str | Refusal:
    """End a key from this instant on; gives its name. Refuses KEY_UNKNOWN, also a second time."""
    now = app.clock()
    async with app.db.transaction() as tx:
        if not await acquirers.revoke_key(tx, key_id, now):
            return Refusal.KEY_UNKNOWN
        await audit.note(tx, at=now, actor=by, tag="acquirer_key:revoked", subject=f"key:{key_id}")
    return key_id
