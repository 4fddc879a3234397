"""Evidence of an online order: is its money final, and if not, what is missing?  线上订单凭证

    opened --paid--> paid --on the road--> shipping --every parcel proven--> delivered
                        \\--something does not fit--> doubtful     all of it came back: returned

The voucher is redeemed at payment, and its money is held until the order is `delivered`. The stage
is worked out from the set of facts each time and never moved by hand, so an event that comes later
may take it back: then the money is held again, or people are told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from huiquan.domain.online_orders import AHEAD_MAX, GoodsLine
from huiquan.domain.parcel_events import (
    DOUBTFUL,
    GONE,
    OUTSIDE_HUBEI,
    Event,
    EventKind,
    Finding,
    Parcel,
    ParcelStanding,
    addresses_of,
    believed,
    stand,
)
from huiquan.domain.rulebooks import OnlineRules


class Stage(StrEnum):
    """How far an order has come."""

    OPENED = "opened"  # 已下单
    PAID = "paid"  # 已支付，待发货
    SHIPPING = "shipping"  # 运输中
    DELIVERED = "delivered"  # 凭证齐全
    DOUBTFUL = "doubtful"  # 存疑
    RETURNED = "returned"  # 已全部退款


class Late(StrEnum):
    """What has not come in its time."""

    NOT_SHIPPED = "not_shipped"  # 超时未发货
    NOT_SIGNED = "not_signed"  # 超时未签收


@dataclass(frozen=True, kw_only=True)
class Refunded:
    """What came back of an order in money, beside what its goods cost, in fen.

    unit_fen: the price of one piece of each line. order_fen is the sum of all lines, net_fen what
    was left of it after offers, refunded_fen the goods refunded so far, counted like net_fen.
    """

    unit_fen: Mapping[int, int]
    order_fen: int
    net_fen: int
    refunded_fen: int

    @classmethod
    def of(
        cls, lines: Iterable[GoodsLine], *, order_fen: int, net_fen: int, refunded_fen: int
    ) -> "Refunded":
        """What came back of an order with these lines, which are numbered from 1."""
        return cls(
            unit_fen={at: line.unit_fen for at, line in enumerate(lines, start=1)},
            order_fen=order_fen,
            net_fen=net_fen,
            refunded_fen=refunded_fen,
        )

    def pays_for(self, back: Mapping[int, int]) -> bool:
        """Whether the money that came back is at least what these pieces cost after offers."""
        gross_fen = sum(self.unit_fen[line] * count for line, count in back.items())
        return self.refunded_fen >= gross_fen * self.net_fen // self.order_fen


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """All that is known of an order. lines: what was ordered, (line, quantity).

    refunded is None for an order that was not paid.
    """

    lines: tuple[tuple[int, int], ...]
    county: str
    opened_at: datetime
    parcels: tuple[Parcel, ...] = ()
    events: tuple[Event, ...] = ()
    paid_at: datetime | None = None
    refunded: Refunded | None = None

    @property
    def is_all_returned(self) -> bool:
        """True when all of the order's money came back."""
        return self.refunded is not None and self.refunded.refunded_fen == self.refunded.net_fen


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the facts come to; without a finding a paid order's money is final."""

    stage: Stage
    findings: tuple[Finding, ...]
    parcels: tuple[ParcelStanding, ...]

    @property
    def is_final(self) -> bool:
        """True when nothing stands between this order and its settlement."""
        return self.stage in (Stage.DELIVERED, Stage.RETURNED)


class HoldMove(StrEnum):
    """What is to be done about the hold on an order's money."""

    NOTHING = "nothing"
    LIFT = "lift"
    PLACE = "place"


def judge_order(facts: OrderFacts) -> Judged:
    """Say how an order stands, from the set of its facts (R3.7, R5.4).

    The order in which events came, and how often, changes nothing: two accounts of the same facts
    are judged alike. Final is an order whose goods are all in parcels that were dispatched by a
    registered warehouse, collected, and signed for in the county of the address; a parcel that
    was lost, intercepted or sent back counts for nothing, and forbids nothing if others bring its
    goods. What happened before the order was opened is another parcel's way: it proves nothing.
    """
    every, contradicted = believed(facts.events)
    events = tuple(one for one in every if one.happened_at >= facts.opened_at - AHEAD_MAX)
    addresses = addresses_of(facts.county, facts.opened_at, events)
    parcels = tuple(
        stand(parcel, events, contradicted, addresses)
        for parcel in sorted(facts.parcels, key=lambda one: one.waybill)
    )
    findings = set(_order_findings(facts, events, parcels))
    findings |= {one for parcel in parcels for one in parcel.findings}
    if addresses[-1].county == OUTSIDE_HUBEI and not _all_arrived(parcels):
        findings.add(Finding.ADDRESS_OUTSIDE)
    if any(one.waybill is None for one in contradicted):
        findings.add(Finding.CONTRADICTED)
    if _is_covered(facts, events, parcels):
        findings -= _of_parcels_gone(parcels)
    ordered = tuple(one for one in Finding if one in findings)
    return Judged(stage=_stage(facts, ordered, parcels), findings=ordered, parcels=parcels)


def _order_findings(
    facts: OrderFacts, events: tuple[Event, ...], parcels: tuple[ParcelStanding, ...]
) -> Iterable[Finding]:
    if not parcels:
        yield Finding.NO_PARCEL
    if not _is_covered(facts, events, parcels):
        yield Finding.LINES_MISSING


def _is_covered(
    facts: OrderFacts, events: tuple[Event, ...], parcels: tuple[ParcelStanding, ...]
) -> bool:
    """Whether every piece that was ordered has arrived or was given back.

    That goods came back is the platform's word alone: it counts once their money came back, too,
    of a piece that was named twice once.
    """
    there, back = Counter[int](), Counter[int]()
    for parcel in parcels:
        if parcel.is_delivered:
            there.update(dict(parcel.parcel.lines))
    for event in events:
        if event.kind is EventKind.GOODS_BACK:
            back.update(dict(event.lines))
    back = Counter({line: min(back[line], quantity) for line, quantity in facts.lines})
    if facts.refunded is not None and facts.refunded.pays_for(back):
        there += back
    return all(there[line] >= quantity for line, quantity in facts.lines)


def _all_arrived(parcels: tuple[ParcelStanding, ...]) -> bool:
    return bool(parcels) and all(one.last is EventKind.SIGNED for one in parcels)


def _of_parcels_gone(parcels: tuple[ParcelStanding, ...]) -> set[Finding]:
    """Findings that only parcels have which do not arrive, and whose goods came in others."""
    gone = [one for one in parcels if set(one.findings) & GONE and not set(one.findings) & DOUBTFUL]
    others = {found for one in parcels if one not in gone for found in one.findings}
    return {found for one in gone for found in one.findings} - others


def _stage(
    facts: OrderFacts, findings: tuple[Finding, ...], parcels: tuple[ParcelStanding, ...]
) -> Stage:
    if facts.is_all_returned:
        return Stage.RETURNED
    if facts.paid_at is None:
        return Stage.OPENED
    if not findings:
        return Stage.DELIVERED
    if set(findings) & (DOUBTFUL | GONE):
        return Stage.DOUBTFUL
    is_on_the_road = any(one.last is not None for one in parcels)
    return Stage.SHIPPING if is_on_the_road else Stage.PAID


def decide_hold(judged: Judged, *, is_held: bool, is_settled: bool, by_hand: bool) -> HoldMove:
    """Say what follows for the hold on an order's money.

    Final: it is lifted. No longer final after it was lifted: placed again, while the money has not
    been settled; what was settled comes back by the refund of the goods, and stays listed for
    people. What a person lifted the house does not place again (by_hand).
    """
    if judged.stage is Stage.OPENED:
        return HoldMove.NOTHING
    if judged.is_final:
        return HoldMove.LIFT if is_held else HoldMove.NOTHING
    if is_held or is_settled or by_hand:
        return HoldMove.NOTHING
    return HoldMove.PLACE


def late_by(
    stage: Stage,
    paid_at: datetime | None,
    rules: OnlineRules,
    *,
    has_left: bool,
    now: datetime,
) -> Late | None:
    """Say whether an order is past its time, for officials to look at; None while it is not."""
    if paid_at is None or stage in (Stage.DELIVERED, Stage.RETURNED):
        return None
    if now >= paid_at + timedelta(days=rules.sign_days):
        return Late.NOT_SIGNED
    is_unshipped = now >= paid_at + timedelta(days=rules.ship_days) and not has_left
    return Late.NOT_SHIPPED if is_unshipped else None
