"""Eligibility: who may register, who may enter, and in which order they are told why not."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from huiquan.domain.consents import Consent, ConsentKind, revoke, standing_of
from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI, day_of
from huiquan.domain.eligibility import (
    Applicant,
    Application,
    EntryDecision,
    EntryFacts,
    EntryRules,
    Registered,
    RegistrationFacts,
    decide_application,
    decide_entry,
    decide_registration,
)
from huiquan.domain.people import DocumentKind, IdentityAnswer
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Place

NOW = datetime(2026, 2, 6, 10, 0, 1, tzinfo=SHANGHAI)
WUHAN = Place(
    city="420100",
    city_zh="武汉市",
    city_en="Wuhan",
    county="420102",
    county_zh="江岸区",
    cell="30.59N114.30E",
    near_border=False,
    accuracy_m=20,
    datum=Datum.WGS84,
    taken_at=NOW - timedelta(seconds=3),
)
CONSENTS = tuple(Consent(kind=kind, version="2026-1", granted_at=NOW) for kind in ConsentKind)

GOOD_FORM = Application(
    agreed=frozenset(ConsentKind),
    agreed_version="2026-1",
    name="李 四",
    document_kind=DocumentKind.RESIDENT_ID,
    document_number="11010519491231002x",
    place=WUHAN,
    notice_version="2026-1",
    min_age=18,
)

# Each row spoils one thing more; the answer is always the first that a person can put right.
SPOILT_FORMS = [
    ({"place": Refusal.OUTSIDE_AREA}, Refusal.OUTSIDE_AREA),
    ({"document_number": "110105200802070027", "min_age": 18}, Refusal.UNDER_AGE),
    ({"document_number": "110105194912310021"}, Refusal.BAD_DOCUMENT),
    ({"name": "李"}, Refusal.BAD_NAME),
    ({"agreed_version": "2025-9"}, Refusal.CONSENT_OUTDATED),
    ({"agreed": frozenset()}, Refusal.CONSENT_MISSING),
]


def applicant() -> Applicant:
    outcome = decide_application(GOOD_FORM, NOW)
    assert isinstance(outcome, Applicant)
    return outcome


@pytest.mark.requirement("R1.1")
def test_a_good_form_is_read_into_its_one_written_form() -> None:
    read = applicant()
    assert (read.name, read.document.number) == ("李四", "11010519491231002X")
    assert read.place == WUHAN
    assert {consent.kind for consent in read.consents} == set(ConsentKind)


@pytest.mark.parametrize("spoilt", range(len(SPOILT_FORMS)))
def test_the_first_thing_to_put_right_is_the_answer(spoilt: int) -> None:
    form = GOOD_FORM
    for change, _ in SPOILT_FORMS[: spoilt + 1]:
        form = replace(form, **change)  # type: ignore[arg-type]
    assert decide_application(form, NOW) is SPOILT_FORMS[spoilt][1]


def test_the_age_counts_on_the_day_in_shanghai() -> None:
    """Born on 7 February 2008: of age from midnight in Hubei, while it is still the 6th in UTC."""
    form = replace(GOOD_FORM, document_number="110105200802070027")
    midnight = datetime(2026, 2, 7, tzinfo=SHANGHAI)
    before = midnight - timedelta(microseconds=1)
    assert decide_application(form, before) is Refusal.UNDER_AGE
    assert isinstance(decide_application(form, midnight.astimezone(UTC)), Applicant)


def test_a_birth_date_to_come_is_a_wrong_document() -> None:
    form = replace(GOOD_FORM, document_number="110105209902070025", min_age=0)
    assert decide_application(form, NOW) is Refusal.BAD_DOCUMENT


def test_a_passport_passes_the_age_check_for_it_tells_no_age() -> None:
    form = replace(GOOD_FORM, document_kind=DocumentKind.PASSPORT, document_number="E12345678")
    assert isinstance(decide_application(form, NOW), Applicant)


SPOILT_FACTS = [
    ({"phone_is_taken": True}, Refusal.PHONE_IN_USE),
    ({"person_is_registered": True}, Refusal.ALREADY_REGISTERED),
    ({"is_excluded": True}, Refusal.EXCLUDED),
    ({"identity": IdentityAnswer.MISMATCH}, Refusal.IDENTITY_MISMATCH),
]


def registration_facts() -> RegistrationFacts:
    return RegistrationFacts(
        applicant=applicant(),
        identity=IdentityAnswer.MATCH,
        is_excluded=False,
        person_is_registered=False,
        phone_is_taken=False,
    )


@pytest.mark.requirement("R3.4")
def test_a_real_and_new_person_is_registered() -> None:
    outcome = decide_registration(registration_facts(), NOW)
    assert outcome == Registered(applicant=applicant(), registered_at=NOW)


@pytest.mark.parametrize("spoilt", range(len(SPOILT_FACTS)))
def test_a_person_must_be_real_allowed_and_not_here_already(spoilt: int) -> None:
    facts = registration_facts()
    for change, _ in SPOILT_FACTS[: spoilt + 1]:
        facts = replace(facts, **change)  # type: ignore[arg-type]
    assert decide_registration(facts, NOW) is SPOILT_FACTS[spoilt][1]


RULES = EntryRules(
    rulebook_version=3,
    starts_on=date(2026, 2, 6),
    ends_on=date(2026, 3, 31),
    opens=time(10),
    closes=time(22),
    wins_limit=5,
    needs_location=True,
)
STANDING = EntryFacts(
    consents=standing_of(CONSENTS),
    is_excluded=False,
    is_suspended=False,
    place=WUHAN,
    entered_today=False,
    wins=0,
    undrawn=0,
    stock_left=True,
)

SPOILT_STANDINGS = [
    ({"stock_left": False}, Refusal.NO_STOCK_TODAY),
    ({"wins": 5}, Refusal.WIN_LIMIT_REACHED),
    ({"entered_today": True}, Refusal.ALREADY_ENTERED),
    ({"place": Refusal.LOCATION_STALE}, Refusal.LOCATION_STALE),
    ({"is_suspended": True}, Refusal.SUSPENDED),
    ({"is_excluded": True}, Refusal.EXCLUDED),
    ({"consents": standing_of(CONSENTS[:1])}, Refusal.CONSENT_MISSING),
    (
        {"consents": standing_of(revoke(CONSENTS, {ConsentKind.LOCATION}, NOW))},
        Refusal.CONSENT_REVOKED,
    ),
    ({"consents": None}, Refusal.NOT_REGISTERED),
]


@pytest.mark.requirement("R1.3")
def test_a_person_in_good_standing_may_enter() -> None:
    outcome = decide_entry(STANDING, RULES, NOW)
    assert isinstance(outcome, EntryDecision)
    assert outcome.decided_at == NOW


@pytest.mark.parametrize("spoilt", range(len(SPOILT_STANDINGS)))
def test_the_first_failed_check_of_an_entry_is_the_answer(spoilt: int) -> None:
    facts = STANDING
    for change, _ in SPOILT_STANDINGS[: spoilt + 1]:
        facts = changed(facts, **change)  # type: ignore[arg-type]
    assert decide_entry(facts, RULES, NOW) is SPOILT_STANDINGS[spoilt][1]


HOURS = [
    (datetime(2026, 2, 5, 12, tzinfo=SHANGHAI), Refusal.NOT_YET_OPEN),
    (datetime(2026, 2, 6, 9, 59, 59, 999999, tzinfo=SHANGHAI), Refusal.NOT_YET_OPEN),
    (datetime(2026, 2, 6, 10, tzinfo=SHANGHAI), None),
    (datetime(2026, 2, 6, 21, 59, 59, 999999, tzinfo=SHANGHAI), None),
    (datetime(2026, 2, 6, 22, tzinfo=SHANGHAI), Refusal.CLOSED_FOR_TODAY),
    (datetime(2026, 3, 31, 21, 59, tzinfo=SHANGHAI), None),
    (datetime(2026, 3, 31, 23, 0, tzinfo=SHANGHAI), Refusal.CLOSED_FOR_TODAY),
    (datetime(2026, 4, 1, 12, tzinfo=SHANGHAI), Refusal.CAMPAIGN_ENDED),
]


@pytest.mark.parametrize(("now", "refusal"), HOURS, ids=lambda value: str(value))
def test_entering_is_open_from_the_opening_to_the_closing_minute(
    now: datetime, refusal: Refusal | None
) -> None:
    outcome = decide_entry(STANDING, RULES, now)
    assert outcome is refusal or (refusal is None and isinstance(outcome, EntryDecision))


def test_without_a_closing_time_a_day_is_open_to_its_last_instant() -> None:
    rules = replace(RULES, closes=None)
    last = datetime(2026, 2, 6, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    assert isinstance(decide_entry(STANDING, rules, last), EntryDecision)
    after = last + timedelta(microseconds=1)
    assert decide_entry(STANDING, rules, after) is Refusal.NOT_YET_OPEN


@pytest.mark.requirement("R1.4")
@given(st.integers(0, 8), st.integers(0, 8), st.integers(1, 8))
def test_wins_and_waiting_entries_together_never_pass_the_limit(
    wins: int, undrawn: int, wins_limit: int
) -> None:
    facts = changed(STANDING, wins=wins, undrawn=undrawn)
    outcome = decide_entry(facts, replace(RULES, wins_limit=wins_limit), NOW)
    may_enter = isinstance(outcome, EntryDecision)
    assert may_enter == (wins + undrawn + 1 <= wins_limit)


def test_a_campaign_that_asks_no_location_takes_none() -> None:
    facts = changed(STANDING, place=Refusal.LOCATION_MISSING)
    outcome = decide_entry(facts, replace(RULES, needs_location=False), NOW)
    assert isinstance(outcome, EntryDecision)
    assert json.loads(outcome.evidence) == {
        "decided_at": "2026-02-06T10:00:01.000+08:00",
        "rulebook_version": 3,
    }


def test_the_evidence_says_what_was_known_and_never_the_exact_point() -> None:
    outcome = decide_entry(STANDING, RULES, NOW.astimezone(UTC))
    assert isinstance(outcome, EntryDecision)
    assert json.loads(outcome.evidence) == {
        "accuracy_m": 20,
        "cell": "30.59N114.30E",
        "city": "420100",
        "county": "420102",
        "datum": "wgs84",
        "decided_at": "2026-02-06T10:00:01.000+08:00",
        "located_at": "2026-02-06T09:59:58.000+08:00",
        "near_border": False,
        "rulebook_version": 3,
    }


@given(
    st.integers(0, 1000),
    st.booleans(),
    st.sampled_from(Datum),
    st.datetimes(datetime(2026, 2, 6, 10), datetime(2026, 2, 6, 21, 59)),
    st.integers(1, 10**6),
)
def test_the_evidence_is_canonical_json(
    accuracy_m: int, near_border: bool, datum: Datum, at: datetime, version: int
) -> None:
    now = at.replace(tzinfo=SHANGHAI)
    place = changed(WUHAN, accuracy_m=accuracy_m, near_border=near_border, datum=datum)
    facts = changed(STANDING, place=place)
    outcome = decide_entry(facts, replace(RULES, rulebook_version=version), now)
    assert isinstance(outcome, EntryDecision)
    assert outcome.evidence == rfc8785.dumps(json.loads(outcome.evidence))
    assert day_of(now) == date(2026, 2, 6)
