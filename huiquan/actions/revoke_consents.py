"""Take a person's consents back: as easy as giving them.  撤回同意"""

from collections.abc import Collection

import msgspec

from huiquan.app import App
from huiquan.db import audit, consents, requests
from huiquan.db.requests import RequestKey
from huiquan.domain.consents import Consent, ConsentKind, revoke
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant


async def revoke_consents(
    app: App,
    campaign_id: int,
    registrant: Registrant,
    kinds: Collection[ConsentKind],
    request_key: str,
) -> tuple[Consent, ...] | Refusal:
    """Take some kinds back from now on; gives the newest consent of each kind.

    What was taken back before keeps its first moment. Refuses NOT_REGISTERED, REQUEST_KEY_REUSED.
    (Personal Information Protection Law, article 15)
    """
    now, pid = app.clock(), registrant.pid.hex()
    request = RequestKey(
        scope=f"consents:{campaign_id}:{pid}",
        key=request_key,
        body=msgspec.json.encode(["revoke", sorted(kinds)]),
    )
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if isinstance(earlier, Refusal):
            return earlier
        standing = await consents.lock_newest(tx, campaign_id, registrant)
        if not standing:
            return Refusal.NOT_REGISTERED
        if earlier is not None:
            return standing
        await consents.mark_revoked(tx, campaign_id, registrant, kinds, now)
        await requests.record_answer(tx, request, {}, now)
        detail = {"kinds": sorted(kinds)}
        await audit.note(tx, at=now, actor=pid, tag="consents:revoked", subject=pid, detail=detail)
    return revoke(standing, kinds, now)
