"""Admit an acquirer's signed request: who sent it, is it fresh, did it come before.  验签"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import acquirers
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import SignedHead, decide_signature, text_to_sign


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """A request as it came over the wire, with its four headers read."""

    head: SignedHead
    method: str
    target: str
    body: bytes


async def admit_request(app: App, request: SignedRequest) -> Acquirer | Refusal:
    """Say which acquirer sent a request, and let its nonce never come again. (T20)

    Refuses what `decide_signature` refuses, ACQUIRER_SUSPENDED, and REQUEST_REPLAYED when the
    nonce came before, in whichever web process. A request that is not signed takes no nonce away.
    """
    head = request.head
    text = text_to_sign(request.method, request.target, head.time_ms, head.nonce, request.body)
    async with app.db.asking() as tx:
        known = await acquirers.known_by(tx, head.key_id)
    flaw = decide_signature(head, known.key if known else None, text, now=app.clock())
    if flaw is not None or known is None:
        return flaw or Refusal.KEY_UNKNOWN
    if not known.acquirer.is_open:
        return Refusal.ACQUIRER_SUSPENDED
    async with app.db.one_statement() as tx:
        is_fresh = await acquirers.claim_nonce(
            tx, known.acquirer.acquirer_id, head.nonce, head.nonce_until
        )
    return known.acquirer if is_fresh else Refusal.REQUEST_REPLAYED
