"""Consents: two things are agreed to, each by itself, and taken back as easily."""

from datetime import UTC, datetime, timedelta

import pytest

from huiquan.domain.consents import (
    Consent,
    ConsentKind,
    decide_consents,
    revoke,
    standing_of,
    standing_refusal,
)
from huiquan.domain.refusals import Refusal

NOW = datetime(2026, 2, 6, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
BOTH = frozenset(ConsentKind)


def given_consents() -> tuple[Consent, ...]:
    consents = decide_consents(BOTH, "2026-1", "2026-1", NOW)
    assert not isinstance(consents, Refusal)
    return consents


@pytest.mark.requirement("R1.1")
def test_identity_and_location_are_agreed_to_each_by_itself() -> None:
    consents = given_consents()
    assert {consent.kind for consent in consents} == BOTH
    assert {consent.granted_at for consent in consents} == {NOW}
    assert standing_refusal(standing_of(consents)) is None


@pytest.mark.parametrize("agreed", [(), (ConsentKind.IDENTITY,), (ConsentKind.LOCATION,)])
def test_one_consent_is_not_enough(agreed: tuple[ConsentKind, ...]) -> None:
    assert decide_consents(agreed, "2026-1", "2026-1", NOW) is Refusal.CONSENT_MISSING


def test_consent_to_an_old_notice_does_not_count() -> None:
    assert decide_consents(BOTH, "2026-1", "2026-2", NOW) is Refusal.CONSENT_OUTDATED


def test_what_is_taken_back_stops_taking_part() -> None:
    revoked = revoke(given_consents(), {ConsentKind.LOCATION}, LATER)
    assert standing_refusal(standing_of(revoked)) is Refusal.CONSENT_REVOKED
    assert {each.kind: each.revoked_at for each in revoked} == {
        ConsentKind.IDENTITY: None,
        ConsentKind.LOCATION: LATER,
    }


def test_taking_back_twice_keeps_the_first_moment() -> None:
    once = revoke(given_consents(), BOTH, LATER)
    assert revoke(once, BOTH, LATER + timedelta(days=1)) == once


def test_nothing_agreed_is_missing_and_not_revoked() -> None:
    assert standing_refusal(standing_of(())) is Refusal.CONSENT_MISSING
    assert standing_refusal(standing_of(given_consents()[:1])) is Refusal.CONSENT_MISSING
