"""Give consents again that were taken back.  重新同意"""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from huiquan.app import App
from huiquan.db import audit, consents, requests
from huiquan.db.requests import RequestKey
from huiquan.domain.campaigns import Campaign
from huiquan.domain.consents import Consent, ConsentKind
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant


@dataclass(frozen=True, kw_only=True)
class Granting:
    """What a person agrees to again, under which version of the notice."""

    kinds: Collection[ConsentKind]
    version: str
    request_key: str


async def grant_consents(
    app: App, campaign: Campaign, registrant: Registrant, granting: Granting
) -> tuple[Consent, ...] | Refusal:
    """Let some kinds stand again from now on; gives the newest consent of each kind.

    One that stands already stays as it is. Refuses CONSENT_OUTDATED when another notice is in
    force, NOT_REGISTERED, REQUEST_KEY_REUSED. (R1.1)
    """
    now, pid = app.clock(), registrant.pid.hex()
    if granting.version != campaign.rulebook_at(now).consent_version:
        return Refusal.CONSENT_OUTDATED
    request = RequestKey(
        scope=f"consents:{campaign.campaign_id}:{pid}",
        key=granting.request_key,
        body=msgspec.json.encode(["grant", sorted(granting.kinds), granting.version]),
    )
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if isinstance(earlier, Refusal):
            return earlier
        standing = await consents.lock_newest(tx, campaign.campaign_id, registrant)
        if not standing:
            return Refusal.NOT_REGISTERED
        if earlier is not None:
            return standing
        given = {one.kind for one in standing if one.revoked_at is None}
        granted = tuple(
            Consent(kind=kind, version=granting.version, granted_at=now)
            for kind in ConsentKind
            if kind in granting.kinds and kind not in given
        )
        await consents.record(tx, campaign.campaign_id, registrant, granted)
        await requests.record_answer(tx, request, {}, now)
        detail = {"kinds": sorted(granting.kinds), "version": granting.version}
        await audit.note(tx, at=now, actor=pid, tag="consents:granted", subject=pid, detail=detail)
    newest = {one.kind: one for one in (*standing, *granted)}
    return tuple(newest[kind] for kind in ConsentKind if kind in newest)
