"""Eligibility: who may register, and who may enter today's draw.  参与资格

The first failed check is the answer, in the order in which a person can put things right.
Registering has two steps, because an outsider is asked between them: `decide_application` reads
the form, then the identity authority is asked, then `decide_registration` has the last word.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

import msgspec

from huiquan.domain.consents import (
    Consent,
    ConsentKind,
    ConsentStanding,
    decide_consents,
    standing_refusal,
)
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import day_of, ends_at, moment, written
from huiquan.domain.people import (
    Document,
    DocumentKind,
    IdentityAnswer,
    normalise_document,
    normalise_name,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Place


@dataclass(frozen=True, kw_only=True)
class Application:
    """A form as it came in; `place` is what `regions.locate` said of the phone's location."""

    agreed: Collection[ConsentKind]
    agreed_version: str
    name: str
    document_kind: DocumentKind
    document_number: str
    place: Place | Refusal
    notice_version: str
    min_age: int


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """A form that holds by itself: everything in its one written form."""

    name: str
    document: Document
    place: Place
    consents: tuple[Consent, ...]


@dataclass(frozen=True, kw_only=True)
class RegistrationFacts:
    """What the authority and the tables say about an applicant."""

    applicant: Applicant
    identity: IdentityAnswer
    is_excluded: bool
    person_is_registered: bool
    phone_is_taken: bool


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A person may take part from now on."""

    applicant: Applicant
    registered_at: datetime


def decide_application(application: Application, now: datetime) -> Applicant | Refusal:
    """Read a form and say whether it is worth asking the identity authority.  报名表 (R1.1)

    Refuses for the consents, BAD_NAME, BAD_DOCUMENT, UNDER_AGE, then for the location. A
    document that does not tell the birth date passes the age check: the campaign that must be
    sure of every age has to ask it of the authority.
    """
    consents = decide_consents(
        application.agreed, application.agreed_version, application.notice_version, now
    )
    if isinstance(consents, Refusal):
        return consents
    name = normalise_name(application.document_kind, application.name)
    if isinstance(name, Refusal):
        return name
    document = normalise_document(application.document_kind, application.document_number)
    if isinstance(document, Refusal):
        return document
    age = document.age_on(day_of(now))
    if age is not None and age < application.min_age:
        return Refusal.UNDER_AGE if age >= 0 else Refusal.BAD_DOCUMENT
    if isinstance(application.place, Refusal):
        return application.place
    return Applicant(name=name, document=document, place=application.place, consents=consents)


def decide_registration(facts: RegistrationFacts, now: datetime) -> Registered | Refusal:
    """Say whether an applicant is registered: real, allowed, and not here already.  报名

    Refuses IDENTITY_MISMATCH, EXCLUDED, ALREADY_REGISTERED, PHONE_IN_USE.
    """
    if facts.identity is not IdentityAnswer.MATCH:
        return Refusal.IDENTITY_MISMATCH
    if facts.is_excluded:
        return Refusal.EXCLUDED
    if facts.person_is_registered:
        return Refusal.ALREADY_REGISTERED
    if facts.phone_is_taken:
        return Refusal.PHONE_IN_USE
    return Registered(applicant=facts.applicant, registered_at=now)


@dataclass(frozen=True, kw_only=True)
class EntryRules:
    """What the rulebook in force says about entering. `closes` None means 24:00."""

    rulebook_version: int
    starts_on: date
    ends_on: date
    opens: time
    closes: time | None
    wins_limit: int
    needs_location: bool


class EntryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a person stands today. `undrawn` counts entries whose outcome is not known yet.

    A Struct and not a dataclass, for the rush makes millions of them.
    """

    consents: ConsentStanding | None  # None: not registered
    is_excluded: bool
    is_suspended: bool
    place: Place | Refusal
    entered_today: bool
    wins: int
    undrawn: int
    stock_left: bool


class EntryDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A person may enter. `evidence` is the decision in bytes, the same wherever it is written."""

    decided_at: datetime
    evidence: bytes


def decide_entry(facts: EntryFacts, rules: EntryRules, now: datetime) -> EntryDecision | Refusal:
    """Say whether a person may enter the draw now.  参与摇号 (R1.3, R1.4)

    Undrawn entries count as wins until they are known: otherwise a person at the limit could win
    once more while an outcome is waiting.
    """
    return moment_of_entering(rules, now).decide(facts)


@dataclass(frozen=True, kw_only=True)
class MomentOfEntering:
    """What is the same for everyone who enters at one moment, found out once for all of them."""

    rules: EntryRules
    now: datetime
    now_text: str
    hours_refusal: Refusal | None

    def decide(self, facts: EntryFacts) -> EntryDecision | Refusal:
        """The decision for one of them."""
        refusal = (
            _standing_refusal(facts)
            or self.hours_refusal
            or _place_refusal(facts, self.rules)
            or _limit_refusal(facts, self.rules)
        )
        if refusal:
            return refusal
        evidence = _evidence(facts.place, self.rules.rulebook_version, self.now_text)
        return EntryDecision(decided_at=self.now, evidence=evidence)


def moment_of_entering(rules: EntryRules, now: datetime) -> MomentOfEntering:
    """The moment under these rules."""
    return MomentOfEntering(
        rules=rules, now=now, now_text=written(now), hours_refusal=_hours_refusal(rules, now)
    )


def _standing_refusal(facts: EntryFacts) -> Refusal | None:
    """NOT_REGISTERED, CONSENT_REVOKED or _MISSING, EXCLUDED, SUSPENDED."""
    if facts.consents is None:
        return Refusal.NOT_REGISTERED
    consent_refusal = standing_refusal(facts.consents)
    if consent_refusal:
        return consent_refusal
    if facts.is_excluded:
        return Refusal.EXCLUDED
    if facts.is_suspended:
        return Refusal.SUSPENDED
    return None


def _hours_refusal(rules: EntryRules, now: datetime) -> Refusal | None:
    """NOT_YET_OPEN, CLOSED_FOR_TODAY, CAMPAIGN_ENDED. Open while opens <= now < closes."""
    today = day_of(now)
    if today < rules.starts_on:
        return Refusal.NOT_YET_OPEN
    if today > rules.ends_on:
        return Refusal.CAMPAIGN_ENDED
    if now < moment(today, rules.opens):
        return Refusal.NOT_YET_OPEN
    closes_at = moment(today, rules.closes) if rules.closes else ends_at(today)
    return Refusal.CLOSED_FOR_TODAY if now >= closes_at else None


def _place_refusal(facts: EntryFacts, rules: EntryRules) -> Refusal | None:
    """What was wrong with the location, if the rulebook asks for one."""
    if rules.needs_location and isinstance(facts.place, Refusal):
        return facts.place
    return None


def _limit_refusal(facts: EntryFacts, rules: EntryRules) -> Refusal | None:
    """ALREADY_ENTERED, WIN_LIMIT_REACHED, NO_STOCK_TODAY."""
    if facts.entered_today:
        return Refusal.ALREADY_ENTERED
    if facts.wins + facts.undrawn >= rules.wins_limit:
        return Refusal.WIN_LIMIT_REACHED
    return None if facts.stock_left else Refusal.NO_STOCK_TODAY


class _Evidence(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was decided and on what grounds; the fields stand in the order of canonical JSON."""

    accuracy_m: int | None = None
    cell: str | None = None
    city: str | None = None
    county: str | None = None
    datum: Datum | None = None
    decided_at: str
    located_at: str | None = None
    near_border: bool | None = None
    rulebook_version: int


_write = msgspec.json.Encoder().encode


def _evidence(place: Place | Refusal, rulebook_version: int, now_text: str) -> bytes:
    """The evidence as canonical JSON (RFC 8785).

    Keys are sorted, values are whole numbers, true, false and ASCII text, so the plain encoder
    already writes the canonical form. A location that was not asked for is left out.
    """
    if isinstance(place, Refusal):
        return _write(_Evidence(decided_at=now_text, rulebook_version=rulebook_version))
    return _write(
        _Evidence(
            accuracy_m=place.accuracy_m,
            cell=place.cell,
            city=place.city,
            county=place.county,
            datum=place.datum,
            decided_at=now_text,
            located_at=written(place.taken_at),
            near_border=place.near_border,
            rulebook_version=rulebook_version,
        )
    )
