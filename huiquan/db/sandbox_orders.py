"""Online orders that were tried: goods, parcels, and what was said of them.  沙箱线上订单

Whether one is paid or all of it came back stands with the sandbox's orders and refunds, as the
real ones stand with vouchers; nothing here is judged and kept, it is judged when it is asked for.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from huiquan.db import at_till, sandbox
from huiquan.db.connection import Tx
from huiquan.db.online_orders import pairs_of
from huiquan.domain.online_orders import GoodsLine
from huiquan.domain.order_evidence import OrderFacts, Refunded
from huiquan.domain.parcel_events import Event, Parcel, Waybill
from huiquan.domain.redemptions import Store
from huiquan.domain.sandbox import warehouse_of
from huiquan.domain.tills import Till


@dataclass(frozen=True, kw_only=True)
class TriedOnlineOrder:
    """An order with its goods, and the keeper whose warehouse was promised."""

    acquirer_id: int
    order_ref: str
    store_id: int
    keeper_id: int
    order_fen: int
    lines: tuple[GoodsLine, ...]
    county: str
    opened_at: datetime

    @property
    def ordered(self) -> tuple[tuple[int, int], ...]:
        """Number and quantity of each line; lines are numbered from 1."""
        return tuple((at, line.quantity) for at, line in enumerate(self.lines, start=1))


async def record(tx: Tx, order: TriedOnlineOrder) -> None:
    """Record an order that was opened; a second one of its number is a key violation."""
    lines: list[dict[str, Any]] = msgspec.to_builtins(order.lines)
    await tx.execute(
        """
        insert into sandbox_online_orders (acquirer_id, order_ref, store_id, keeper_id, order_fen,
                                           lines, county, opened_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        order.acquirer_id,
        order.order_ref,
        order.store_id,
        order.keeper_id,
        order.order_fen,
        lines,
        order.county,
        order.opened_at,
    )


async def find(tx: Tx, acquirer_id: int, order_ref: str) -> TriedOnlineOrder | None:
    """One order, or None."""
    row = await tx.fetchrow(
        "select * from sandbox_online_orders where acquirer_id = $1 and order_ref = $2",
        acquirer_id,
        order_ref,
    )
    if row is None:
        return None
    lines = tuple(GoodsLine(**line) for line in row["lines"])
    return TriedOnlineOrder(**{**dict(row), "lines": lines})


async def store_for(tx: Tx, till: Till, campaign_id: int) -> Store:
    """The till's store as a campaign sees it, with the online order that was tried there."""
    store = await at_till.store_for(tx, till, campaign_id)
    if till.terminal is None:
        return store
    tried = await find(tx, till.terminal.acquirer_id, till.terminal.ref)
    is_here = tried is not None and tried.store_id == till.store_id
    return replace(store, open_order_fen=tried.order_fen if tried and is_here else None)


async def declare_parcel(
    tx: Tx, order: TriedOnlineOrder, parcel: Parcel, declared_at: datetime
) -> bool:
    """Note a parcel of an order; False when its waybill is another order's (the guard)."""
    declared: int | None = await tx.fetchval(
        """
        insert into sandbox_parcels (carrier_id, waybill, acquirer_id, order_ref, keeper_id, lines,
                                     declared_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (carrier_id, waybill) do nothing
        returning 1
        """,
        parcel.waybill.carrier_id,
        parcel.waybill.number,
        order.acquirer_id,
        order.order_ref,
        parcel.warehouse.warehouse_id,
        [list(pair) for pair in parcel.lines],
        declared_at,
    )
    return declared == 1


async def order_of_parcel(tx: Tx, waybill: Waybill) -> tuple[int, str] | None:
    """The order (acquirer, number) that a parcel belongs to, or None while nobody declared it."""
    row = await tx.fetchrow(
        "select acquirer_id, order_ref from sandbox_parcels where carrier_id = $1 and waybill = $2",
        waybill.carrier_id,
        waybill.number,
    )
    return (row["acquirer_id"], row["order_ref"]) if row else None


async def append(
    tx: Tx, event: Event, received_at: datetime, order: tuple[int, str] | None = None
) -> bool:
    """Keep an event; False when exactly the same was kept before (the guard)."""
    told: dict[str, Any] = msgspec.to_builtins(event)
    kept: int | None = await tx.fetchval(
        """
        insert into sandbox_order_events (sender_id, event_ref, content, told, acquirer_id,
                                          order_ref, carrier_id, waybill, received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (sender_id, event_ref, content) do nothing
        returning 1
        """,
        event.sender_id,
        event.event_ref,
        event.content,
        told,
        order[0] if order else None,
        order[1] if order else None,
        event.waybill.carrier_id if event.waybill else None,
        event.waybill.number if event.waybill else None,
        received_at,
    )
    return kept == 1


async def facts_of(tx: Tx, order: TriedOnlineOrder) -> OrderFacts:
    """All that is known of an order, for judging it."""
    parcels = await _parcels_of(tx, order)
    tried = await sandbox.find_order(tx, order.acquirer_id, order.order_ref)
    refunds = await sandbox.refunds_of(tx, order.acquirer_id, order.order_ref)
    lock = tried.lock if tried else None
    refunded = None
    if lock is not None:
        refunded = Refunded.of(
            order.lines,
            order_fen=order.order_fen,
            net_fen=lock.quote.net_fen,
            refunded_fen=sandbox.so_far(refunds).refunded_fen,
        )
    return OrderFacts(
        lines=order.ordered,
        county=order.county,
        opened_at=order.opened_at,
        parcels=parcels,
        events=await _events_of(tx, order, parcels),
        paid_at=tried.redeemed_at if tried else None,
        refunded=refunded,
    )


async def _parcels_of(tx: Tx, order: TriedOnlineOrder) -> tuple[Parcel, ...]:
    rows = await tx.fetch(
        """
        select carrier_id, waybill, keeper_id, lines
          from sandbox_parcels
         where acquirer_id = $1
           and order_ref = $2
        """,
        order.acquirer_id,
        order.order_ref,
    )
    return tuple(
        Parcel(
            waybill=Waybill(carrier_id=row["carrier_id"], number=row["waybill"]),
            warehouse=warehouse_of(row["keeper_id"]),
            lines=pairs_of(row["lines"]),
        )
        for row in rows
    )


async def _events_of(
    tx: Tx, order: TriedOnlineOrder, parcels: tuple[Parcel, ...]
) -> tuple[Event, ...]:
    """What was said of an order and its parcels, and anything else under the same numbers."""
    rows = await tx.fetch(
        """
        with own as (
            select sender_id, event_ref
              from sandbox_order_events
             where acquirer_id = $1
               and order_ref = $2
            union
            select e.sender_id, e.event_ref
              from unnest($3::integer[], $4::text[]) as parcel (carrier_id, waybill)
              join sandbox_order_events e using (carrier_id, waybill)
        )
        select e.told
          from own
          join sandbox_order_events e using (sender_id, event_ref)
         order by e.event_no
        """,
        order.acquirer_id,
        order.order_ref,
        [one.waybill.carrier_id for one in parcels],
        [one.waybill.number for one in parcels],
    )
    return tuple(msgspec.convert(row["told"], Event) for row in rows)
