"""A change of keys as it stands: for the operator, for the public, for a proof.  换钥现状"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaigns, epochs
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


async def lanes_undrawn(app: App, campaign_id: int) -> list[int]:
    """The lanes in which a sealed round waits to be drawn."""
    async with app.db.reading() as tx:
        return list(await epochs.open_seals(tx, campaign_id))
