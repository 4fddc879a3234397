"""What must be known of a till: whose it is, and what its store takes in a campaign.  收银台"""

from huiquan.db.connection import Tx
from huiquan.domain.redemptions import Store, StorePack
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Till


async def of_cashier(tx: Tx, cashier_id: int) -> Till | None:
    """The till at which a cashier stands, or None for nobody."""
    store_id: int | None = await tx.fetchval(
        "select store_id from cashiers where cashier_id = $1", cashier_id
    )
    return Till(store_id=store_id, cashier_id=cashier_id) if store_id is not None else None


async def store_for(tx: Tx, till: Till, campaign_id: int) -> Store:
    """The till's store as a campaign sees it: is it open, and which packs did it take when."""
    store = await tx.fetchrow(
        "select store_id, merchant_id, city, state, channel from stores where store_id = $1",
        till.store_id,
    )
    assert store is not None, "a cashier belongs to a store"
    packs = await tx.fetch(
        """
        select pack, open_from, open_until
          from store_packs
         where store_id = $1
           and campaign_id = $2
         order by pack, open_from
        """,
        till.store_id,
        campaign_id,
    )
    return Store(
        store_id=store["store_id"],
        merchant_id=store["merchant_id"],
        city=store["city"],
        is_open=store["state"] == "open",
        packs=tuple(StorePack(**dict(row)) for row in packs),
        channel=Channel(store["channel"]),
    )
