"""Phones: which registration a phone leads to; one person for each phone.  手机号"""

import asyncpg

from huiquan.db.connection import Tx
from huiquan.db.registrations import TakenError
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant


async def find(tx: Tx, campaign_id: int, phone_key: bytes) -> Registrant | None:
    """Who registered with this phone, or None."""
    row = await tx.fetchrow(
        """
        select lane, pid
          from phones
         where campaign_id = $1
           and phone_key = $2
        """,
        campaign_id,
        phone_key,
    )
    return Registrant(**dict(row)) if row else None


async def record(tx: Tx, campaign_id: int, phone_key: bytes, registrant: Registrant) -> None:
    """Let a phone lead to a person. Raises TakenError if it leads to somebody already."""
    try:
        await tx.execute(
            "insert into phones (campaign_id, phone_key, lane, pid) values ($1, $2, $3, $4)",
            campaign_id,
            phone_key,
            registrant.lane,
            registrant.pid,
        )
    except asyncpg.UniqueViolationError as taken:
        raise TakenError(Refusal.PHONE_IN_USE) from taken
