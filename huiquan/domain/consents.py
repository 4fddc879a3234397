"""Consents: what a person agreed to, in which wording, and when they took it back.  同意与撤回

    (none) --grant--> granted --revoke--> revoked --grant--> granted

Identity and location are sensitive personal information: each is agreed to by itself, and taking
consent back is as easy as giving it (Personal Information Protection Law, articles 15, 28, 29).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from huiquan.domain.refusals import Refusal


class ConsentKind(StrEnum):
    """What a person is asked to agree to; both are needed to take part (R1.1)."""

    IDENTITY = "identity"  # 证件号码、手机号、姓名
    LOCATION = "location"  # 实时位置


class ConsentStanding(StrEnum):
    """What all consents of a person say together. Revoked goes before missing: who took one back
    should be told so."""

    GIVEN = "given"
    MISSING = "missing"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One consent: its kind, the version of the notice agreed to, and its two moments."""

    kind: ConsentKind
    version: str
    granted_at: datetime
    revoked_at: datetime | None = None


def decide_consents(
    agreed: Collection[ConsentKind], version: str, notice_version: str, now: datetime
) -> tuple[Consent, ...] | Refusal:
    """Take down what a person ticked under a notice.

    Refuses CONSENT_MISSING unless every kind is ticked, CONSENT_OUTDATED if the notice that was
    read is not the one in force.
    """
    if set(agreed) != set(ConsentKind):
        return Refusal.CONSENT_MISSING
    if version != notice_version:
        return Refusal.CONSENT_OUTDATED
    return tuple(Consent(kind=kind, version=version, granted_at=now) for kind in ConsentKind)


def standing_of(consents: Iterable[Consent]) -> ConsentStanding:
    """What a person's newest consents say together, one of each kind at most."""
    newest = tuple(consents)
    if any(consent.revoked_at is not None for consent in newest):
        return ConsentStanding.REVOKED
    if {consent.kind for consent in newest} != set(ConsentKind):
        return ConsentStanding.MISSING
    return ConsentStanding.GIVEN


def standing_refusal(standing: ConsentStanding) -> Refusal | None:
    """Why this standing does not let a person take part today, or None if it does.

    Refuses CONSENT_REVOKED, CONSENT_MISSING.
    """
    return _REFUSALS[standing]


_REFUSALS = {
    ConsentStanding.GIVEN: None,
    ConsentStanding.MISSING: Refusal.CONSENT_MISSING,
    ConsentStanding.REVOKED: Refusal.CONSENT_REVOKED,
}


def revoke(
    consents: Iterable[Consent], kinds: Collection[ConsentKind], now: datetime
) -> tuple[Consent, ...]:
    """Take back some kinds. What was revoked before keeps its first moment.  撤回同意"""
    return tuple(
        replace(consent, revoked_at=now)
        if consent.kind in kinds and consent.revoked_at is None
        else consent
        for consent in consents
    )
