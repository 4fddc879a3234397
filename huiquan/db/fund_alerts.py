"""Alerts about the fund as they are kept: raised once, seen by a person, ended.  资金预警"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.fund_alerts import Alert


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """One alert; ended_at is None while it is so, acknowledged_by names who has seen it."""

    alert_id: int
    kind: str
    below: int
    subject: str
    measured: int
    zh: str
    en: str
    raised_at: datetime
    ended_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


async def burn_by_day(tx: Tx, campaign_id: int, days: int) -> dict[int, int]:
    """What each of the last days with a release took out of the pool, less what came back."""
    rows = await tx.fetch(
        """
        with days as (
            select day
              from config_days
             where campaign_id = $1
               and released_at is not null
             order by day desc
             limit $2
        ), released as (
            select d.day, sum(t.amount_fen) as out_fen
              from days d
              join books b
                on b.campaign_id = $1
              join transfers t
                on (t.lane, t.campaign_id, t.kind, t.ref)
                   = (b.lane, b.campaign_id, 'release', 'release ' || d.day)
             group by d.day
        ), back as (
            select t.day, sum(t.amount_fen) as back_fen
              from books b
              join transfers t
                on (t.lane, t.campaign_id) = (b.lane, b.campaign_id)
               and t.kind in ('recall', 'roll_over')
             where b.campaign_id = $1
               and t.day >= (select min(day) from days)
             group by t.day
        )
        select r.day, (r.out_fen - coalesce(b.back_fen, 0))::bigint as used_fen
          from released r
          left join back b
         using (day)
        """,
        campaign_id,
        days,
    )
    return {row["day"]: row["used_fen"] for row in rows}


async def raise_alert(tx: Tx, campaign_id: int, alert: Alert, at: datetime) -> int | None:
    """Record an alert; gives its id, or None when it stands already (the guard)."""
    alert_id: int | None = await tx.fetchval(
        """
        insert into fund_alerts (campaign_id, kind, below, subject, measured, zh, en, raised_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing
        returning alert_id
        """,
        campaign_id,
        alert.kind.value,
        alert.below,
        alert.subject,
        alert.measured,
        alert.zh,
        alert.en,
        at,
    )
    return alert_id


async def end_others(tx: Tx, campaign_id: int, standing: Sequence[Alert], at: datetime) -> None:
    """End every open alert that is no longer so; it may be raised anew later."""
    await tx.execute(
        """
        update fund_alerts
           set ended_at = $5
         where campaign_id = $1
           and ended_at is null
           and (kind, below, subject) not in (
               select kind, below, subject
                 from unnest($2::text[], $3::bigint[], $4::text[]) s (kind, below, subject))
        """,
        campaign_id,
        [one.kind.value for one in standing],
        [one.below for one in standing],
        [one.subject for one in standing],
        at,
    )


async def acknowledge(tx: Tx, alert_id: int, staff_id: int, at: datetime) -> bool | None:
    """Note who has seen an alert: True now, False if somebody had before; None if unknown."""
    row = await tx.fetchrow(
        "select acknowledged_at from fund_alerts where alert_id = $1 for update", alert_id
    )
    if row is None:
        return None
    if row["acknowledged_at"] is not None:
        return False
    await tx.execute(
        """
        update fund_alerts
           set acknowledged_by = $2,
               acknowledged_at = $3
         where alert_id = $1
        """,
        alert_id,
        staff_id,
        at,
    )
    return True


async def newest(tx: Tx, campaign_id: int, most: int) -> list[AlertRow]:
    """The newest alerts of a campaign, those that still stand first."""
    rows = await tx.fetch(
        """
        select a.alert_id, a.kind, a.below, a.subject, a.measured, a.zh, a.en, a.raised_at,
               a.ended_at, s.name as acknowledged_by, a.acknowledged_at
          from fund_alerts a
          left join staff s
            on s.staff_id = a.acknowledged_by
         where a.campaign_id = $1
         order by a.ended_at is not null, a.alert_id desc
         limit $2
        """,
        campaign_id,
        most,
    )
    return [AlertRow(**dict(row)) for row in rows]


async def of_message(tx: Tx, alert_id: int) -> tuple[int, str]:
    """What a message about an alert says: the campaign, and the sentence in Chinese."""
    row = await tx.fetchrow("select campaign_id, zh from fund_alerts where alert_id = $1", alert_id)
    assert row is not None, "a message names a recorded alert"
    return row["campaign_id"], row["zh"]
