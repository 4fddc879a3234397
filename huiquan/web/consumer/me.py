"""My page: what the house knows of me, masked, and my consents.  我的"""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from litestar import get, post
from msgspec import Meta

from huiquan.actions.grant_consents import Granting, grant_consents
from huiquan.actions.revoke_consents import revoke_consents
from huiquan.app import App
from huiquan.domain.consents import ConsentKind
from huiquan.domain.days import day_number
from huiquan.domain.rulebook_days import day_to_show
from huiquan.views import people
from huiquan.views.list_outcomes import is_list, list_draw_of_day
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Campaigns, Consumer, ConsumerCaller, House
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.wire import Line, RequestKeyText, Wire, shanghai

Kinds = Annotated[list[ConsentKind], Meta(min_length=1, max_length=2)]


class ShownConsent(Wire):
    """One consent and its life."""

    kind: str
    granted_at: datetime
    revoked_at: datetime | None


class Me(Wire):
    """My own page, masked."""

    registration_no: str
    name_masked: str
    document_masked: str
    phone_masked: str
    city_zh: str
    city_en: str
    wins_count: int
    wins_limit: int
    entered_days: int
    today: str
    consents: list[ShownConsent]


class Revoking(Wire):
    """Take consents back (撤回同意)."""

    request_key: RequestKeyText
    kinds: Kinds


class GrantingAgain(Wire):
    """Agree again, under the notice that was read."""

    request_key: RequestKeyText
    kinds: Kinds
    version: Line


@get(
    "/api/v1/me",
    operation_id="getMe",
    summary="My page",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_me(house: House, campaigns: Campaigns, consumer: Consumer) -> Me:
    """The caller's own page."""
    return await _me(house, campaigns, consumer)


@post(
    "/api/v1/me/consents/revoke",
    operation_id="revokeConsents",
    summary="Take consents back",
    tags=["consumer"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def revoke(data: Revoking, house: House, campaigns: Campaigns, consumer: Consumer) -> Me:
    """Take consents back; the caller cannot enter any more until they agree again."""
    kinds = frozenset(data.kinds)
    accepted(
        await revoke_consents(
            house, consumer.campaign_id, consumer.registrant, kinds, data.request_key
        )
    )
    return await _me(house, campaigns, consumer)


@post(
    "/api/v1/me/consents/grant",
    operation_id="grantConsents",
    summary="Agree again",
    tags=["consumer"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def grant(data: GrantingAgain, house: House, campaigns: Campaigns, consumer: Consumer) -> Me:
    """Let consents stand again."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    granting = Granting(
        kinds=frozenset(data.kinds), version=data.version, request_key=data.request_key
    )
    accepted(await grant_consents(house, campaign, consumer.registrant, granting))
    return await _me(house, campaigns, consumer)


async def _me(house: App, campaigns: CampaignCache, consumer: ConsumerCaller) -> Me:
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    now = house.clock()
    day = day_number(day_to_show(campaign.rulebook_at(now), now))
    shown = accepted(await people.me(house, consumer.campaign_id, consumer.registrant, day))
    today = shown.today.value
    if is_list(campaign) and shown.today is not people.Today.NOT_ENTERED:
        drawn = await list_draw_of_day(house, campaign, consumer.lane, consumer.pid, day)
        today = accepted(drawn).state
    return Me(
        registration_no=shown.card.registration_no,
        name_masked=shown.card.name_masked,
        document_masked=shown.card.document_masked,
        phone_masked=shown.card.phone_masked,
        city_zh=shown.card.city_zh,
        city_en=shown.card.city_en,
        wins_count=shown.wins_count,
        wins_limit=campaign.rulebook_at(now).limits.wins_per_campaign,
        entered_days=shown.entered_days,
        today=today,
        consents=_consents(shown.consents),
    )


def _consents(lines: Collection[people.ConsentLine]) -> list[ShownConsent]:
    return [
        ShownConsent(
            kind=line.kind,
            granted_at=shanghai(line.granted_at),
            revoked_at=shanghai(line.revoked_at) if line.revoked_at else None,
        )
        for line in lines
    ]


ROUTES = (get_me, revoke, grant)
