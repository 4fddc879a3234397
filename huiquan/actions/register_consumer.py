"""Register a person for a campaign: real, unique, in Hubei, with consent.  报名"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from huiquan.app import App
from huiquan.db import audit, consents, phones, registrations, requests, sms_codes
from huiquan.db.connection import Tx
from huiquan.db.registrations import RegistrationRow, TakenError
from huiquan.db.requests import RequestKey
from huiquan.domain.campaigns import Campaign
from huiquan.domain.consents import ConsentKind
from huiquan.domain.days import SHANGHAI
from huiquan.domain.eligibility import (
    Applicant,
    Application,
    Registered,
    RegistrationFacts,
    decide_application,
    decide_registration,
)
from huiquan.domain.lottery import lane_of, pid_of
from huiquan.domain.people import DocumentKind, IdentityAnswer, person_key
from huiquan.domain.phones import normalise_phone
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Location, LocationRules, Place, locate
from huiquan.domain.registrants import (
    Registrant,
    registration_no_from_random,
    sealing_context,
)
from huiquan.domain.rulebook_days import Phase, phase_at
from huiquan.domain.sms_codes import SmsCode, decide_sms_code, sms_code_hash
from huiquan.gateways.faults import OutsiderFault


@dataclass(frozen=True, kw_only=True)
class RegistrationRequest:
    """A form as it came in, with the code from the phone and the key of the request."""

    campaign: Campaign
    request_key: str
    phone: str = field(repr=False)
    sms_code: str = field(repr=False)
    name: str = field(repr=False)
    document_kind: DocumentKind
    document_number: str = field(repr=False)
    agreed: Collection[ConsentKind]
    agreed_version: str
    location: Location = field(repr=False)
    device: str


@dataclass(frozen=True, kw_only=True)
class _Filing:
    """A form on its way through the house: who it is, under which keys, at which moment."""

    campaign: Campaign
    request: RequestKey
    phone: str = field(repr=False)
    phone_key: bytes
    now: datetime


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """What was found out before the last word: the form, the right code, the authority's answer."""

    applicant: Applicant
    code: SmsCode
    identity: IdentityAnswer
    identity_checked_at: datetime


async def register_consumer(app: App, request: RegistrationRequest) -> Registrant | Refusal:
    """Register a person, or say the first reason why not.

    The same request asked again gives the same registration. The form is read first, then the
    phone is proven, then the identity authority is asked, and only then a transaction decides and
    writes. Of two at one moment for one person or one phone, one is registered. Refuses
    CAMPAIGN_ENDED, BAD_PHONE, REQUEST_KEY_REUSED, SMS_CODE_WRONG (counted), SMS_CODE_EXPIRED,
    IDENTITY_UNAVAILABLE, and as `decide_application` and `decide_registration` do.
    (R1.1, R2.1, R3.3, R3.4)
    """
    phone = normalise_phone(request.phone)
    if isinstance(phone, Refusal):
        return phone
    phone_key = app.vault.index("phone", phone)
    filing = _Filing(
        campaign=request.campaign,
        request=_request_key(app, request, phone, phone_key),
        phone=phone,
        phone_key=phone_key,
        now=app.clock(),
    )
    earlier = await _earlier(app, filing)
    if earlier is not None:
        return earlier
    checked = await _check(app, request, filing)
    if isinstance(checked, Refusal):
        # The same request at the same moment may have used the code up: then that is the answer.
        return await _earlier(app, filing) or checked
    try:
        async with app.db.transaction() as tx:
            return await _register(app, tx, filing, checked)
    except TakenError as taken:
        return taken.refusal


def _request_key(
    app: App, request: RegistrationRequest, phone: str, phone_key: bytes
) -> RequestKey:
    """What makes two requests the same. The place is left out: a phone that asks again has taken
    a new fix. The words go in as a keyed hash, for they are personal data."""
    said = [
        request.campaign.campaign_id,
        phone,
        request.sms_code,
        request.name,
        request.document_kind.value,
        request.document_number,
        sorted(request.agreed),
        request.agreed_version,
        request.device,
    ]
    body = app.vault.index("registration", msgspec.json.encode(said).decode())
    return RequestKey(scope=f"register:{phone_key.hex()}", key=request.request_key, body=body)


async def _earlier(app: App, filing: _Filing) -> Registrant | Refusal | None:
    """The answer that was given to this request before, if it was."""
    async with app.db.transaction() as tx:
        return _answered(await requests.earlier_answer(tx, filing.request))


def _answered(answer: dict[str, Any] | Refusal | None) -> Registrant | Refusal | None:
    if isinstance(answer, dict):
        return Registrant(lane=answer["lane"], pid=bytes.fromhex(answer["pid"]))
    return answer


async def _check(app: App, request: RegistrationRequest, filing: _Filing) -> _Checked | Refusal:
    """Everything that is found out outside the transaction that registers."""
    applicant = _read_form(app, request, filing.now)
    if isinstance(applicant, Refusal):
        return applicant
    code = await _check_code(app, filing, request.sms_code)
    if isinstance(code, Refusal):
        return code
    try:
        identity = await app.identity.check(applicant.name, applicant.document)
    except OutsiderFault:
        return Refusal.IDENTITY_UNAVAILABLE
    return _Checked(
        applicant=applicant, code=code, identity=identity, identity_checked_at=app.clock()
    )


def _read_form(app: App, request: RegistrationRequest, now: datetime) -> Applicant | Refusal:
    rulebook = request.campaign.rulebook_at(now)
    if phase_at(rulebook, now) is Phase.ENDED:
        return Refusal.CAMPAIGN_ENDED
    rules = LocationRules(max_accuracy_m=rulebook.location.max_accuracy_m)
    application = Application(
        agreed=request.agreed,
        agreed_version=request.agreed_version,
        name=request.name,
        document_kind=request.document_kind,
        document_number=request.document_number,
        place=locate(app.regions, request.location, now, rules),
        notice_version=rulebook.consent_version,
        min_age=rulebook.min_age,
    )
    return decide_application(application, now)


async def _check_code(app: App, filing: _Filing, typed: str) -> SmsCode | Refusal:
    """Compare the code; a wrong try is counted in a transaction of its own, whatever follows."""
    typed_hash = sms_code_hash(app.keys.codes, filing.phone, typed)
    async with app.db.transaction() as tx:
        code = decide_sms_code(await sms_codes.lock(tx, filing.phone_key), typed_hash, filing.now)
        if code is Refusal.SMS_CODE_WRONG:
            await sms_codes.count_wrong_try(tx, filing.phone_key)
    return code


async def _register(app: App, tx: Tx, filing: _Filing, checked: _Checked) -> Registrant | Refusal:
    """Decide and write, with the request held. Raises TakenError when another was faster."""
    earlier = _answered(await requests.earlier_answer(tx, filing.request))
    if earlier is not None:
        return earlier
    campaign, applicant = filing.campaign, checked.applicant
    key = person_key(app.keys.lookup, applicant.document)
    pid = pid_of(app.keys.pseudonym[campaign.code], key)
    registrant = Registrant(lane=lane_of(campaign.lane_hash, pid, campaign.lanes), pid=pid)
    found = await registrations.uniqueness(
        tx,
        campaign_id=campaign.campaign_id,
        lane=registrant.lane,
        pid=pid,
        person_key=key,
        phone_key=filing.phone_key,
    )
    decided = decide_registration(
        RegistrationFacts(
            applicant=applicant,
            identity=checked.identity,
            is_excluded=found.is_excluded,
            person_is_registered=found.person_is_registered,
            phone_is_taken=found.phone_is_taken,
        ),
        filing.now,
    )
    if decided is Refusal.IDENTITY_MISMATCH:
        # One code buys five tries at a name, so that nobody uses us to find out whose number it is.
        await sms_codes.count_wrong_try(tx, filing.phone_key)
    if isinstance(decided, Refusal):
        return decided
    if not await sms_codes.mark_used(tx, filing.phone_key, checked.code.code_hash, filing.now):
        return Refusal.SMS_CODE_EXPIRED
    await _write(app, tx, filing, checked, decided, registrant, key)
    return registrant


async def _write(
    app: App,
    tx: Tx,
    filing: _Filing,
    checked: _Checked,
    decided: Registered,
    registrant: Registrant,
    key: bytes,
) -> None:
    """The registration, its consents, its phone, the answer to this request, a line of audit."""
    row = _row(app, filing, checked, decided, registrant, key)
    await registrations.record(tx, row)
    await consents.record(tx, row.campaign_id, registrant, decided.applicant.consents)
    await phones.record(tx, row.campaign_id, row.phone_key, registrant)
    pid = registrant.pid.hex()
    answer = {"lane": registrant.lane, "pid": pid}
    await requests.record_answer(tx, filing.request, answer, filing.now)
    await audit.note(
        tx,
        at=filing.now,
        actor=pid,
        tag="consumer:registered",
        subject=row.registration_no,
        detail={"campaign_id": row.campaign_id, "city": row.city},
    )


def _row(
    app: App,
    filing: _Filing,
    checked: _Checked,
    decided: Registered,
    registrant: Registrant,
    key: bytes,
) -> RegistrationRow:
    applicant = decided.applicant
    campaign_id = filing.campaign.campaign_id
    return RegistrationRow(
        campaign_id=campaign_id,
        lane=registrant.lane,
        pid=registrant.pid,
        registration_no=registration_no_from_random(app.random_bytes(8)),
        person_key=key,
        phone_key=filing.phone_key,
        sealed=app.vault.seal(
            {
                "name": applicant.name,
                "document": applicant.document.number,
                "phone": filing.phone,
            },
            sealing_context(campaign_id, registrant),
        ),
        document_kind=applicant.document.kind,
        city=applicant.place.city,
        county=applicant.place.county,
        evidence=_evidence(applicant.place),
        rulebook_version=filing.campaign.version_at(filing.now).version,
        identity_checked_at=checked.identity_checked_at,
        registered_at=decided.registered_at,
    )


def _evidence(place: Place) -> dict[str, Any]:
    """What the decision about the place rests on: a square of a kilometre, never the point."""
    return {
        "city": place.city,
        "county": place.county,
        "cell": place.cell,
        "near_border": place.near_border,
        "accuracy_m": place.accuracy_m,
        "datum": place.datum.value,
        "taken_at": place.taken_at.astimezone(SHANGHAI).isoformat(),
    }
