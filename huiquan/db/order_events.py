"""What was said about orders and parcels, with the signature under each word.  物流事件

Appended and never changed. An event finds its order by the waybill, whenever the parcel is
declared, so one that comes before its order waits here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.db.online_orders import pairs_of
from huiquan.domain.parcel_events import Event, EventKind, Waybill
from huiquan.domain.request_signing import KeptSignature


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """An event as it is kept. order is the platform's (acquirer, number) when it names one; body
    is the message as it was signed, where that may be kept."""

    event: Event
    signature: KeptSignature
    received_at: datetime
    order: tuple[int, str] | None = None
    body: str | None = None


async def append(tx: Tx, row: EventRow, sealed_address: bytes | None = None) -> bool:
    """Keep an event; False when exactly the same was kept before (the guard)."""
    event, signed = row.event, row.signature
    kept: int | None = await tx.fetchval(
        """
        insert into order_events (sender_id, event_ref, content, kind, happened_at, acquirer_id,
                                  order_ref, carrier_id, waybill, warehouse_id, county, lines,
                                  sealed_address, key_id, method, target, time_ms, nonce, body_hash,
                                  signature, received_at, body)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22)
        on conflict (sender_id, event_ref, content) do nothing
        returning 1
        """,
        event.sender_id,
        event.event_ref,
        event.content,
        event.kind.value,
        event.happened_at,
        row.order[0] if row.order else None,
        row.order[1] if row.order else None,
        event.waybill.carrier_id if event.waybill else None,
        event.waybill.number if event.waybill else None,
        event.warehouse_id,
        event.county,
        [list(pair) for pair in event.lines],
        sealed_address,
        signed.key_id,
        signed.method,
        signed.target,
        signed.time_ms,
        signed.nonce,
        signed.body_hash,
        signed.signature,
        row.received_at,
        row.body,
    )
    return kept == 1


async def is_contradicted(tx: Tx, event: Event, table: str) -> bool:
    """Whether its sender has said something else under the same number, in this table of events."""
    found: bool = await tx.fetchval(
        f"""
        select exists (select from {table}
                        where sender_id = $1
                          and event_ref = $2
                          and content <> $3)
        """,
        event.sender_id,
        event.event_ref,
        event.content,
    )
    return found


async def of_order(
    tx: Tx, acquirer_id: int, order_ref: str, waybills: Sequence[Waybill]
) -> list[EventRow]:
    """All that was said about an order and about its parcels, as it came in.

    With it comes whatever a sender said under the same number about something else: that is a
    contradiction, too.
    """
    rows = await tx.fetch(
        """
        with own as (
            select sender_id, event_ref
              from order_events
             where acquirer_id = $1
               and order_ref = $2
            union
            select e.sender_id, e.event_ref
              from unnest($3::integer[], $4::text[]) as parcel (carrier_id, waybill)
              join order_events e using (carrier_id, waybill)
        )
        select e.*
          from own
          join order_events e using (sender_id, event_ref)
         order by e.event_no
        """,
        acquirer_id,
        order_ref,
        [one.carrier_id for one in waybills],
        [one.number for one in waybills],
    )
    return [_row_of(row) for row in rows]


def _row_of(row: Row) -> EventRow:
    waybill = row["waybill"] and Waybill(carrier_id=row["carrier_id"], number=row["waybill"])
    return EventRow(
        event=Event(
            sender_id=row["sender_id"],
            event_ref=row["event_ref"],
            content=bytes(row["content"]),
            kind=EventKind(row["kind"]),
            happened_at=row["happened_at"],
            waybill=waybill,
            warehouse_id=row["warehouse_id"],
            county=row["county"],
            lines=pairs_of(row["lines"]),
        ),
        signature=KeptSignature(
            **{
                **{name: row[name] for name in KeptSignature.__dataclass_fields__},
                "body_hash": bytes(row["body_hash"]),
                "signature": bytes(row["signature"]),
            }
        ),
        received_at=row["received_at"],
        order=(row["acquirer_id"], row["order_ref"]) if row["order_ref"] else None,
        body=row["body"],
    )
