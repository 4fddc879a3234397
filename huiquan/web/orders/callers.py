"""Who signs at the order door: an online platform, a carrier, or a warehouse.  订单接口验签

The same headers, keys and nonces as at the acquirer's door. What was signed is kept with each word
about an order, so that anyone who is shown it can verify it again.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request
from litestar.params import Dependency

from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import KeptSignature, keep_signature
from huiquan.web.acquirer.callers import AcquirerCaller, admitted, read_signed
from huiquan.web.answers import RefusedError


@dataclass(frozen=True, kw_only=True)
class SigningCaller(AcquirerCaller):
    """Whoever signed, and what."""

    signature: KeptSignature
    body: bytes


Signed = Annotated[SigningCaller, Dependency(skip_validation=True)]


async def read_signing(request: Request[Any, Any, Any]) -> SigningCaller:
    """The sender of a signed request, of whatever kind."""
    state = request.app.state
    signed = await read_signed(request)
    return SigningCaller(
        acquirer=await admitted(state.house, signed),
        house=state.house,
        campaigns=state.campaigns,
        limits=state.limits,
        signature=keep_signature(signed.head, signed.method, signed.target, signed.body),
        body=signed.body,
    )


def platform(caller: SigningCaller) -> SigningCaller:
    """The caller, if it is an online platform; FORBIDDEN otherwise."""
    if caller.acquirer.kind is not Sender.ACQUIRER:
        raise RefusedError(Refusal.FORBIDDEN)
    return caller
