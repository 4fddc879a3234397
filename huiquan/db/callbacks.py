"""Callbacks as they are kept: written with the deed, tried until acknowledged.  回调通知"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.together import Write, together
from huiquan.domain.callbacks import Callback


@dataclass(frozen=True, kw_only=True)
class WaitingCallback:
    """A callback that is due, and where it goes."""

    callback_id: int
    event: str
    body: str
    url: str
    tries: int
    created_at: datetime


async def append(tx: Tx, acquirer_id: int, callback: Callback, at: datetime) -> None:
    """Keep what an acquirer is to be told; nothing where it wants no callbacks."""
    await together(tx, news(acquirer_id, callback, at))


def news(acquirer_id: int, callback: Callback, at: datetime) -> Write:
    """The same as a write beside those of the deed."""
    return Write(
        sql="""
        insert into callbacks (acquirer_id, event, body, created_at, next_try_at)
        select acquirer_id, $2, $3, $4, $4
          from acquirers
         where acquirer_id = $1
           and callback_url is not null
        returning 1
        """,
        args=(acquirer_id, callback.event, callback.body, at),
    )


async def due(tx: Tx, now: datetime, most: int) -> list[WaitingCallback]:
    """Up to `most` callbacks of each acquirer whose turn it is, those longest due first."""
    rows = await tx.fetch(
        """
        select c.callback_id, c.event, c.body, a.callback_url as url, c.tries, c.created_at
          from acquirers a
         cross join lateral (
               select *
                 from callbacks
                where acquirer_id = a.acquirer_id
                  and acknowledged_at is null
                  and parked_at is null
                  and next_try_at <= $1
                order by next_try_at, callback_id
                limit $2) c
        """,
        now,
        most,
    )
    return [WaitingCallback(**dict(row)) for row in rows]


async def note_attempt(
    tx: Tx,
    callback_id: int,
    *,
    outcome: str,
    acknowledged: bool,
    next_at: datetime | None,
    at: datetime,
) -> None:
    """Note one try and what follows: acknowledged, another turn at next_at, or parked."""
    attempt: int = await tx.fetchval(
        """
        update callbacks
           set tries = tries + 1,
               tried_at = $4,
               acknowledged_at = case when $2 then coalesce(acknowledged_at, $4) end,
               parked_at = case when not $2 and $3::timestamptz is null then $4 end,
               next_try_at = coalesce($3, next_try_at)
         where callback_id = $1
        returning tries
        """,
        callback_id,
        acknowledged,
        next_at,
        at,
    )
    await tx.execute(
        """
        insert into callback_attempts (callback_id, attempt, tried_at, outcome)
        values ($1, $2, $3, $4)
        """,
        callback_id,
        attempt,
        at,
        outcome[:200],
    )


async def try_parked_again(tx: Tx, acquirer_id: int, at: datetime) -> int:
    """Give every parked callback of an acquirer another seven days; gives how many."""
    rows = await tx.fetch(
        """
        update callbacks
           set parked_at = null,
               created_at = $2,
               next_try_at = $2
         where acquirer_id = $1
           and parked_at is not null
        returning 1
        """,
        acquirer_id,
        at,
    )
    return len(rows)
