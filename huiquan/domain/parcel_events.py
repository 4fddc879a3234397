"""Parcel events: what warehouse, carrier and platform say about a parcel, and how it adds up.

包裹与物流事件。 An event is what one sender signed; all are kept and none is believed alone.
They come late, doubled and out of order, so what became of a parcel is worked out from the set of
its events: whoever gets the same events in any order, and any of them twice, finds the same.

    warehouse: dispatched      carrier: collected --> signed
                                           \\--> rerouted, lost, found, returned
    platform: intercepted, address_changed, goods_back
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Sender(StrEnum):
    """What somebody who signs is to the house."""

    ACQUIRER = "acquirer"  # 收单机构、线上平台
    CARRIER = "carrier"  # 承运商
    WAREHOUSE = "warehouse"  # 仓储方


class EventKind(StrEnum):
    """What is said; in the order in which events of one instant are read, the worst last."""

    ADDRESS_CHANGED = "address_changed"  # 改地址
    GOODS_BACK = "goods_back"  # 退货
    DISPATCHED = "dispatched"  # 出库
    COLLECTED = "collected"  # 揽收
    FOUND = "found"  # 找回
    SIGNED = "signed"  # 签收
    REROUTED = "rerouted"  # 改派
    INTERCEPTED = "intercepted"  # 拦截
    LOST = "lost"  # 丢失
    RETURNED = "returned"  # 退回


SAID_BY = {
    EventKind.ADDRESS_CHANGED: Sender.ACQUIRER,
    EventKind.GOODS_BACK: Sender.ACQUIRER,
    EventKind.INTERCEPTED: Sender.ACQUIRER,
    EventKind.DISPATCHED: Sender.WAREHOUSE,
    EventKind.COLLECTED: Sender.CARRIER,
    EventKind.FOUND: Sender.CARRIER,
    EventKind.SIGNED: Sender.CARRIER,
    EventKind.REROUTED: Sender.CARRIER,
    EventKind.LOST: Sender.CARRIER,
    EventKind.RETURNED: Sender.CARRIER,
}
"""Who may say what."""

_RANK = {kind: place for place, kind in enumerate(EventKind)}
_COURSE = {kind for kind, sender in SAID_BY.items() if sender is Sender.CARRIER} | {
    EventKind.INTERCEPTED
}


class Finding(StrEnum):
    """What is missing or wrong before an order's money is final."""

    NO_PARCEL = "no_parcel"
    LINES_MISSING = "lines_missing"
    NOT_DISPATCHED = "not_dispatched"
    NOT_COLLECTED = "not_collected"
    NOT_SIGNED = "not_signed"
    INTERCEPTED = "intercepted"
    LOST = "lost"
    SENT_BACK = "sent_back"
    OTHER_WAREHOUSE = "other_warehouse"
    WRONG_COUNTY = "wrong_county"
    SIGNED_OUTSIDE = "signed_outside"
    SIGNED_BEFORE_SHIPPED = "signed_before_shipped"
    REROUTED_OUTSIDE = "rerouted_outside"
    ADDRESS_OUTSIDE = "address_outside"
    CONTRADICTED = "contradicted"


GONE = frozenset({Finding.INTERCEPTED, Finding.LOST, Finding.SENT_BACK})
"""The parcel does not arrive; its goods may be sent again in another."""

DOUBTFUL = frozenset(tuple(Finding)[tuple(Finding).index(Finding.OTHER_WAREHOUSE) :])
"""No waiting mends these by itself: people look at them."""

OUTSIDE_HUBEI = ""
"""The county of a place that is none of Hubei's."""


@dataclass(frozen=True, kw_only=True, order=True)
class Waybill:
    """A carrier's number of a parcel.  运单"""

    carrier_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that one sender said. `content` is the hash of all that it said.

    county: where it was signed, or where it goes now; OUTSIDE_HUBEI for any other place. lines:
    the goods that came back, (line, quantity).
    """

    sender_id: int
    event_ref: str
    content: bytes
    kind: EventKind
    happened_at: datetime
    waybill: Waybill | None = None
    warehouse_id: int | None = None
    county: str | None = None
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    """A warehouse in Hubei, and when it stood in the register as approved."""

    warehouse_id: int
    operator_id: int
    open_from: datetime | None
    open_until: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """True while it is approved and not closed."""
        has_begun = self.open_from is not None and self.open_from <= at
        return has_begun and (self.open_until is None or at < self.open_until)


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A parcel as the platform declared it: from which warehouse, with which goods."""

    waybill: Waybill
    warehouse: Warehouse
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Address:
    """To which county an order goes from a moment on; OUTSIDE_HUBEI when it has left Hubei."""

    county: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ParcelStanding:
    """What became of a parcel; last is its latest event of the road, None before the first."""

    parcel: Parcel
    last: EventKind | None
    findings: tuple[Finding, ...]

    @property
    def is_delivered(self) -> bool:
        """True when its whole way is proven, from a warehouse in Hubei to the address."""
        return not self.findings


def content_of(*said: object) -> bytes:
    """The hash of all that an event says, whatever its bytes on the wire looked like."""
    return hashlib.sha256(repr(said).encode()).digest()


def sort_key(event: Event) -> tuple[datetime, int, int, str, bytes]:
    """The one order in which a set of events is read, whatever the order of arrival."""
    rank = _RANK[event.kind]
    return (event.happened_at, rank, event.sender_id, event.event_ref, event.content)


def believed(events: Iterable[Event]) -> tuple[tuple[Event, ...], frozenset[Event]]:
    """The events in order, each once, and those about which their sender contradicts itself.

    One number with two contents: neither is believed, for which came first says nothing.
    """
    by_name: defaultdict[tuple[int, str], set[Event]] = defaultdict(set)
    for event in events:
        by_name[event.sender_id, event.event_ref].add(event)
    single = [next(iter(told)) for told in by_name.values() if len(told) == 1]
    double = [event for told in by_name.values() if len(told) > 1 for event in told]
    return tuple(sorted(single, key=sort_key)), frozenset(double)


def addresses_of(county: str, since: datetime, events: Sequence[Event]) -> tuple[Address, ...]:
    """The addresses an order had, in turn: as it was opened, then each change."""
    changed = [one for one in events if one.kind is EventKind.ADDRESS_CHANGED]
    later = tuple(Address(county=one.county or "", since=one.happened_at) for one in changed)
    return (Address(county=county, since=since), *later)


def county_in_force(addresses: Sequence[Address], at: datetime) -> str:
    """The county in force at a moment: of the last change by then, else the first."""
    changed = [one.county for one in addresses[1:] if one.since <= at]
    return changed[-1] if changed else addresses[0].county


def stand(
    parcel: Parcel,
    events: Sequence[Event],
    contradicted: Iterable[Event],
    addresses: Sequence[Address],
) -> ParcelStanding:
    """Say what became of a parcel, from all believed events in their order (R3.7, R5.4)."""
    own = [one for one in events if one.waybill == parcel.waybill]
    road = [one for one in own if one.kind in _COURSE]
    findings = [*_leaving_flaws(parcel, own), *_road_flaws(road, own, addresses)]
    if any(one.waybill == parcel.waybill for one in contradicted):
        findings.append(Finding.CONTRADICTED)
    return ParcelStanding(
        parcel=parcel,
        last=road[-1].kind if road else None,
        findings=tuple(one for one in Finding if one in findings),
    )


def _leaving_flaws(parcel: Parcel, own: Sequence[Event]) -> list[Finding]:
    """Did it leave the registered warehouse, by the word of whoever runs that, and no other?"""
    left = [one for one in own if one.kind is EventKind.DISPATCHED]
    fitting = [
        one
        for one in left
        if one.sender_id == parcel.warehouse.operator_id
        and one.warehouse_id == parcel.warehouse.warehouse_id
        and parcel.warehouse.is_open(one.happened_at)
    ]
    flaws = [] if fitting else [Finding.NOT_DISPATCHED]
    return [*flaws, Finding.OTHER_WAREHOUSE] if len(fitting) < len(left) else flaws


def _road_flaws(
    road: Sequence[Event], own: Sequence[Event], addresses: Sequence[Address]
) -> list[Finding]:
    """Was it collected, and is the last thing said of it that it was signed for at the address?"""
    signed = [one for one in road if one.kind is EventKind.SIGNED]
    flaws = []
    if not any(one.kind is EventKind.COLLECTED for one in road):
        flaws.append(Finding.NOT_COLLECTED)
    if len({one.county for one in signed}) > 1:
        flaws.append(Finding.CONTRADICTED)
    if signed and any(
        one.happened_at > signed[0].happened_at and one.kind in _BEFORE_SIGNING for one in own
    ):
        flaws.append(Finding.SIGNED_BEFORE_SHIPPED)
    if not road or road[-1].kind is not EventKind.SIGNED:
        return [*flaws, _unsigned(road[-1] if road else None)]
    at, last = road[-1].county, road[-1]
    if at == OUTSIDE_HUBEI:
        flaws.append(Finding.SIGNED_OUTSIDE)
    elif at != county_in_force(addresses, last.happened_at):
        flaws.append(Finding.WRONG_COUNTY)
    return flaws


_BEFORE_SIGNING = frozenset({EventKind.DISPATCHED, EventKind.COLLECTED})
_WITHOUT_SIGNATURE = {
    EventKind.INTERCEPTED: Finding.INTERCEPTED,
    EventKind.LOST: Finding.LOST,
    EventKind.RETURNED: Finding.SENT_BACK,
}


def _unsigned(last: Event | None) -> Finding:
    if last is None:
        return Finding.NOT_SIGNED
    if last.kind is EventKind.REROUTED and last.county == OUTSIDE_HUBEI:
        return Finding.REROUTED_OUTSIDE
    return _WITHOUT_SIGNATURE.get(last.kind, Finding.NOT_SIGNED)
