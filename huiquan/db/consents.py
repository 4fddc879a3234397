"""Consents: each one given, and each one taken back, with its moments.  同意与撤回

What they say together is copied into the person's row in the same transaction: the ten o'clock
rush reads one row for each person.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.consents import Consent, ConsentKind, standing_of
from huiquan.domain.registrants import Registrant


async def record(
    tx: Tx, campaign_id: int, registrant: Registrant, consents: Sequence[Consent]
) -> None:
    """Record consents that were given; one taken back in this very instant stands again."""
    await tx.executemany(
        """
        insert into consents (lane, campaign_id, pid, kind, version, granted_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (lane, campaign_id, pid, kind, granted_at) do update
           set version = excluded.version,
               revoked_at = null
        """,
        [
            (
                registrant.lane,
                campaign_id,
                registrant.pid,
                consent.kind.value,
                consent.version,
                consent.granted_at,
            )
            for consent in consents
        ],
    )
    await _write_standing(tx, campaign_id, registrant)


async def lock_newest(tx: Tx, campaign_id: int, registrant: Registrant) -> tuple[Consent, ...]:
    """The newest consent of each kind, with the registration held so that nobody else changes
    them; none if nobody is registered there."""
    await tx.execute(
        """
        select
          from registrations
         where lane = $1
           and campaign_id = $2
           and pid = $3
           for no key update
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
    )
    return await _newest(tx, campaign_id, registrant)


async def _newest(tx: Tx, campaign_id: int, registrant: Registrant) -> tuple[Consent, ...]:
    rows = await tx.fetch(
        """
        select distinct on (kind) kind, version, granted_at, revoked_at
          from consents
         where lane = $1
           and campaign_id = $2
           and pid = $3
         order by kind, granted_at desc
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
    )
    return tuple(
        Consent(
            kind=ConsentKind(row["kind"]),
            version=row["version"],
            granted_at=row["granted_at"],
            revoked_at=row["revoked_at"],
        )
        for row in rows
    )


async def mark_revoked(
    tx: Tx,
    campaign_id: int,
    registrant: Registrant,
    kinds: Collection[ConsentKind],
    at: datetime,
) -> None:
    """Take consents back; what was taken back before keeps its first moment (the guard)."""
    await tx.execute(
        """
        update consents
           set revoked_at = $5
         where lane = $1
           and campaign_id = $2
           and pid = $3
           and kind = any($4)
           and revoked_at is null
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
        [kind.value for kind in kinds],
        at,
    )
    await _write_standing(tx, campaign_id, registrant)


async def _write_standing(tx: Tx, campaign_id: int, registrant: Registrant) -> None:
    """Copy what the consents say now into the person's row, where entering reads it."""
    await tx.execute(
        """
        update registrations
           set consent_standing = $4
         where lane = $1
           and campaign_id = $2
           and pid = $3
        """,
        registrant.lane,
        campaign_id,
        registrant.pid,
        standing_of(await _newest(tx, campaign_id, registrant)).value,
    )
