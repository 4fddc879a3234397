"""Campaigns and the versions of their rulebooks, as they were published.  活动与规则版本"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class CampaignRow:
    """One campaign on one platform."""

    campaign_id: int
    code: str
    platform: str
    mode: str
    lanes: int
    epoch: int
    lane_hash: bytes
    starts_on: date
    ends_on: date
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class RulebookRow:
    """One version of a campaign's rules; `rules` is the canonical form."""

    version: int
    effective_at: datetime
    source_hash: bytes
    rules: dict[str, Any]


async def find(tx: Tx, code: str) -> CampaignRow | None:
    """The campaign with this code, or None."""
    row = await tx.fetchrow(
        """
        select campaign_id, code, platform, mode, lanes, epoch, lane_hash,
               starts_on, ends_on, published_at
          from campaigns
         where code = $1
         order by campaign_id
         limit 1
        """,
        code,
    )
    return CampaignRow(**dict(row)) if row else None


async def code_of(tx: Tx, campaign_id: int) -> str | None:
    """The code of a campaign, or None."""
    code: str | None = await tx.fetchval(
        "select code from campaigns where campaign_id = $1", campaign_id
    )
    return code


async def everyone(tx: Tx) -> list[CampaignRow]:
    """Every campaign, the first published first."""
    rows = await tx.fetch(
        """
        select campaign_id, code, platform, mode, lanes, epoch, lane_hash,
               starts_on, ends_on, published_at
          from campaigns
         order by campaign_id
        """
    )
    return [CampaignRow(**dict(row)) for row in rows]


async def record(
    tx: Tx,
    *,
    code: str,
    platform: str,
    mode: str,
    lanes: int,
    lane_hash: bytes,
    starts_on: date,
    ends_on: date,
    at: datetime,
) -> int:
    """Record a new campaign with an empty queue and an empty book for each lane; gives its id.

    Hold the right to publish first: ids follow one another. Two at once would be a key violation.
    """
    newest: int = await tx.fetchval("select coalesce(max(campaign_id), 0) from campaigns")
    campaign_id = newest + 1
    await tx.execute(
        """
        insert into campaigns
               (campaign_id, code, platform, mode, lanes, lane_hash, starts_on, ends_on,
                published_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        campaign_id,
        code,
        platform,
        mode,
        lanes,
        lane_hash,
        starts_on,
        ends_on,
        at,
    )
    await tx.execute(
        "insert into lanes (lane, campaign_id) select n, $1 from generate_series(0, $2 - 1) n",
        campaign_id,
        lanes,
    )
    await tx.execute(
        "insert into books (lane, campaign_id) select n, $1 from generate_series(-1, $2 - 1) n",
        campaign_id,
        lanes,
    )
    return campaign_id


async def hold_publishing(tx: Tx) -> None:
    """Hold the right to publish until the commit: publications follow one another."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('publishing', 0))")


async def source_of(tx: Tx, campaign_id: int, version: int) -> str:
    """The text of a published version, as the official wrote it."""
    source: str = await tx.fetchval(
        "select source from rulebooks where campaign_id = $1 and version = $2",
        campaign_id,
        version,
    )
    return source


async def rulebooks(tx: Tx, campaign_id: int) -> list[RulebookRow]:
    """Every version of the rules, the oldest first."""
    rows = await tx.fetch(
        """
        select version, effective_at, source_hash, rules
          from rulebooks
         where campaign_id = $1
         order by version
        """,
        campaign_id,
    )
    return [RulebookRow(**dict(row)) for row in rows]


async def record_rulebook(
    tx: Tx,
    *,
    campaign_id: int,
    version: int,
    effective_at: datetime,
    source: str,
    source_hash: bytes,
    rules: dict[str, Any],
    at: datetime,
    by: str,
) -> None:
    """Record the next version; a version that exists is a unique violation, never overwritten."""
    await tx.execute(
        """
        insert into rulebooks (campaign_id, version, effective_at, source_hash, source, rules,
                               published_at, published_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        campaign_id,
        version,
        effective_at,
        source_hash,
        source,
        rules,
        at,
        by,
    )
