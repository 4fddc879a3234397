"""What is said at the order door, and what is answered, in earnest and in the sandbox.  订单请求

A message becomes an event here, whoever keeps it: its content is everything that was said, so
that the same words are known again, and other words under the same number are noticed.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from huiquan.domain.online_orders import GoodsLine, Opening
from huiquan.domain.parcel_events import (
    OUTSIDE_HUBEI,
    Event,
    EventKind,
    Waybill,
    content_of,
)
from huiquan.domain.refusals import Refusal

OF_PLACES = (EventKind.SIGNED, EventKind.REROUTED)
"""Events that say where."""


@dataclass(frozen=True, kw_only=True)
class OrderAsked:
    """An order as the platform opens it; its number stands in the terminal."""

    lines: tuple[GoodsLine, ...]
    warehouse: str
    address: str


class OrderOpened(msgspec.Struct, frozen=True, kw_only=True):
    """What an order comes to, and where the house reads its address to lead."""

    order_fen: int
    city: str
    county: str
    county_zh: str


def opened_as(opening: Opening) -> OrderOpened:
    """What is answered to an order that was opened."""
    to = opening.destination
    return OrderOpened(
        order_fen=opening.order_fen, city=to.city, county=to.county, county_zh=to.county_zh
    )


@dataclass(frozen=True, kw_only=True)
class ParcelAsked:
    """A parcel as the platform declares it; lines are (line, quantity). A split order has many."""

    order_ref: str
    carrier: str
    waybill: str
    warehouse: str
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class ChangeTold:
    """One change under the platform's own number of it; what it needs of the rest is named.

    address: address_changed; carrier and waybill: intercepted; lines: goods_back.
    """

    order_ref: str
    change_ref: str
    kind: EventKind
    happened_at: datetime
    address: str | None = None
    carrier: str | None = None
    waybill: str | None = None
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeNoted:
    """The county an order goes to after a change of address; "" when it has left Hubei."""

    county: str | None = None


class Standing(StrEnum):
    """What became of an event that was sent."""

    TAKEN = "taken"
    KNOWN = "known"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, kw_only=True)
class EventTold:
    """What was said. carrier: whose waybill it is, when a warehouse speaks; county: six digits."""

    event_ref: str
    kind: EventKind
    happened_at: datetime
    waybill: str
    carrier: str | None = None
    warehouse: str | None = None
    county: str | None = None


@dataclass(frozen=True, kw_only=True)
class EventTaken:
    """What became of it, and the order it is about, as far as anyone has said which."""

    standing: Standing
    order: tuple[int, str] | None


def event_of(
    told: EventTold, sender_id: int, waybill: Waybill, warehouse_id: int | None, known: Set[str]
) -> Event | Refusal:
    """The event that a carrier or warehouse tells of; known are the codes of Hubei's counties.

    Refuses MALFORMED: it does not say where something was signed for.
    """
    county = None
    if told.kind in OF_PLACES:
        if told.county is None:
            return Refusal.MALFORMED
        county = told.county if told.county in known else OUTSIDE_HUBEI
    return Event(
        sender_id=sender_id,
        event_ref=told.event_ref,
        content=content_of(
            told.kind.value,
            told.happened_at.astimezone(UTC).isoformat(),
            waybill.carrier_id,
            waybill.number,
            warehouse_id,
            told.county,
        ),
        kind=told.kind,
        happened_at=told.happened_at,
        waybill=waybill,
        warehouse_id=warehouse_id,
        county=county,
    )


def change_of(
    told: ChangeTold, sender_id: int, *, waybill: Waybill | None, county: str | None
) -> Event:
    """The event that a platform tells of."""
    return Event(
        sender_id=sender_id,
        event_ref=told.change_ref,
        content=content_of(
            told.kind.value,
            told.happened_at.astimezone(UTC).isoformat(),
            told.order_ref,
            told.address,
            told.carrier,
            told.waybill,
            told.lines,
        ),
        kind=told.kind,
        happened_at=told.happened_at,
        waybill=waybill,
        county=county,
        lines=told.lines,
    )
