"""Admit an acquirer's signed request: who sent it, is it fresh, did it come before.  验签"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import acquirers
from huiquan.db.acquirers import Known
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import (
    SignedHead,
    decide_signature,
    is_key_good,
    text_to_sign,
)


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """A request as it came over the wire, with its four headers read."""

    head: SignedHead
    method: str
    target: str
    body: bytes


async def admit_request(app: App, request: SignedRequest) -> Acquirer | Refusal:
    """Say which acquirer sent a request, and let its nonce never come again. (T20)

    A key that was good once is remembered, for neither its bytes nor its owner can change; that it
    still is good, and its acquirer open, is asked where the nonce is taken. Refuses what
    `decide_signature` refuses, ACQUIRER_SUSPENDED, and REQUEST_REPLAYED when the nonce came before,
    in whichever web process. A request that is not signed takes no nonce away.
    """
    head, now, keys = request.head, app.clock(), app.remembered.keys
    text = text_to_sign(request.method, request.target, head.time_ms, head.nonce, request.body)
    known = keys.get(head.key_id) or await _known(app, head)
    flaw = decide_signature(head, known.key if known else None, text, now=now)
    if flaw is not None or known is None:
        return flaw or Refusal.KEY_UNKNOWN
    async with app.db.one_statement() as tx:
        if await acquirers.claim_nonce(tx, head.key_id, head.nonce, head.nonce_until, now):
            keys[head.key_id] = known
            return known.acquirer
    return await _why_not(app, head, now)


async def _known(app: App, head: SignedHead) -> Known | None:
    async with app.db.asking() as tx:
        return await acquirers.known_by(tx, head.key_id)


async def _why_not(app: App, head: SignedHead, now: datetime) -> Refusal:
    """Why the nonce was not taken: the key ended, its acquirer is suspended, or it came before."""
    known = await _known(app, head)
    if known is None or not is_key_good(known.key, now):
        return Refusal.KEY_OUT_OF_DATE
    return Refusal.REQUEST_REPLAYED if known.acquirer.is_open else Refusal.ACQUIRER_SUSPENDED
