"""Messages that follow a commit: written with the deed, sent afterwards.  待发消息

A message that fails five times is parked, so that one bad message never stops the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db.connection import Tx
from huiquan.db.together import Write, together

TRIES_MAX = 5


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing to tell an outsider."""

    message_id: int
    kind: str
    payload: dict[str, Any]
    tries: int
    created_at: datetime


async def append(tx: Tx, kind: str, payloads: Sequence[dict[str, Any]], at: datetime) -> None:
    """Put messages of one kind into the outbox."""
    await together(tx, message(kind, payloads, at))


def message(kind: str, payloads: Sequence[dict[str, Any]], at: datetime) -> Write:
    """The same as a write beside those of the deed."""
    return Write(
        sql="""
        insert into outbox (kind, payload, created_at)
        select $1, payload, $3
          from unnest($2::jsonb[]) with ordinality as told (payload, place)
         order by place
        returning 1
        """,
        args=(kind, list(payloads), at),
    )


async def waiting_of_kind(tx: Tx, kind: str, most: int) -> list[Message]:
    """Up to `most` waiting messages of one kind, oldest first."""
    rows = await tx.fetch(
        """
        select message_id, kind, payload, tries, created_at
          from outbox
         where sent_at is null
           and parked_at is null
           and kind = $1
         order by message_id
         limit $2
        """,
        kind,
        most,
    )
    return [Message(**dict(row)) for row in rows]


async def waiting(tx: Tx, most: int) -> list[Message]:
    """Up to `most` waiting messages for consumers, oldest first."""
    rows = await tx.fetch(
        """
        select message_id, kind, payload, tries, created_at
          from outbox
         where sent_at is null
           and parked_at is null
           and kind not in ('config', 'config_witness', 'alert')
         order by message_id
         limit $1
        """,
        most,
    )
    return [Message(**dict(row)) for row in rows]


async def mark_sent(tx: Tx, message_ids: Sequence[int], at: datetime) -> None:
    """These messages arrived."""
    await tx.execute(
        """
        update outbox
           set sent_at = $2
         where message_id = any($1)
           and sent_at is null
        """,
        message_ids,
        at,
    )


async def drop_configs(tx: Tx, campaign_id: int, at: datetime) -> None:
    """Set aside the configs of a campaign that nobody took up: others took their place."""
    await tx.execute(
        """
        update outbox
           set parked_at = $2,
               last_error = 'another config took its place'
         where kind in ('config', 'config_witness')
           and (payload ->> 'campaign_id')::smallint = $1
           and sent_at is null
           and parked_at is null
        """,
        campaign_id,
        at,
    )


async def set_aside(tx: Tx, message_id: int, reason: str, at: datetime) -> None:
    """This one will never arrive, however often it is sent; it does not hold up the others."""
    await tx.execute(
        """
        update outbox
           set parked_at = $3,
               last_error = $2
         where message_id = $1
           and sent_at is null
        """,
        message_id,
        reason[:500],
        at,
    )


async def mark_failed(tx: Tx, message_ids: Sequence[int], reason: str, at: datetime) -> None:
    """These did not arrive; after the last try each is parked for a person to look at."""
    await tx.execute(
        """
        update outbox
           set tries = tries + 1,
               last_error = $2,
               parked_at = case when tries + 1 >= $3 then $4::timestamptz end
         where message_id = any($1)
        """,
        message_ids,
        reason[:500],
        TRIES_MAX,
        at,
    )
