"""Which acquirer asks: read from the signature that each request carries.  收单机构验签"""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request
from litestar.params import Dependency, Parameter
from msgspec import Meta

from huiquan.actions.admit_request import SignedRequest, admit_request
from huiquan.app import App
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from huiquan.domain.request_signing import KEY, NONCE, SIGNATURE, TIME, read_head
from huiquan.domain.tills import Terminal
from huiquan.views.acquirer_orders import store_numbered
from huiquan.web.acquirer.flaws import admission_flaw, header_flaw
from huiquan.web.answers import RefusedError
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.limits import Limits

SIGNED: list[dict[str, list[str]]] = [{"signature": []}]

# The acquirer's own numbers: what may stand in an address, too.
Ref = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$")]
RefInPath = Annotated[str, Parameter(pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$")]
StoreCode = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")]
TerminalName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,64}(?!\n)$")]


@dataclass(frozen=True, kw_only=True)
class AcquirerCaller:
    """An acquirer whose request was admitted, and what a door needs to answer it.

    It is the one thing a door of acquirers asks for: litestar runs several side by side, each in a
    task of its own, which costs more than to find them.
    """

    acquirer: Acquirer
    house: App
    campaigns: CampaignCache
    limits: Limits

    async def at(self, store: str, terminal: str, ref: str) -> Terminal:
        """This acquirer at a store's terminal; a store that nobody knows is UNKNOWN_STORE."""
        store_id = await store_numbered(self.house, store)
        if store_id is None:
            raise RefusedError(Refusal.UNKNOWN_STORE)
        return self.standing(store_id, terminal, ref)

    def standing(self, store_id: int, terminal: str, ref: str) -> Terminal:
        """The same at a store that is known."""
        return Terminal(
            acquirer_id=self.acquirer.acquirer_id,
            rail=self.acquirer.rail,
            store_id=store_id,
            terminal=terminal,
            ref=ref,
            asked_at=self.house.clock(),
        )


Partner = Annotated[AcquirerCaller, Dependency(skip_validation=True)]


async def read_signed(request: Request[Any, Any, Any]) -> SignedRequest:
    """A request with its signature, not admitted yet; its headers are told to nobody."""
    headers = {name: request.headers.get(name, "") for name in (KEY, TIME, NONCE, SIGNATURE)}
    head = read_head(headers)
    if isinstance(head, Refusal):
        raise header_flaw(headers)
    return SignedRequest(
        head=head,
        method=request.method,
        target=target_of(request),
        body=await request.body(),
    )


async def admitted(house: App, signed: SignedRequest) -> Acquirer:
    """Whoever signed, or the refusal with what helps to mend it."""
    outcome = await admit_request(house, signed)
    if isinstance(outcome, Refusal):
        raise admission_flaw(outcome, signed, house.clock())
    return outcome


async def read_partner(request: Request[Any, Any, Any]) -> AcquirerCaller:
    """The acquirer that asks."""
    state = request.app.state
    acquirer = await admitted(state.house, await read_signed(request))
    if acquirer.kind is not Sender.ACQUIRER:
        raise RefusedError(Refusal.FORBIDDEN)
    return AcquirerCaller(
        acquirer=acquirer,
        house=state.house,
        campaigns=state.campaigns,
        limits=state.limits,
    )


def target_of(request: Request[Any, Any, Any]) -> str:
    """The path with its query as they came over the wire, not as they were read."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    whole = path.partition(b"?")[0] + (b"?" + query if query else b"")
    return whole.decode("latin-1")
