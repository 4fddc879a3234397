"""A change of keys as it stands: for the operator, for the public, for a proof.  换钥现状"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, epochs, public_log
from huiquan.domain.epochs import Declaration, DeclaredEpoch, decode_declaration
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class EpochView:
    """A declaration, drafted or begun, and since when its key signs."""

    declaration: Declaration
    declared: DeclaredEpoch | None
    leaf: int | None
    drafted_at: datetime
    begun_at: datetime | None
    signs_from: datetime | None


async def epoch_of(app: App, code: str) -> EpochView | Refusal:
    """A campaign's change of keys. Refuses UNKNOWN_CAMPAIGN, NOT_FOUND where there was none."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        row = await epochs.of_campaign(tx, campaign.campaign_id)
        acts_at: datetime | None = await tx.fetchval(
            "select max(acts_at) from configs where campaign_id = $1", campaign.campaign_id
        )
    if row is None:
        return Refusal.NOT_FOUND
    return EpochView(
        declaration=decode_declaration(row.body),
        declared=row.declared,
        leaf=row.leaf,
        drafted_at=row.drafted_at,
        begun_at=row.begun_at,
        signs_from=acts_at,
    )


async def published_epoch(app: App, campaign_id: int) -> DeclaredEpoch | Refusal:
    """The declared change of keys, once a checkpoint covers it. Refuses NOT_FOUND."""
    async with app.db.reading() as tx:
        row = await epochs.of_campaign(tx, campaign_id)
        last = await public_log.last_checkpoint(tx, campaign_id)
    declared = row.declared if row else None
    if row is None or declared is None or row.leaf is None:
        return Refusal.NOT_FOUND
    return declared if last is not None and row.leaf < last.size else Refusal.NOT_FOUND


async def changes(app: App) -> list[Declaration]:
    """Every change of keys of the house that has begun."""
    async with app.db.reading() as tx:
        rows = await tx.fetch("select body from epochs where begun_at is not null order by 1")
    return [decode_declaration(row["body"]) for row in rows]


async def lanes_undrawn(app: App, campaign_id: int) -> list[int]:
    """The lanes in which a sealed round waits to be drawn."""
    async with app.db.reading() as tx:
        return list(await epochs.open_seals(tx, campaign_id))
