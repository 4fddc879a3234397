"""Drawn lists, and objections to their wins.  名单与异议"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.lists import LANE, Objection, PublishedList, Verdict


@dataclass(frozen=True, kw_only=True)
class NewObjection:
    """An objection to one win, as it was filed."""

    day: int
    idx: int
    filed_at: datetime
    filed_by: str
    grounds: str


async def waiting(tx: Tx, campaign_id: int, day: int, first_idx: int) -> int:
    """How many stand on the list of this draw day and are in no round yet."""
    found: int = await tx.fetchval(
        """
        select count(*)
          from entries
         where lane = $1
           and campaign_id = $2
           and idx >= $3
           and day = $4
        """,
        LANE,
        campaign_id,
        first_idx,
        day,
    )
    return found


async def publish(
    tx: Tx, campaign_id: int, day: int, at: datetime, by: str, objections_until: datetime
) -> None:
    """A drawn list is published; the key holds that this happens once."""
    await tx.execute(
        """
        insert into lists (campaign_id, day, published_at, published_by, objections_until)
        values ($1, $2, $3, $4, $5)
        """,
        campaign_id,
        day,
        at,
        by,
        objections_until,
    )


async def published(tx: Tx, campaign_id: int, day: int) -> PublishedList | None:
    """A list that was drawn and published, or None."""
    row = await tx.fetchrow(
        """
        select day, published_at, objections_until, issued_at
          from lists
         where campaign_id = $1
           and day = $2
        """,
        campaign_id,
        day,
    )
    return PublishedList(**dict(row)) if row else None


async def over(tx: Tx, now: datetime) -> list[tuple[str, int]]:
    """Campaign and day of every list that is not issued although its publicity is over."""
    rows = await tx.fetch(
        """
        select c.code, l.day
          from lists l
          join campaigns c
         using (campaign_id)
         where l.issued_at is null
           and l.objections_until <= $1
         order by c.code, l.day
        """,
        now,
    )
    return [(row["code"], row["day"]) for row in rows]


async def mark_issued(tx: Tx, campaign_id: int, day: int, at: datetime) -> bool:
    """The list's vouchers are issued now; False when they had been already (the guard)."""
    row = await tx.fetchval(
        """
        update lists
           set issued_at = $3
         where campaign_id = $1
           and day = $2
           and issued_at is null
        returning day
        """,
        campaign_id,
        day,
        at,
    )
    return row is not None


async def file(tx: Tx, campaign_id: int, new: NewObjection) -> int:
    """Take up an objection; gives its number."""
    number: int = await tx.fetchval(
        """
        insert into objections (campaign_id, day, lane, idx, filed_at, filed_by, grounds)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning objection_id
        """,
        campaign_id,
        new.day,
        LANE,
        new.idx,
        new.filed_at,
        new.filed_by,
        new.grounds,
    )
    return number


async def hold_objection(tx: Tx, objection_id: int) -> Objection | None:
    """An objection, held until the transaction ends, or None."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from objections where lane = $1 and objection_id = $2 for update",
        LANE,
        objection_id,
    )
    return _objection(row) if row else None


async def record_decision(tx: Tx, objection: Objection, at: datetime) -> None:
    """Write what one or two people have decided; the times are those of the writing."""
    await tx.execute(
        """
        update objections
           set verdict = $2,
               reason = $3,
               first_by = $4,
               first_at = coalesce(first_at, $6),
               second_by = $5,
               second_at = case when $5::text is null then null else $6 end
         where lane = $7
           and objection_id = $1
           and second_by is null
        """,
        objection.objection_id,
        objection.verdict,
        objection.reason,
        objection.first_by,
        objection.second_by,
        at,
        LANE,
    )


async def objections(tx: Tx, campaign_id: int, day: int) -> list[Objection]:
    """Every objection to a win of a list, in the order of filing."""
    rows = await tx.fetch(
        f"""
        select {_COLUMNS}
          from objections
         where lane = $3
           and campaign_id = $1
           and day = $2
         order by objection_id
        """,
        campaign_id,
        day,
        LANE,
    )
    return [_objection(row) for row in rows]


async def voided(tx: Tx, campaign_id: int, lane: int, first_idx: int, count: int) -> dict[int, str]:
    """The wins of a round that an upheld objection ended, each with its published reason."""
    rows = await tx.fetch(
        """
        select distinct on (idx) idx, reason
          from objections
         where lane = $1
           and campaign_id = $2
           and idx >= $3
           and idx < $3 + $4
           and verdict = 'upheld'
           and second_by is not null
         order by idx, objection_id
        """,
        lane,
        campaign_id,
        first_idx,
        count,
    )
    return {row["idx"]: row["reason"] for row in rows}


_COLUMNS = "objection_id, day, idx, verdict, reason, first_by, second_by"


def _objection(row: Row) -> Objection:
    fields = dict(row)
    verdict = fields.pop("verdict")
    return Objection(verdict=Verdict(verdict) if verdict else None, **fields)
