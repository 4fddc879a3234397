"""Matching money: pledged by platform and merchants, used by offers.  配套资金"""

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


@dataclass(frozen=True, kw_only=True)
class UsedRow:
    """What the offers of one side came to; merchant_id is None for the platform.

    used_fen stood on redeemed orders; of it given_back_fen went with goods that came back, in
    proportion. order_fen are the orders on which such an offer stood.
    """

    funder: Funder
    merchant_id: int | None
    merchant: str | None
    redemption_count: int
    order_fen: int
    used_fen: int
    given_back_fen: int


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


async def used(tx: Tx, campaign_id: int) -> list[UsedRow]:
    """What offers took off redeemed orders, by who paid for them, counted from the locks.

    The part that came back with goods is rounded half up for each redemption and side, as a
    refund is. Redemptions without an offer, nearly all, are left out by their own column.
    """
    rows = await tx.fetch(
        """
        with parts as (
            select o ->> 'funder' as funder,
                   case when o ->> 'funder' = 'merchant' then r.merchant_id end as merchant_id,
                   r.order_fen, r.net_fen, r.refunded_fen,
                   sum((o ->> 'amount_fen')::bigint) as offer_fen
              from redemptions r
              join locks l
             using (lane, campaign_id, idx, lock_no)
             cross join lateral jsonb_array_elements(l.offers) o
             where r.campaign_id = $1
               and r.offers_fen > 0
             group by r.lane, r.idx, r.lock_no, o ->> 'funder', r.merchant_id, r.order_fen,
                      r.net_fen, r.refunded_fen
        )
        select p.funder, p.merchant_id, m.name as merchant,
               count(*) as redemption_count,
               sum(p.order_fen)::bigint as order_fen,
               sum(p.offer_fen)::bigint as used_fen,
               sum(div(2 * p.offer_fen * p.refunded_fen + p.net_fen, 2 * p.net_fen))::bigint
                   as given_back_fen
          from parts p
          left join merchants m
         using (merchant_id)
         group by p.funder, p.merchant_id, m.name
         order by p.funder desc, used_fen desc, p.merchant_id
        """,
        campaign_id,
    )
    return [UsedRow(**{**dict(row), "funder": Funder(row["funder"])}) for row in rows]
