"""Reading a campaign whole: what is published about it, as the domain knows it.  活动现状"""

from huiquan.db import campaigns, configs
from huiquan.db.campaigns import CampaignRow
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign, DrawDay
from huiquan.domain.draw_config import DrawConfig, decode_config
from huiquan.domain.rulebook_reading import from_canonical
from huiquan.domain.rulebook_versions import RulebookVersion

FIRST_DAY, LAST_DAY = 0, 99991231


async def load_campaign(
    tx: Tx, code: str, *, first_day: int = FIRST_DAY, last_day: int = LAST_DAY
) -> Campaign | None:
    """The campaign with this code and its draw days in a range, or None."""
    row = await campaigns.find(tx, code)
    return await _load(tx, row, first_day, last_day) if row else None


async def load_every_campaign(
    tx: Tx, *, first_day: int = FIRST_DAY, last_day: int = LAST_DAY
) -> list[Campaign]:
    """Every campaign of the house."""
    rows = await campaigns.everyone(tx)
    return [await _load(tx, row, first_day, last_day) for row in rows]


async def load_versions(tx: Tx, campaign_id: int) -> tuple[RulebookVersion, ...]:
    """Every version of a campaign's rules, the oldest first; none for an unknown campaign."""
    return tuple(
        RulebookVersion(
            version=one.version,
            effective_at=one.effective_at,
            rulebook=from_canonical(one.rules),
        )
        for one in await campaigns.rulebooks(tx, campaign_id)
    )


async def _load(tx: Tx, row: CampaignRow, first_day: int, last_day: int) -> Campaign:
    return Campaign(
        campaign_id=row.campaign_id,
        code=row.code,
        platform=row.platform,
        lanes=row.lanes,
        epoch=row.epoch,
        lane_hash=row.lane_hash,
        versions=await load_versions(tx, row.campaign_id),
        days=await _draw_days(tx, row.campaign_id, first_day, last_day),
    )


async def _draw_days(tx: Tx, campaign_id: int, first_day: int, last_day: int) -> dict[int, DrawDay]:
    known = {}
    before: dict[bytes, tuple[bytes, DrawConfig]] = {}
    days = {}
    for day in await configs.days(tx, campaign_id, first_day, last_day):
        if day.cfg_hash not in known:
            stored = await configs.by_hash(tx, campaign_id, day.cfg_hash)
            assert stored is not None, "a day names a recorded config"
            known[day.cfg_hash] = decode_config(stored.body)
            succeeded = await configs.succeeded_by(tx, campaign_id, day.cfg_hash)
            if succeeded is not None:
                ended = await configs.by_hash(tx, campaign_id, succeeded)
                assert ended is not None, "a config succeeds a recorded one"
                before[day.cfg_hash] = (succeeded, decode_config(ended.body))
        days[day.day] = DrawDay(
            day=day.day,
            cfg_hash=day.cfg_hash,
            config=known[day.cfg_hash],
            release_fen=day.release_fen,
            is_released=day.released_at is not None,
            is_closed=day.closed_at is not None,
            succeeds=before.get(day.cfg_hash),
        )
    return days
