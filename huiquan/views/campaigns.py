"""Campaigns as they are shown: counters, opening hours, lists, published configs.  活动"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.app import App
from huiquan.db import campaigns
from huiquan.db.campaign_state import load_every_campaign
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_number, day_of, days_between
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import Span, open_span
from huiquan.domain.rulebooks import Rulebook


@dataclass(frozen=True, kw_only=True)
class DayCounts:
    """How many entered and how many won on a day."""

    entered: int
    won: int


@dataclass(frozen=True, kw_only=True)
class CampaignLine:
    """One campaign in a list."""

    campaign_id: int
    name_zh: str
    name_en: str
    starts_on: date
    ends_on: date


async def campaigns_in_force(app: App) -> list[Campaign]:
    """Every campaign of the house, with its draw days from yesterday on."""
    first_day = day_number(day_of(app.clock()) - timedelta(days=1))
    async with app.db.reading() as tx:
        return await load_every_campaign(tx, first_day=first_day)


async def publication_mark(app: App) -> tuple[int, ...]:
    """A mark that changes whenever something is published, released or closed."""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            """
            select (select count(*) from campaigns),
                   (select count(*) from rulebooks),
                   (select count(*) from configs),
                   (select coalesce(sum(epoch), 0) from campaigns),
                   (select count(*)
                      from config_days
                      join configs using (campaign_id, cfg_hash)
                     where succeeds is not null),
                   d.*
              from (select count(*), count(released_at), count(closed_at) from config_days) d
            """
        )
    return (day_number(day_of(app.clock())), *row)


async def day_counts(app: App, campaign_id: int, day: int) -> DayCounts:
    """Count a day's entries and wins.

    A round holds entries of one day, numbered gaplessly, so the day's sealed entries lie between
    the first and the last of its rounds; only those that are not sealed yet are counted one by one.
    """
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            """
            select coalesce(sum(coalesce(last.next_idx - first.idx, 0) + unsealed.entered), 0)
                       ::bigint as entered
              from lanes l
              left join lateral (select r.first_idx as idx
                                   from rounds r
                                  where (r.lane, r.campaign_id) = (l.lane, l.campaign_id)
                                    and r.day = $2
                                  order by r.first_idx
                                  limit 1) first on true
              left join lateral (select r.first_idx + r.entry_count as next_idx
                                   from rounds r
                                  where (r.lane, r.campaign_id) = (l.lane, l.campaign_id)
                                    and r.day = $2
                                  order by r.first_idx desc
                                  limit 1) last on true
             cross join lateral (select count(*) as entered
                                   from entries e
                                  where (e.lane, e.campaign_id) = (l.lane, l.campaign_id)
                                    and e.idx >= l.sealed_idx
                                    and e.day = $2) unsealed
             where l.campaign_id = $1
            """,
            campaign_id,
            day,
        )
        won = await tx.fetchval(
            "select count(*) from vouchers where campaign_id = $1 and day = $2", campaign_id, day
        )
    return DayCounts(entered=row["entered"], won=won)


async def campaign_lines(app: App) -> list[CampaignLine]:
    """Every campaign under the name it has now, the newest first."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select c.campaign_id,
                   r.rules ->> 'name_zh' as name_zh,
                   r.rules ->> 'name_en' as name_en,
                   c.starts_on,
                   c.ends_on
              from campaigns c
              join lateral (select rules
                              from rulebooks
                             where campaign_id = c.campaign_id
                             order by version desc
                             limit 1) r on true
             order by c.campaign_id desc
            """
        )
    return [CampaignLine(**dict(row)) for row in rows]


async def code_of(app: App, campaign_id: int) -> str | Refusal:
    """The code of the campaign with this number. Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        code: str | None = await tx.fetchval(
            "select code from campaigns where campaign_id = $1", campaign_id
        )
    return code or Refusal.UNKNOWN_CAMPAIGN


async def config_body(app: App, cfg_hash: bytes) -> bytes | None:
    """The exact bytes of a published draw config, or None."""
    async with app.db.reading() as tx:
        body: bytes | None = await tx.fetchval(
            "select body from configs where cfg_hash = $1 limit 1", cfg_hash
        )
    return body


async def config_signatures(app: App, cfg_hash: bytes) -> ConfigSignatures | None:
    """The platform's and the approver's signatures over a published config, or None."""
    async with app.db.reading() as tx:
        row = await tx.fetchrow(
            """
            select platform_signature, approver_signature
              from configs
             where cfg_hash = $1
             limit 1
            """,
            cfg_hash,
        )
    if row is None:
        return None
    return ConfigSignatures(platform=row["platform_signature"], approver=row["approver_signature"])


def hours_shown(rulebook: Rulebook, now: datetime) -> Span:
    """The opening hours a page shows: those that run now, else the next, at the end the last."""
    first, last = rulebook.starts_on, rulebook.last_draw_on
    today = day_of(now)
    for day in days_between(max(first, today), last):
        span = open_span(rulebook, day)
        if span is not None and now < span.until:
            return span
    for day in reversed(days_between(first, last)):
        span = open_span(rulebook, day)
        if span is not None:
            return span
    raise AssertionError("a campaign is open on some day")


def opens_again(rulebook: Rulebook, now: datetime) -> datetime | None:
    """When people may enter again on a later day; None when today is the last on which they may."""
    tomorrow = day_of(now) + timedelta(days=1)
    for day in days_between(max(rulebook.starts_on, tomorrow), rulebook.last_draw_on):
        span = open_span(rulebook, day)
        if span is not None and now < span.first:
            return span.first
    return None


async def code_of_campaign(app: App, campaign_id: int) -> str | Refusal:
    """The code of a campaign. Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        code = await campaigns.code_of(tx, campaign_id)
    return Refusal.UNKNOWN_CAMPAIGN if code is None else code
