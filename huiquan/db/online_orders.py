"""Online orders as they are kept: goods, place, parcels, and how they were last judged.  线上订单

Stage and findings in the row are what the last judging found, for lists; what counts is judged anew
from parcels and events whenever it matters. Whoever judges holds the order's row, so of two events
at one moment the second judge has seen both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiquan.db import warehouses
from huiquan.db.connection import Row, Tx
from huiquan.domain.online_orders import GoodsLine, Opening
from huiquan.domain.order_evidence import Judged, Stage
from huiquan.domain.parcel_events import Finding, Parcel, Waybill
from huiquan.domain.tills import Terminal

_COLUMNS = """
    o.acquirer_id, o.order_ref, o.store_id, o.warehouse_id, o.order_fen, o.lines, o.city, o.county,
    o.sealed_address, o.opened_at, o.paid_at, o.stage, o.findings, o.judged_at
"""


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One online order; the address itself is locked up."""

    acquirer_id: int
    order_ref: str
    store_id: int
    warehouse_id: int
    order_fen: int
    lines: tuple[GoodsLine, ...]
    city: str
    county: str
    sealed_address: bytes
    opened_at: datetime
    paid_at: datetime | None
    stage: Stage
    findings: tuple[Finding, ...]
    judged_at: datetime | None

    @property
    def ordered(self) -> tuple[tuple[int, int], ...]:
        """Number and quantity of each line; lines are numbered from 1."""
        return tuple((at, line.quantity) for at, line in enumerate(self.lines, start=1))


def row_of(row: Row) -> OrderRow:
    """An order from a row that holds all columns of the table."""
    return OrderRow(
        **{
            **{name: row[name] for name in OrderRow.__dataclass_fields__},
            "lines": tuple(GoodsLine(**line) for line in row["lines"]),
            "sealed_address": bytes(row["sealed_address"]),
            "stage": Stage(row["stage"]),
            "findings": tuple(Finding(one) for one in row["findings"]),
        }
    )


def pairs_of(told: list[list[int]]) -> tuple[tuple[int, int], ...]:
    """Line numbers and quantities as they are kept in a column."""
    return tuple((line, quantity) for line, quantity in told)


async def record(
    tx: Tx,
    at: Terminal,
    opening: Opening,
    *,
    lines: Sequence[GoodsLine],
    warehouse_id: int,
    sealed_address: bytes,
    now: datetime,
) -> None:
    """Record an order that was opened; a second one of its number is a key violation."""
    told: list[dict[str, Any]] = [
        {name: getattr(line, name) for name in GoodsLine.__dataclass_fields__} for line in lines
    ]
    await tx.execute(
        """
        insert into online_orders (acquirer_id, order_ref, store_id, warehouse_id, order_fen, lines,
                                   city, county, sealed_address, opened_at, stage)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'opened')
        """,
        at.acquirer_id,
        at.ref,
        at.store_id,
        warehouse_id,
        opening.order_fen,
        told,
        opening.destination.city,
        opening.destination.county,
        sealed_address,
        now,
    )


async def mark_paid(tx: Tx, at: Terminal, now: datetime) -> None:
    """Note that an order was paid, in the transaction of its redemption."""
    marked = await tx.fetchval(
        """
        update online_orders
           set paid_at = $3,
               stage = 'paid'
         where acquirer_id = $1
           and order_ref = $2
        returning 1
        """,
        at.acquirer_id,
        at.ref,
        now,
    )
    assert marked == 1, "the order was seen in this transaction"


async def find(tx: Tx, acquirer_id: int, order_ref: str) -> OrderRow | None:
    """One order, or None."""
    return await _one(tx, acquirer_id, order_ref, "")


async def hold(tx: Tx, acquirer_id: int, order_ref: str) -> OrderRow | None:
    """One order, held until the commit, or None."""
    return await _one(tx, acquirer_id, order_ref, "for update")


async def _one(tx: Tx, acquirer_id: int, order_ref: str, lock: str) -> OrderRow | None:
    row = await tx.fetchrow(
        f"""
        select {_COLUMNS}
          from online_orders o
         where o.acquirer_id = $1
           and o.order_ref = $2
           {lock}
        """,
        acquirer_id,
        order_ref,
    )
    return row_of(row) if row else None


async def keep_judged(tx: Tx, row: OrderRow, judged: Judged, at: datetime) -> None:
    """Keep what an order was judged to be, for lists."""
    await tx.execute(
        """
        update online_orders
           set stage = $3,
               findings = $4,
               judged_at = $5
         where acquirer_id = $1
           and order_ref = $2
        """,
        row.acquirer_id,
        row.order_ref,
        judged.stage.value,
        [one.value for one in judged.findings],
        at,
    )


async def declare_parcel(
    tx: Tx,
    row: OrderRow,
    waybill: Waybill,
    *,
    warehouse_id: int,
    lines: Sequence[tuple[int, int]],
    at: datetime,
) -> bool:
    """Note a parcel of an order; False when its waybill is another order's (the guard)."""
    declared: int | None = await tx.fetchval(
        """
        insert into order_parcels (carrier_id, waybill, acquirer_id, order_ref, warehouse_id, lines,
                                   declared_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (carrier_id, waybill) do nothing
        returning 1
        """,
        waybill.carrier_id,
        waybill.number,
        row.acquirer_id,
        row.order_ref,
        warehouse_id,
        [list(pair) for pair in lines],
        at,
    )
    return declared == 1


async def parcels_of(tx: Tx, acquirer_id: int, order_ref: str) -> tuple[Parcel, ...]:
    """The parcels of an order with their warehouses as they stand now."""
    rows = await tx.fetch(
        """
        select carrier_id, waybill, warehouse_id, lines
          from order_parcels
         where acquirer_id = $1
           and order_ref = $2
        """,
        acquirer_id,
        order_ref,
    )
    known = await warehouses.of_ids(tx, [row["warehouse_id"] for row in rows])
    return tuple(
        Parcel(
            waybill=Waybill(carrier_id=row["carrier_id"], number=row["waybill"]),
            warehouse=known[row["warehouse_id"]].as_evidence,
            lines=pairs_of(row["lines"]),
        )
        for row in rows
    )


async def order_of_parcel(tx: Tx, waybill: Waybill) -> tuple[int, str] | None:
    """The order (acquirer, number) that a parcel belongs to, or None while nobody declared it."""
    row = await tx.fetchrow(
        """
        select acquirer_id, order_ref
          from order_parcels
         where carrier_id = $1
           and waybill = $2
        """,
        waybill.carrier_id,
        waybill.number,
    )
    return (row["acquirer_id"], row["order_ref"]) if row else None


async def unjudged(tx: Tx, since: datetime) -> list[tuple[int, str]]:
    """Paid orders that no judging has seen as they are: since a moment a word came about their
    parcels, or money came back over another door, be it a part, after they were judged; an order of
    which all came back is one of them until it is judged returned."""
    rows = await tx.fetch(
        """
        select o.acquirer_id, o.order_ref
          from order_events e
          join order_parcels p using (carrier_id, waybill)
          join online_orders o
            on (o.acquirer_id, o.order_ref) = (p.acquirer_id, p.order_ref)
         where e.received_at >= $1
           and e.received_at >= coalesce(o.judged_at, o.paid_at)
           and o.paid_at is not null
        union
        select o.acquirer_id, o.order_ref
          from refunds f
          join redemptions d using (lane, campaign_id, idx, lock_no)
          join acquirer_orders p using (lane, campaign_id, idx, lock_no)
          join online_orders o
            on (o.acquirer_id, o.order_ref) = (p.acquirer_id, p.order_ref)
         where f.refunded_at >= $1
           and case when d.refunded_fen = d.net_fen then o.stage <> 'returned'
                    else f.refunded_at >= coalesce(o.judged_at, o.paid_at) end
         order by acquirer_id, order_ref
        """,
        since,
    )
    return [(row["acquirer_id"], row["order_ref"]) for row in rows]
