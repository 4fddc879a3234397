"""Draw configs, and the day each one rules.  摇号配置"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db import outbox
from huiquan.db.connection import Tx
from huiquan.domain.config_making import SignedConfig
from huiquan.domain.draw_config import decode_config


@dataclass(frozen=True, kw_only=True)
class ConfigRow:
    """One published config: the exact bytes behind its hash, and the two signatures."""

    cfg_hash: bytes
    rulebook_version: int
    epoch: int
    body: bytes
    platform_signature: bytes
    approver_signature: bytes
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """The config a day is drawn under, and how far its money has come."""

    day: int
    cfg_hash: bytes
    release_fen: int
    released_at: datetime | None
    closed_at: datetime | None


async def record(tx: Tx, campaign_id: int, config: ConfigRow) -> None:
    """Record a config; recording the very same one again changes nothing."""
    await tx.execute(
        """
        insert into configs (campaign_id, cfg_hash, rulebook_version, epoch, body,
                             platform_signature, approver_signature, published_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (campaign_id, cfg_hash) do nothing
        """,
        campaign_id,
        config.cfg_hash,
        config.rulebook_version,
        config.epoch,
        config.body,
        config.platform_signature,
        config.approver_signature,
        config.published_at,
    )


async def take_over(tx: Tx, campaign_id: int, at: datetime) -> int:
    """Let configs of a new epoch that have begun to act rule the days they take over.

    A day that is closed keeps its config. Gives how many days changed.
    """
    rows = await tx.fetch(
        """
        update config_days d
           set cfg_hash = c.cfg_hash
          from configs c
         where d.campaign_id = $1
           and c.campaign_id = d.campaign_id
           and c.succeeds = d.cfg_hash
           and c.acts_at <= $2
           and d.closed_at is null
        returning d.day
        """,
        campaign_id,
        at,
    )
    return len(rows)


async def record_successor(
    tx: Tx,
    campaign_id: int,
    version: int,
    signed: SignedConfig,
    succeeded: bytes,
    *,
    acts_at: datetime,
    at: datetime,
) -> None:
    """Record a config that takes over the days of another, and have it sent to everyone."""
    await tx.execute(
        """
        insert into configs (campaign_id, cfg_hash, rulebook_version, epoch, body,
                             platform_signature, approver_signature, published_at, succeeds,
                             acts_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        campaign_id,
        signed.cfg_hash,
        version,
        decode_config(signed.raw).epoch,
        signed.raw,
        signed.signatures.platform,
        signed.signatures.approver,
        at,
        succeeded,
        acts_at,
    )
    await _announce(tx, campaign_id, signed.cfg_hash, at)


async def succeeded_by(tx: Tx, campaign_id: int, cfg_hash: bytes) -> bytes | None:
    """The hash of the config whose days this one took over, or None."""
    found: bytes | None = await tx.fetchval(
        "select succeeds from configs where campaign_id = $1 and cfg_hash = $2",
        campaign_id,
        cfg_hash,
    )
    return found


async def of_epoch(tx: Tx, campaign_id: int, epoch: int) -> list[ConfigRow]:
    """Every config of an epoch, the oldest first."""
    rows = await tx.fetch(
        """
        select cfg_hash, rulebook_version, epoch, body, platform_signature, approver_signature,
               published_at
          from configs
         where campaign_id = $1
           and epoch = $2
         order by published_at, cfg_hash
        """,
        campaign_id,
        epoch,
    )
    return [ConfigRow(**dict(row)) for row in rows]


async def _announce(tx: Tx, campaign_id: int, cfg_hash: bytes, at: datetime) -> None:
    payload = {"campaign_id": campaign_id, "cfg_hash": cfg_hash.hex()}
    await outbox.append(tx, "config", [payload], at)
    await outbox.append(tx, "config_witness", [payload], at)


async def record_signed(
    tx: Tx, campaign_id: int, version: int, signed: SignedConfig, at: datetime
) -> None:
    """Record a config, let it rule its days, and have it sent to the signers and the witness."""
    await record(
        tx,
        campaign_id,
        ConfigRow(
            cfg_hash=signed.cfg_hash,
            rulebook_version=version,
            epoch=decode_config(signed.raw).epoch,
            body=signed.raw,
            platform_signature=signed.signatures.platform,
            approver_signature=signed.signatures.approver,
            published_at=at,
        ),
    )
    for day, release_fen in signed.release_fen.items():
        await assign_day(tx, campaign_id, day, signed.cfg_hash, release_fen)
    await _announce(tx, campaign_id, signed.cfg_hash, at)


async def assign_day(tx: Tx, campaign_id: int, day: int, cfg_hash: bytes, release_fen: int) -> bool:
    """Let a config rule a day, unless the day's money was released already."""
    row = await tx.fetchval(
        """
        insert into config_days (campaign_id, day, cfg_hash, release_fen)
        values ($1, $2, $3, $4)
        on conflict (campaign_id, day) do update
           set cfg_hash = excluded.cfg_hash,
               release_fen = excluded.release_fen
         where config_days.released_at is null
        returning day
        """,
        campaign_id,
        day,
        cfg_hash,
        release_fen,
    )
    return row is not None


async def days(tx: Tx, campaign_id: int, first_day: int, last_day: int) -> list[DayRow]:
    """The days from first to last that have a config."""
    rows = await tx.fetch(
        """
        select day, cfg_hash, release_fen, released_at, closed_at
          from config_days
         where campaign_id = $1
           and day between $2 and $3
         order by day
        """,
        campaign_id,
        first_day,
        last_day,
    )
    return [DayRow(**dict(row)) for row in rows]


async def by_hash(tx: Tx, campaign_id: int, cfg_hash: bytes) -> ConfigRow | None:
    """The config with this hash, or None."""
    row = await tx.fetchrow(
        """
        select cfg_hash, rulebook_version, epoch, body, platform_signature, approver_signature,
               published_at
          from configs
         where campaign_id = $1
           and cfg_hash = $2
        """,
        campaign_id,
        cfg_hash,
    )
    return ConfigRow(**dict(row)) if row else None


async def newest(tx: Tx, campaign_id: int) -> ConfigRow | None:
    """The config that was published last, or None."""
    row = await tx.fetchrow(
        """
        select cfg_hash, rulebook_version, epoch, body, platform_signature, approver_signature,
               published_at
          from configs
         where campaign_id = $1
         order by published_at desc, cfg_hash
         limit 1
        """,
        campaign_id,
    )
    return ConfigRow(**dict(row)) if row else None


async def is_newest_late(tx: Tx, campaign_id: int) -> bool:
    """Whether the newest config of a campaign was set aside because it came too late."""
    found = await newest(tx, campaign_id)
    if found is None:
        return False
    is_late: bool = await tx.fetchval(
        """
        select exists (select
                         from outbox
                        where kind = 'config'
                          and parked_at is not null
                          and (payload ->> 'campaign_id')::smallint = $1
                          and payload ->> 'cfg_hash' = $2)
        """,
        campaign_id,
        found.cfg_hash.hex(),
    )
    return is_late


async def hashes(tx: Tx, campaign_id: int) -> set[bytes]:
    """The hash of every config of a campaign."""
    rows = await tx.fetch("select cfg_hash from configs where campaign_id = $1", campaign_id)
    return {row["cfg_hash"] for row in rows}


async def mark_released(tx: Tx, campaign_id: int, day: int, at: datetime) -> bool:
    """The day's money was released now; False when it had been already (the guard)."""
    row = await tx.fetchval(
        """
        update config_days
           set released_at = $3
         where campaign_id = $1
           and day = $2
           and released_at is null
        returning day
        """,
        campaign_id,
        day,
        at,
    )
    return row is not None


async def mark_closed(tx: Tx, campaign_id: int, day: int, at: datetime) -> bool:
    """The day is over and its unwon money recalled; False when it had been already."""
    row = await tx.fetchval(
        """
        update config_days
           set closed_at = $3
         where campaign_id = $1
           and day = $2
           and released_at is not null
           and closed_at is null
        returning day
        """,
        campaign_id,
        day,
        at,
    )
    return row is not None
