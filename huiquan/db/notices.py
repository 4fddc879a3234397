"""What is wrong, since when and until when; evidence stays for good.  公告

signer_away          a notary, auditor or witness does not answer; public after 10 minutes
behind, forked       signers or witnesses hold more than this database, or something else
two_seals            the platform signed two seals for one round: its lane is frozen
key_lost             a signer's key was lost: since the declaration, until the new key signs
signers_disagree     the notary signed a round that the auditor refuses: its lane is frozen
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from huiquan.db.connection import Row, Tx

PUBLIC_AFTER = timedelta(minutes=10)
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class NoticeRow:
    """One notice; ended_at is None while it is so."""

    kind: str
    subject: str
    detail: dict[str, Any]
    began_at: datetime
    ended_at: datetime | None


async def begin(
    tx: Tx, campaign_id: int, kind: str, subject: str, detail: dict[str, Any], at: datetime
) -> bool:
    """Open a notice; False when it stands already, and evidence stands for good."""
    row = await tx.fetchval(
        """
        insert into notices (campaign_id, kind, subject, detail, began_at)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        returning notice_id
        """,
        campaign_id,
        kind,
        subject,
        detail,
        at,
    )
    return row is not None


async def end(
    tx: Tx, campaign_id: int, kinds: Collection[str], still: Collection[str], at: datetime
) -> list[str]:
    """End the open notices of these kinds whose subject is not `still` so; gives the subjects."""
    rows = await tx.fetch(
        """
        update notices
           set ended_at = greatest($4, began_at)
         where campaign_id = $1
           and kind = any($2::text[])
           and subject <> all($3::text[])
           and ended_at is null
        returning subject
        """,
        campaign_id,
        list(kinds),
        list(still),
        at,
    )
    return [row["subject"] for row in rows]


async def end_gaps(
    tx: Tx,
    campaign_id: int,
    kinds: Collection[str],
    still: Collection[str],
    silent: Collection[str],
    at: datetime,
) -> None:
    """End the gaps that are closed; what somebody who is `silent` now has said goes on standing."""
    await tx.execute(
        """
        update notices
           set ended_at = greatest($5, began_at)
         where campaign_id = $1
           and kind = any($2::text[])
           and subject <> all($3::text[])
           and split_part(subject, ' ', 1) <> all($4::text[])
           and ended_at is null
        """,
        campaign_id,
        list(kinds),
        list(still),
        list(silent),
        at,
    )


async def end_of_lane(tx: Tx, campaign_id: int, lane: int, at: datetime) -> None:
    """People have decided about a lane: the evidence about it stays, and is open no more."""
    await tx.execute(
        """
        update notices
           set ended_at = greatest($3, began_at)
         where campaign_id = $1
           and kind in ('two_seals', 'signers_disagree')
           and (detail ->> 'lane')::int = $2
           and ended_at is null
        """,
        campaign_id,
        lane,
        at,
    )


async def opened(tx: Tx, campaign_id: int | None = None) -> list[NoticeRow]:
    """Every notice that still stands, of one campaign or of all, the oldest first."""
    rows = await tx.fetch(
        """
        select kind, subject, detail, began_at, ended_at
          from notices
         where ended_at is null
           and campaign_id = coalesce($1::smallint, campaign_id)
         order by notice_id
        """,
        campaign_id,
    )
    return [_notice(row) for row in rows]


async def is_behind(tx: Tx, campaign_id: int) -> bool:
    """Whether someone outside holds more of the campaign than this database, or another history."""
    behind: bool = await tx.fetchval(
        """
        select exists (select from notices
                        where campaign_id = $1
                          and kind in ('behind', 'forked')
                          and ended_at is null)
        """,
        campaign_id,
    )
    return behind


async def public(tx: Tx, campaign_id: int, now: datetime) -> list[NoticeRow]:
    """The newest notices people are told: all, but a signer's absence only after 10 minutes."""
    rows = await tx.fetch(
        """
        select kind, subject, detail, began_at, ended_at
          from notices
         where campaign_id = $1
           and (kind <> 'signer_away' or coalesce(ended_at, $2) - began_at >= $3)
         order by notice_id desc
         limit $4
        """,
        campaign_id,
        now,
        PUBLIC_AFTER,
        SHOWN,
    )
    return [_notice(row) for row in rows]


def _notice(row: Row) -> NoticeRow:
    return NoticeRow(**dict(row))
