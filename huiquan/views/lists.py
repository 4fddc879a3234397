"""Drawn lists as people may see them: which numbers won, and until when to object.  公示"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, configs, entries, lists, rounds
from huiquan.db.configs import ConfigRow
from huiquan.domain import draw_config
from huiquan.domain.list_files import draw_no
from huiquan.domain.lists import LANE, Objection, PublishedList
from huiquan.domain.lottery import outcome_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_final


@dataclass(frozen=True, kw_only=True)
class PublishedWin:
    """One win as it is published: number, tier, face in fen, and why it was voided if it was."""

    draw_no: str
    idx: int
    tier: int
    face_fen: int
    voided: str | None


@dataclass(frozen=True, kw_only=True)
class ListView:
    """A published list: everyone who won, under the number they were told when they entered."""

    published: PublishedList
    entries: int
    wins: tuple[PublishedWin, ...]
    objections: tuple[Objection, ...]


async def list_of_day(app: App, code: str, day: int) -> ListView | Refusal:
    """The published list of a draw day. Refuses UNKNOWN_CAMPAIGN, LIST_NOT_PUBLISHED. (R5.1)"""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        published = await lists.published(tx, campaign_id, day)
        if published is None:
            return Refusal.LIST_NOT_PUBLISHED
        (drawn,) = await rounds.of_day(tx, campaign_id, day)
        seal = drawn.seal
        assert drawn.raw_final is not None, "a published list has its final"
        final = decode_final(drawn.raw_final)
        stored = await configs.by_hash(tx, campaign_id, seal.cfg_hash)
        assert stored is not None, "a seal names a recorded config"
        config = draw_config.decode_config(stored.body)
        tables = draw_config.tables_of(config.days[day])
        voided = await lists.voided(tx, campaign_id, LANE, seal.first_idx, seal.count)
        rows = await entries.between(tx, campaign_id, LANE, seal.first_idx, seal.count)
        outcomes = ((row.entry.idx, outcome_of(row.entry, final, tables)) for row in rows)
        return ListView(
            published=published,
            entries=seal.count,
            wins=tuple(
                PublishedWin(
                    draw_no=draw_no(day, LANE, idx),
                    idx=idx,
                    tier=tier,
                    face_fen=config.tiers[tier].face_fen,
                    voided=voided.get(idx),
                )
                for idx, (tier, kept) in outcomes
                if kept
            ),
            objections=tuple(await lists.objections(tx, campaign_id, day)),
        )


async def lists_to_issue(app: App, now: datetime) -> list[tuple[str, int]]:
    """Campaign and day of every published list whose days of publicity are over."""
    async with app.db.reading() as tx:
        return await lists.over(tx, now)


async def config_of_day(app: App, code: str, day: int) -> ConfigRow | Refusal:
    """The published config that rules a day. Refuses UNKNOWN_CAMPAIGN, NO_DRAW_THAT_DAY."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        found = await configs.days(tx, campaign.campaign_id, day, day)
        if not found:
            return Refusal.NO_DRAW_THAT_DAY
        stored = await configs.by_hash(tx, campaign.campaign_id, found[0].cfg_hash)
        assert stored is not None, "a day names a recorded config"
        return stored
