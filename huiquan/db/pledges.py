"""Matching money that platform and merchants pledged.  配套资金承诺"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.offers import Funder


@dataclass(frozen=True, kw_only=True)
class PledgeRow:
    """What one side pledged for a campaign, in its own document."""

    pledge_id: int
    funder: Funder
    merchant_id: int | None
    merchant: str | None
    pledged_fen: int
    document: str
    recorded_at: datetime


async def find(tx: Tx, campaign_id: int, document: str) -> PledgeRow | None:
    """The pledge in this document, or None."""
    found = [one for one in await everything(tx, campaign_id) if one.document == document]
    return found[0] if found else None


async def record(
    tx: Tx,
    campaign_id: int,
    *,
    funder: Funder,
    merchant_id: int | None,
    pledged_fen: int,
    document: str,
    by: str,
    at: datetime,
) -> int:
    """Record a pledge; gives its id."""
    pledge_id: int = await tx.fetchval(
        """
        insert into pledges (campaign_id, funder, merchant_id, pledged_fen, document, recorded_by,
                             recorded_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning pledge_id
        """,
        campaign_id,
        funder.value,
        merchant_id,
        pledged_fen,
        document,
        by,
        at,
    )
    return pledge_id


async def is_merchant(tx: Tx, merchant_id: int) -> bool:
    """Whether there is such a merchant."""
    found: bool = await tx.fetchval(
        "select exists (select from merchants where merchant_id = $1)", merchant_id
    )
    return found


async def everything(tx: Tx, campaign_id: int) -> list[PledgeRow]:
    """Every pledge of a campaign, in the order in which they were recorded."""
    rows = await tx.fetch(
        """
        select p.pledge_id, p.funder, p.merchant_id, m.name as merchant, p.pledged_fen, p.document,
               p.recorded_at
          from pledges p
          left join merchants m
         using (merchant_id)
         where p.campaign_id = $1
         order by p.pledge_id
        """,
        campaign_id,
    )
    return [PledgeRow(**{**dict(row), "funder": Funder(row["funder"])}) for row in rows]
