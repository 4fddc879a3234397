"""Registering, and signing in again: the code, the form, the pass.  报名与登录"""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, post
from msgspec import Meta

from huiquan.actions.register_consumer import RegistrationRequest, register_consumer
from huiquan.actions.send_sms_code import send_sms_code
from huiquan.actions.sign_in_consumer import sign_in_consumer
from huiquan.app import App
from huiquan.domain.consents import ConsentKind
from huiquan.domain.people import DocumentKind
from huiquan.domain.sms_codes import VALID, WAIT
from huiquan.views.people import Card, card
from huiquan.web import limits as allowances
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import CONSUMER_SESSION, Campaigns, Doorkeeper, House, consumer_token
from huiquan.web.limits import address_of
from huiquan.web.wire import (
    CampaignNumber,
    Device,
    Line,
    RequestKeyText,
    SentLocation,
    Wire,
    shanghai,
)

SmsCodeText = Annotated[str, Meta(max_length=32)]


class SmsAsked(Wire):
    """Ask for a code."""

    campaign: CampaignNumber
    phone: Line


class SmsSent(Wire):
    """A code is on its way; the next may be asked for after wait_s."""

    wait_s: int
    valid_s: int


class SentDocument(Wire):
    """The identity document as it was typed."""

    kind: DocumentKind
    number: Line


class SentConsents(Wire):
    """Two separate consents (单独同意), and the version of the notice that was read."""

    identity: bool
    location: bool
    version: Line


class Registering(Wire):
    """A registration (报名)."""

    request_key: RequestKeyText
    campaign: CampaignNumber
    phone: Line
    sms_code: SmsCodeText
    name: Line
    document: SentDocument
    consents: SentConsents
    location: SentLocation
    device: Device


class SigningIn(Wire):
    """A registered person returns."""

    campaign: CampaignNumber
    phone: Line
    sms_code: SmsCodeText
    device: Device


class Registered(Wire):
    """Who is signed in, masked, and the pass."""

    token: str
    expires_at: datetime
    registration_no: str
    city: str
    city_zh: str
    city_en: str
    county_zh: str | None
    county_en: str | None
    name_masked: str
    document_masked: str
    phone_masked: str
    registered_at: datetime


@post(
    "/api/v1/sms-codes",
    operation_id="sendSmsCode",
    summary="Send a code to a phone",
    tags=["consumer"],
    status_code=202,
    response_headers=[NO_STORE],
)
async def send_code(
    data: SmsAsked,
    house: House,
    campaigns: Campaigns,
    limits: Doorkeeper,
    request: Request[Any, Any, Any],
) -> SmsSent:
    """Send six digits to a mainland mobile phone."""
    accepted(campaigns.asked(data.campaign))
    limits.take(allowances.SMS_OF_ADDRESS, address_of(request))
    limits.take_phone(allowances.SMS_OF_PHONE, data.phone)
    accepted(await send_sms_code(house, data.phone), {"wait_s": WAIT.seconds})
    return SmsSent(wait_s=WAIT.seconds, valid_s=VALID.seconds)


@post(
    "/api/v1/registrations",
    operation_id="register",
    summary="Register",
    tags=["consumer"],
    response_headers=[NO_STORE],
)
async def register(
    data: Registering,
    house: House,
    campaigns: Campaigns,
    limits: Doorkeeper,
    request: Request[Any, Any, Any],
) -> Registered:
    """Register for a campaign; the pass ends a session's length after the registration (R1.1)."""
    campaign = accepted(campaigns.asked(data.campaign))
    limits.take(allowances.SIGN_IN_OF_ADDRESS, address_of(request))
    limits.take_phone(allowances.SIGN_IN_OF_PHONE, data.phone)
    agreed = {
        ConsentKind.IDENTITY: data.consents.identity,
        ConsentKind.LOCATION: data.consents.location,
    }
    registrant = accepted(
        await register_consumer(
            house,
            RegistrationRequest(
                campaign=campaign,
                request_key=data.request_key,
                phone=data.phone,
                sms_code=data.sms_code,
                name=data.name,
                document_kind=data.document.kind,
                document_number=data.document.number,
                agreed=frozenset(kind for kind, is_given in agreed.items() if is_given),
                agreed_version=data.consents.version,
                location=data.location.read(),
                device=data.device,
            ),
        )
    )
    shown = accepted(await card(house, campaign.campaign_id, registrant))
    token, expires_at = _pass(
        house,
        campaign.campaign_id,
        registrant.lane,
        registrant.pid,
        data.device,
        shown.registered_at,
    )
    return _registered(shown, token, expires_at)


@post(
    "/api/v1/sessions",
    operation_id="signIn",
    summary="Sign in again",
    tags=["consumer"],
    response_headers=[NO_STORE],
)
async def sign_in(
    data: SigningIn,
    house: House,
    campaigns: Campaigns,
    limits: Doorkeeper,
    request: Request[Any, Any, Any],
) -> Registered:
    """Give a registered person a new pass for this device."""
    campaign = accepted(campaigns.asked(data.campaign))
    limits.take(allowances.SIGN_IN_OF_ADDRESS, address_of(request))
    limits.take_phone(allowances.SIGN_IN_OF_PHONE, data.phone)
    registrant = accepted(await sign_in_consumer(house, campaign, data.phone, data.sms_code))
    shown = accepted(await card(house, campaign.campaign_id, registrant))
    token, expires_at = _pass(
        house, campaign.campaign_id, registrant.lane, registrant.pid, data.device, house.clock()
    )
    return _registered(shown, token, expires_at)


def _pass(
    house: App, campaign_id: int, lane: int, pid: bytes, device: str, since: datetime
) -> tuple[str, datetime]:
    expires_at = (since + CONSUMER_SESSION).replace(microsecond=0)
    return consumer_token(house, campaign_id, lane, pid, device, expires_at), expires_at


def _registered(shown: Card, token: str, expires_at: datetime) -> Registered:
    return Registered(
        token=token,
        expires_at=shanghai(expires_at),
        registration_no=shown.registration_no,
        city=shown.city,
        city_zh=shown.city_zh,
        city_en=shown.city_en,
        county_zh=shown.county_zh,
        county_en=shown.county_en,
        name_masked=shown.name_masked,
        document_masked=shown.document_masked,
        phone_masked=shown.phone_masked,
        registered_at=shanghai(shown.registered_at),
    )


ROUTES = (send_code, register, sign_in)
