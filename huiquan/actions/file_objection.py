"""Take up an objection to a win while its list is published.  受理异议"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import audit, campaigns, configs, entries, lists, rounds
from huiquan.db.lists import NewObjection
from huiquan.domain import draw_config
from huiquan.domain.lists import LANE, decide_filing
from huiquan.domain.lottery import outcome_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import decode_final


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Who objects to which win, and why; idx is the last number of the published draw number."""

    day: int
    idx: int
    filed_by: str
    grounds: str


async def file_objection(app: App, code: str, filing: Filing, by: str) -> int | Refusal:
    """Record an objection; gives its number. `by` is who at the platform takes it up.

    Refuses UNKNOWN_CAMPAIGN, LIST_NOT_PUBLISHED, OBJECTIONS_CLOSED, UNKNOWN_WIN. (R5.1)
    """
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id, now = campaign.campaign_id, app.clock()
        published = await lists.published(tx, campaign_id, filing.day)
        drawn = await rounds.containing(tx, campaign_id, LANE, filing.idx)
        is_kept = False
        if drawn is not None and drawn.raw_final is not None and drawn.seal.day == filing.day:
            (row,) = await entries.between(tx, campaign_id, LANE, filing.idx, 1)
            config = await configs.by_hash(tx, campaign_id, drawn.seal.cfg_hash)
            assert config is not None, "a seal names a recorded config"
            plan = draw_config.decode_config(config.body).days[filing.day]
            tables = draw_config.tables_of(plan)
            is_kept = outcome_of(row.entry, decode_final(drawn.raw_final), tables).kept
        refused = decide_filing(published, is_kept, now)
        if refused is not None:
            return refused
        new = NewObjection(
            day=filing.day,
            idx=filing.idx,
            filed_at=now,
            filed_by=filing.filed_by,
            grounds=filing.grounds,
        )
        number = await lists.file(tx, campaign_id, new)
        await audit.note(tx, at=now, actor=by, tag="objection:filed", subject=f"objection {number}")
        return number
