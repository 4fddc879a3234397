"""Registrations: one row for each person and campaign, found by pseudonym.  报名"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from huiquan.db.connection import Tx
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class RegistrationRow:
    """One registration. `sealed` holds name, document and phone; the keys only look them up."""

    campaign_id: int
    lane: int
    pid: bytes
    registration_no: str
    person_key: bytes
    phone_key: bytes
    sealed: bytes = field(repr=False)
    document_kind: str
    city: str
    county: str
    evidence: dict[str, Any]
    rulebook_version: int
    identity_checked_at: datetime
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class Uniqueness:
    """What the tables say of an applicant: excluded, registered before, phone with somebody."""

    is_excluded: bool
    person_is_registered: bool
    phone_is_taken: bool


class TakenError(Exception):
    """Somebody else's registration came first: the unique key refused, so nothing may stand."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


async def uniqueness(
    tx: Tx, *, campaign_id: int, lane: int, pid: bytes, person_key: bytes, phone_key: bytes
) -> Uniqueness:
    """Look an applicant up under all three keys."""
    row = await tx.fetchrow(
        """
        select exists (select 1 from exclusions
                        where campaign_id = $1
                          and person_key = $4) as is_excluded,
               exists (select 1 from registrations
                        where lane = $2
                          and campaign_id = $1
                          and pid = $3) as person_is_registered,
               exists (select 1 from phones
                        where campaign_id = $1
                          and phone_key = $5) as phone_is_taken
        """,
        campaign_id,
        lane,
        pid,
        person_key,
        phone_key,
    )
    return Uniqueness(**dict(row))


async def record(tx: Tx, row: RegistrationRow) -> None:
    """Record a registration. Raises TakenError if the person came a moment earlier."""
    try:
        await tx.execute(
            """
            insert into registrations
                   (lane, campaign_id, pid, registration_no, person_key, phone_key, sealed,
                    document_kind, city, county, evidence, rulebook_version,
                    identity_checked_at, registered_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            row.lane,
            row.campaign_id,
            row.pid,
            row.registration_no,
            row.person_key,
            row.phone_key,
            row.sealed,
            row.document_kind,
            row.city,
            row.county,
            row.evidence,
            row.rulebook_version,
            row.identity_checked_at,
            row.registered_at,
        )
    except asyncpg.UniqueViolationError as taken:
        raise TakenError(Refusal.ALREADY_REGISTERED) from taken


async def person_keys(tx: Tx, campaign_id: int) -> list[bytes]:
    """The person key of everyone who registered for a campaign, in no order."""
    rows = await tx.fetch(
        """
        select person_key
          from registrations
         where campaign_id = $1
        """,
        campaign_id,
    )
    return [row["person_key"] for row in rows]
