"""What stands in the answers of the order door.  订单报文"""

from datetime import datetime
from typing import Any

from huiquan.domain.order_evidence import Judged, Stage
from huiquan.domain.order_words import FINDINGS
from huiquan.domain.parcel_events import EventKind, Finding
from huiquan.views.platform_orders import OrderShown
from huiquan.web.acquirer.slips import OrderLocked, OrderRedeemed, OrderRefund, ShownOrder
from huiquan.web.wire import Wire, alike, shanghai


class ShownFinding(Wire):
    """What is missing or wrong before an order's money is final."""

    code: Finding
    zh: str
    en: str


class OnlineOrderLocked(OrderLocked, kw_only=True):
    """An order that was opened and has its voucher, with the county its address was read as."""

    city: str
    county: str
    county_zh: str


class OnlineOrderPaid(OrderRedeemed, kw_only=True):
    """The voucher is spent; until the evidence is complete its money waits."""

    stage: Stage
    is_final: bool
    findings: list[ShownFinding]


class OrderJudged(Wire):
    """How an order stands after what was said."""

    order_ref: str
    stage: Stage
    is_final: bool
    findings: list[ShownFinding]


class AddressChanged(OrderJudged, kw_only=True):
    """The same, and the county the order goes to now; empty when it has left Hubei."""

    county: str


class OnlineOrderReturned(OrderJudged, kw_only=True):
    """The same, and how the refund is split."""

    refund: OrderRefund


class ShownParcel(Wire):
    """A parcel and what became of it."""

    carrier: str
    waybill: str
    warehouse: str
    last: EventKind | None
    is_delivered: bool
    findings: list[ShownFinding]


class ShownOnlineOrder(ShownOrder, kw_only=True):
    """Everything a platform may know of its order."""

    stage: Stage
    is_final: bool
    county: str
    opened_at: datetime
    findings: list[ShownFinding]
    parcels: list[ShownParcel]


def finding_slips(findings: tuple[Finding, ...]) -> list[ShownFinding]:
    """Findings with their words."""
    return [ShownFinding(code=one, zh=FINDINGS[one][0], en=FINDINGS[one][1]) for one in findings]


def judged_fields(order_ref: str, judged: Judged) -> dict[str, Any]:
    """The fields of `OrderJudged`."""
    return {
        "order_ref": order_ref,
        "stage": judged.stage,
        "is_final": judged.is_final,
        "findings": finding_slips(judged.findings),
    }


def online_order_slip(known: ShownOrder, found: OrderShown) -> ShownOnlineOrder:
    """An order with its parcels, as its platform sees it."""
    return alike(
        ShownOnlineOrder,
        known,
        **judged_fields(found.order_ref, found.judged),
        county=found.county,
        opened_at=shanghai(found.opened_at),
        parcels=[
            ShownParcel(
                carrier=found.carriers[one.parcel.waybill.carrier_id],
                waybill=one.parcel.waybill.number,
                warehouse=found.warehouses[one.parcel.warehouse.warehouse_id],
                last=one.last,
                is_delivered=one.is_delivered,
                findings=finding_slips(one.findings),
            )
            for one in found.judged.parcels
        ],
    )
