"""The public log as anyone fetches it: checkpoint, tiles, entries, configs, notices.  公开日志

Nothing is shown beyond the last published checkpoint: what the witnesses have not seen is not
public yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, configs, entries, log_tiles, notices, public_log, rounds
from huiquan.db.notices import NoticeRow
from huiquan.domain.draw_config import decode_config
from huiquan.domain.monitoring import LogPolicy, PlatformKey
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_entries
from huiquan.domain.tiles import TilePath, bundle, width_of

Notice = NoticeRow
"""What the public is told, as it stands in the tables."""


@dataclass(frozen=True, kw_only=True)
class ConfigLine:
    """A published draw config: its hash, and the two signatures without which it does not act."""

    cfg_hash: bytes
    epoch: int
    platform_signature: bytes
    approver_signature: bytes
    published_at: datetime


async def checkpoint(app: App, campaign_id: int) -> str | Refusal:
    """The newest checkpoint with all its signatures. Refuses NO_CHECKPOINT_YET before the first.

    That is for the seconds after a campaign was published, until its witnesses know its config.
    """
    async with app.db.reading() as tx:
        last = await public_log.last_checkpoint(tx, campaign_id)
    return last.note if last else Refusal.NO_CHECKPOINT_YET


async def tile(app: App, campaign_id: int, asked: TilePath) -> bytes | Refusal:
    """The bytes of a tile. Refuses NOT_FOUND where the published log does not reach so far."""
    async with app.db.reading() as tx:
        last = await public_log.last_checkpoint(tx, campaign_id)
        size = last.size if last else 0
        if width_of(asked.level or 0, asked.number, size) < asked.width:
            return Refusal.NOT_FOUND
        if asked.level is not None:
            return b"".join(await log_tiles.tile(tx, campaign_id, asked))
        first = asked.number * 256
        return bundle(await public_log.entries_between(tx, campaign_id, first, asked.width))


async def entries_of_round(app: App, campaign_id: int, lane: int, seq: int) -> bytes | Refusal:
    """The 80-byte entries of a final round. Refuses NOT_FOUND while it is not final."""
    async with app.db.reading() as tx:
        drawn = await rounds.of_seq(tx, campaign_id, lane, seq)
        if drawn is None or drawn.raw_final is None:
            return Refusal.NOT_FOUND
        seal = drawn.seal
        found = await entries.between(tx, campaign_id, lane, seal.first_idx, seal.count)
        return encode_entries(row.entry for row in found)


async def config_lines(app: App, campaign_id: int) -> Sequence[ConfigLine]:
    """Every published config of a campaign, the oldest first."""
    async with app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select cfg_hash, epoch, platform_signature, approver_signature, published_at
              from configs
             where campaign_id = $1
             order by published_at, cfg_hash
            """,
            campaign_id,
        )
    return [ConfigLine(**dict(row)) for row in rows]


async def policy_of(app: App, code: str) -> LogPolicy | Refusal:
    """What a stranger needs to follow a campaign's log. Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        newest = await configs.newest(tx, campaign.campaign_id) if campaign else None
    if newest is None:
        return Refusal.UNKNOWN_CAMPAIGN
    config = decode_config(newest.body)
    return LogPolicy(keys=PlatformKey(platform=config.keys.platform), log=config.log)


async def standing_notices(app: App, campaign_id: int) -> Sequence[Notice]:
    """What the public is told and what still is so, the newest first."""
    return [one for one in await public_notices(app, campaign_id) if one.ended_at is None]


async def public_notices(app: App, campaign_id: int) -> Sequence[Notice]:
    """What the public is told, the newest first: see `notices.public`."""
    async with app.db.reading() as tx:
        return await notices.public(tx, campaign_id, app.clock())
