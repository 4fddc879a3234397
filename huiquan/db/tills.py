"""What must be known of a till: whose it is, and what its store takes in a campaign.  收银台"""

from huiquan.db.connection import Database, Tx
from huiquan.domain.redemptions import Store, StorePack
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Caller, Terminal, Till


async def standing_at(db: Database, caller: Caller) -> Till | Refusal:
    """The till at which somebody stands. Refuses UNAUTHENTICATED: a cashier who is none any more.

    An acquirer's terminal was admitted by its signature before.
    """
    if isinstance(caller, Terminal):
        return Till(store_id=caller.store_id, terminal=caller)
    async with db.asking() as tx:
        return await of_cashier(tx, caller) or Refusal.UNAUTHENTICATED


async def of_cashier(tx: Tx, cashier_id: int) -> Till | None:
    """The till at which a cashier stands, or None for nobody."""
    store_id: int | None = await tx.fetchval(
        "select store_id from cashiers where cashier_id = $1", cashier_id
    )
    return Till(store_id=store_id, cashier_id=cashier_id) if store_id is not None else None


async def store_for(tx: Tx, till: Till, campaign_id: int) -> Store:
    """The till's store as a campaign sees it: is it open, and which packs did it take when."""
    at = till.terminal
    store = await tx.fetchrow(
        """
        select store_id, merchant_id, city, state, channel,
               array(select r.rail
                       from store_rails r
                      where r.store_id = s.store_id
                        and r.acquirer_id = $2
                        and r.terminal in ('', $3)
                        and r.open_from <= $4
                        and (r.open_until is null or r.open_until > $4)) as rails,
               case when s.channel = 'online' and $2::integer is not null
                    then (select o.order_fen
                            from online_orders o
                           where o.acquirer_id = $2
                             and o.order_ref = $5
                             and o.store_id = s.store_id)
               end as open_order_fen
          from stores s
         where store_id = $1
        """,
        till.store_id,
        till.acquirer_id,
        at.terminal if at else None,
        at.asked_at if at else None,
        at.ref if at else None,
    )
    assert store is not None, "a till belongs to a store"
    return Store(
        store_id=store["store_id"],
        merchant_id=store["merchant_id"],
        city=store["city"],
        is_open=store["state"] == "open",
        packs=await _packs(tx, till.store_id, campaign_id),
        channel=Channel(store["channel"]),
        acquirer_id=till.acquirer_id,
        rail=at.rail if at else None,
        rails=frozenset(store["rails"]),
        open_order_fen=store["open_order_fen"],
    )


async def _packs(tx: Tx, store_id: int, campaign_id: int) -> tuple[StorePack, ...]:
    rows = await tx.fetch(
        """
        select pack, open_from, open_until
          from store_packs
         where store_id = $1
           and campaign_id = $2
         order by pack, open_from
        """,
        store_id,
        campaign_id,
    )
    return tuple(StorePack(**dict(row)) for row in rows)
