"""Register an acquirer's key, so that it takes over from those before it.  登记密钥"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.app import App
from huiquan.db import acquirers, audit
from huiquan.domain.acquirers import KEY_OVERLAP
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import Algorithm, PartnerKey, read_public_key


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A public key as an acquirer hands it in; overlap is how long the ones before stay good."""

    acquirer: str
    key_id: str
    algorithm: Algorithm
    pem: bytes
    overlap: timedelta = KEY_OVERLAP


@dataclass(frozen=True, kw_only=True)
class KeyRegistered:
    """The key, and the names of those that end when the overlap is over."""

    key: PartnerKey
    ending: tuple[str, ...]
    ending_at: datetime


async def register_key(app: App, new: NewKey, by: str) -> KeyRegistered | Refusal:
    """Let a key be good from now on, beside those before it until the overlap is over.

    Refuses UNKNOWN_ACQUIRER, BAD_KEY, KEY_TAKEN (the name, or the key itself under any name).
    """
    der = read_public_key(new.pem, new.algorithm)
    if isinstance(der, Refusal):
        return der
    now = app.clock()
    async with app.db.transaction() as tx:
        acquirer = await acquirers.by_code(tx, new.acquirer)
        if acquirer is None:
            return Refusal.UNKNOWN_ACQUIRER
        key = PartnerKey(
            key_id=new.key_id,
            acquirer_id=acquirer.acquirer_id,
            algorithm=new.algorithm,
            public_key=der,
            valid_from=now,
        )
        if not await acquirers.record_key(tx, key):
            return Refusal.KEY_TAKEN
        ending_at = now + new.overlap
        ending = await acquirers.end_other_keys(tx, key, ending_at)
        subject, detail = f"key:{key.key_id}", {"acquirer": acquirer.code, "ending": ending}
        await audit.note(
            tx, at=now, actor=by, tag="acquirer_key:registered", subject=subject, detail=detail
        )
    return KeyRegistered(key=key, ending=tuple(ending), ending_at=ending_at)
