"""What stands in the console's messages about online orders.  订单页报文"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from huiquan.domain.cases import CaseState
from huiquan.domain.online_orders import GoodsLine
from huiquan.domain.order_cases import OrderCase, OrderDecision, OrderTrouble
from huiquan.domain.order_evidence import Late, Stage
from huiquan.domain.order_words import EVENTS, LATE, STAGES, WHYS
from huiquan.domain.parcel_events import EventKind
from huiquan.views.orders import EventLine, OrderEvidence, OrderLine
from huiquan.web.orders.slips import ShownFinding, finding_slips
from huiquan.web.wire import Wire, alike, shanghai


class ShownStage(Wire):
    """How far an order is, and what is late about it."""

    code: Stage
    zh: str
    en: str
    late: Late | None
    late_zh: str | None
    late_en: str | None


class ShownOrderCase(Wire):
    """What people have to decide about an order: since when, whose it is, and what was decided."""

    case: int
    why: OrderTrouble
    why_zh: str
    why_en: str
    state: CaseState
    owner: str | None
    age_days: int
    opened_at: datetime
    decision: OrderDecision | None
    decision_zh: str | None
    decision_en: str | None
    reason: str | None
    proposed_by: str | None
    closed_by: str | None
    closed_at: datetime | None


class OrderCaseRuling(Wire):
    """What is decided, and why."""

    decision: OrderDecision
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ShownOrderLine(Wire):
    """One order in the list; the address is shown as its county only."""

    platform: str
    order_ref: str
    store: str
    county_zh: str
    county_en: str
    order_fen: int
    discount_fen: int | None
    opened_at: datetime
    paid_at: datetime | None
    stage: ShownStage
    findings: list[ShownFinding]
    age_days: int
    case: ShownOrderCase | None


class OrderPage(Wire):
    """Orders, those that need people first."""

    items: list[ShownOrderLine]


class ShownGoods(Wire):
    """One line of goods."""

    line: int
    sku: str
    name: str
    kind: str
    quantity: int
    unit_fen: int
    self_operated: bool


class ShownPieces(Wire):
    """So many pieces of a line."""

    line: int
    quantity: int


class ShownPlace(Wire):
    """The warehouse that was promised: its paper, its county, since when it is approved."""

    code: str
    name: str
    address: str
    county: str
    proof: str
    approved_at: datetime | None
    closed_at: datetime | None


class ShownPaid(Wire):
    """The voucher's part of the order."""

    redemption: str
    payment_ref: str
    net_fen: int
    discount_fen: int
    refunded_fen: int
    returned_fen: int
    redeemed_at: datetime


class ShownRoad(Wire):
    """A parcel and what became of it."""

    carrier: str
    waybill: str
    warehouse: str
    lines: list[ShownPieces]
    last: EventKind | None
    last_zh: str | None
    last_en: str | None
    is_delivered: bool
    findings: list[ShownFinding]


class ShownEvent(Wire):
    """One word: what, when, by whom, under which key; is_verified: the signature holds now."""

    event_ref: str
    kind: EventKind
    zh: str
    en: str
    happened_at: datetime
    received_at: datetime
    sender: str
    sender_zh: str
    waybill: str | None
    warehouse: str | None
    county: str | None
    county_zh: str | None
    county_en: str | None
    key_id: str
    is_verified: bool
    is_believed: bool


class ShownOrderHold(Wire):
    """A hold on the order's money."""

    hold_id: int
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None


class ShownSettled(Wire):
    """The settlement that holds the order's money."""

    ref: str
    state: str
    settled_at: datetime


class ShownOrderFile(Wire):
    """One order's whole chain of evidence."""

    platform: str
    order_ref: str
    store: str
    opened_at: datetime
    county: str
    county_zh: str
    county_en: str
    order_fen: int
    lines: list[ShownGoods]
    promised: ShownPlace
    stage: ShownStage
    is_final: bool
    findings: list[ShownFinding]
    paid: ShownPaid | None
    parcels: list[ShownRoad]
    events: list[ShownEvent]
    holds: list[ShownOrderHold]
    settled: ShownSettled | None
    cases: list[ShownOrderCase]


def stage_slip(stage: Stage, late: Late | None) -> ShownStage:
    """A stage with its words."""
    return ShownStage(
        code=stage,
        zh=STAGES[stage][0],
        en=STAGES[stage][1],
        late=late,
        late_zh=LATE[late][0] if late else None,
        late_en=LATE[late][1] if late else None,
    )


def case_slip(one: OrderCase, now: datetime) -> ShownOrderCase:
    """A case with its words; its age runs until it is closed."""
    decision = one.decision
    return alike(
        ShownOrderCase,
        one,
        case=one.case_id,
        why_zh=WHYS[one.why][0],
        why_en=WHYS[one.why][1],
        age_days=((one.closed_at or now) - one.opened_at).days,
        decision_zh=decision.zh if decision else None,
        decision_en=decision.en if decision else None,
    )


def line_slip(one: OrderLine, now: datetime) -> ShownOrderLine:
    """One order in the list."""
    return alike(
        ShownOrderLine,
        one,
        stage=stage_slip(one.stage, one.late),
        findings=finding_slips(one.findings),
        case=case_slip(one.case, now) if one.case else None,
    )


def file_slip(found: OrderEvidence, now: datetime) -> ShownOrderFile:
    """An order's file."""
    row = found.file.row
    return ShownOrderFile(
        platform=found.platform,
        order_ref=row.order_ref,
        store=found.store,
        opened_at=shanghai(row.opened_at),
        county=row.county,
        county_zh=found.county_zh,
        county_en=found.county_en,
        order_fen=row.order_fen,
        lines=[_goods(at, line) for at, line in enumerate(row.lines, start=1)],
        promised=_promised(found),
        stage=stage_slip(found.judged.stage, found.late),
        is_final=found.judged.is_final,
        findings=finding_slips(found.judged.findings),
        paid=_paid(found),
        parcels=_roads(found),
        events=[_event(one) for one in found.events],
        holds=[alike(ShownOrderHold, one) for one in found.holds],
        settled=alike(ShownSettled, found.settled) if found.settled else None,
        cases=[case_slip(one, now) for one in found.cases],
    )


def _goods(at: int, line: GoodsLine) -> ShownGoods:
    return ShownGoods(
        line=at,
        sku=line.sku,
        name=line.name,
        kind=line.kind,
        quantity=line.quantity,
        unit_fen=line.unit_fen,
        self_operated=line.is_self_operated,
    )


def _promised(found: OrderEvidence) -> ShownPlace:
    return alike(ShownPlace, found.warehouses[found.file.row.warehouse_id])


def _paid(found: OrderEvidence) -> ShownPaid | None:
    paid = found.file.paid
    if paid is None:
        return None
    return ShownPaid(
        redemption=paid.redemption.redemption_id,
        payment_ref=paid.redemption.payment_ref,
        net_fen=paid.redemption.quote.net_fen,
        discount_fen=paid.redemption.quote.discount_fen,
        refunded_fen=paid.so_far.refunded_fen,
        returned_fen=paid.so_far.returned_fen,
        redeemed_at=shanghai(paid.redemption.redeemed_at),
    )


def _roads(found: OrderEvidence) -> list[ShownRoad]:
    return [
        ShownRoad(
            carrier=found.carriers[one.parcel.waybill.carrier_id],
            waybill=one.parcel.waybill.number,
            warehouse=found.warehouses[one.parcel.warehouse.warehouse_id].code,
            lines=[ShownPieces(line=line, quantity=count) for line, count in one.parcel.lines],
            last=one.last,
            last_zh=EVENTS[one.last][0] if one.last else None,
            last_en=EVENTS[one.last][1] if one.last else None,
            is_delivered=one.is_delivered,
            findings=finding_slips(one.findings),
        )
        for one in found.judged.parcels
    ]


def _event(one: EventLine) -> ShownEvent:
    event = one.event
    return ShownEvent(
        event_ref=event.event_ref,
        kind=event.kind,
        zh=EVENTS[event.kind][0],
        en=EVENTS[event.kind][1],
        happened_at=shanghai(event.happened_at),
        received_at=shanghai(one.received_at),
        sender=one.sender,
        sender_zh=one.sender_zh,
        waybill=event.waybill.number if event.waybill else None,
        warehouse=one.warehouse,
        county=event.county,
        county_zh=one.county_zh,
        county_en=one.county_en,
        key_id=one.key_id,
        is_verified=one.is_verified,
        is_believed=one.is_believed,
    )
