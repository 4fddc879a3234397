"""Callers: who knocks, read from the token each request carries.  调用者

A token opens one door of three: the consumer's, the till's, the console's. Consumers and cashiers
are read without a database; of an official the tables are asked, so that a sign-in that was taken
away stops at once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Dependency

from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant
from huiquan.domain.roles import Role
from huiquan.domain.tokens import Claims, Door, TokenKeys, device_mark, mint_token, read_token
from huiquan.views.people import Official, official
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.limits import Limits

CONSUMER_SESSION = timedelta(days=30)
TILL_SESSION = timedelta(hours=14)
CONSOLE_SESSION = timedelta(hours=9)
HOUSE_LANE = -1
NO_CAMPAIGN = 0
NO_DEVICE = bytes(8)
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]


@dataclass(frozen=True, kw_only=True)
class ConsumerCaller:
    """A registered person on one device. `device` is the mark of the device string, 8 bytes."""

    campaign_id: int
    lane: int
    pid: bytes
    device: bytes = field(repr=False)

    @property
    def registrant(self) -> Registrant:
        """Where this person stands in the tables."""
        return Registrant(lane=self.lane, pid=self.pid)


@dataclass(frozen=True, kw_only=True)
class CashierCaller:
    """A cashier at the till."""

    cashier_id: int


House = Annotated[App, Dependency(skip_validation=True)]
Campaigns = Annotated[CampaignCache, Dependency(skip_validation=True)]
Doorkeeper = Annotated[Limits, Dependency(skip_validation=True)]
Consumer = Annotated[ConsumerCaller, Dependency(skip_validation=True)]
Cashier = Annotated[CashierCaller, Dependency(skip_validation=True)]
Staff = Annotated[Official, Dependency(skip_validation=True)]


def token_keys(app: App) -> TokenKeys:
    """The keys that sign sessions; new ones with the newest."""
    return TokenKeys(newest=max(app.keys.token), keys=app.keys.token)


def consumer_token(
    app: App, campaign_id: int, lane: int, pid: bytes, device: str, expires_at: datetime
) -> str:
    """The pass of a registered person on one device."""
    claims = Claims(
        door=Door.CONSUMER,
        campaign_id=campaign_id,
        lane=lane,
        who=pid,
        device=device_mark(device),
        expires_at=expires_at,
    )
    return mint_token(token_keys(app), claims)


def staff_token(app: App, door: Door, staff_id: int, expires_at: datetime) -> str:
    """The pass of a cashier or of an official."""
    claims = Claims(
        door=door,
        campaign_id=NO_CAMPAIGN,
        lane=HOUSE_LANE,
        who=staff_id.to_bytes(8, "big"),
        device=NO_DEVICE,
        expires_at=expires_at,
    )
    return mint_token(token_keys(app), claims)


def read_claims(app: App, authorization: str | None, door: Door) -> Claims | Refusal:
    """What a header `Bearer <token>` says. Refuses UNAUTHENTICATED, TOKEN_EXPIRED, and FORBIDDEN
    for the pass of another door."""
    return claims_in(token_keys(app), authorization, door, app.clock())


def claims_in(
    keys: TokenKeys, authorization: str | None, door: Door, now: datetime
) -> Claims | Refusal:
    """The same, for whoever holds the keys and knows the time already."""
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return Refusal.UNAUTHENTICATED
    claims = read_token(keys, text.strip(), now)
    if isinstance(claims, Refusal):
        return claims
    return claims if claims.door is door else Refusal.FORBIDDEN


def read_consumer(request: Request[Any, Any, Any], house: House) -> ConsumerCaller:
    """The registered person who asks."""
    claims = accepted(read_claims(house, request.headers.get("authorization"), Door.CONSUMER))
    return ConsumerCaller(
        campaign_id=claims.campaign_id, lane=claims.lane, pid=claims.who, device=claims.device
    )


def read_cashier(request: Request[Any, Any, Any], house: House) -> CashierCaller:
    """The cashier who asks."""
    claims = accepted(read_claims(house, request.headers.get("authorization"), Door.TILL))
    return CashierCaller(cashier_id=int.from_bytes(claims.who, "big"))


async def read_official(request: Request[Any, Any, Any], house: House) -> Official:
    """The official who asks, with role and city as they are now."""
    claims = accepted(read_claims(house, request.headers.get("authorization"), Door.CONSOLE))
    found = await official(house, int.from_bytes(claims.who, "big"))
    if found is None:
        raise RefusedError(Refusal.UNAUTHENTICATED)
    return found


def city_shown_to(caller: Official) -> str | None:
    """The one city this official may look at, or None for the whole province."""
    return caller.city if caller.role is Role.CITY_SUPERVISOR else None


def _campaigns(state: State) -> CampaignCache:
    found: CampaignCache = state.campaigns
    return found


def _limits(state: State) -> Limits:
    found: Limits = state.limits
    return found


CALLERS = {
    "consumer": Provide(read_consumer, sync_to_thread=False),
    "cashier": Provide(read_cashier, sync_to_thread=False),
    "official": Provide(read_official),
    "campaigns": Provide(_campaigns, sync_to_thread=False),
    "limits": Provide(_limits, sync_to_thread=False),
}
