"""What carriers and warehouses say of parcels, as signed callbacks to this house.  物流事件接口"""

from typing import Annotated

from litestar import post
from msgspec import Meta

from huiquan.domain.order_requests import EventTold, Standing
from huiquan.domain.parcel_events import EventKind
from huiquan.web.acquirer.callers import SIGNED, Ref
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.orders.callers import Signed
from huiquan.web.orders.changes import Moment
from huiquan.web.orders.desk import order_desk_of
from huiquan.web.wire import Wire


class ParcelEvent(Wire):
    """One thing that happened to a parcel, under the sender's own number of it.

    A warehouse says `dispatched`, and names carrier and warehouse. A carrier says the others of
    its own waybills; `signed` and `rerouted` name the county by its six digits.
    """

    event_ref: Ref
    kind: EventKind
    happened_at: Moment
    waybill: Ref
    carrier: Ref | None = None
    warehouse: Ref | None = None
    county: Annotated[str, Meta(pattern=r"^[0-9]{6}(?!\n)$")] | None = None


class EventReceived(Wire):
    """It is kept. known: it was before; contradicts: other words stand under the same number."""

    received: str
    standing: Standing


@post(
    "/orders/v1/events",
    operation_id="tellParcelEvent",
    summary="Tell what happened to a parcel",
    tags=["orders"],
    security=SIGNED,
    status_code=200,
    response_headers=[NO_STORE],
)
async def tell(data: ParcelEvent, signed: Signed) -> EventReceived:
    """Late, doubled, out of order: all are taken; an order is judged by the set of its events."""
    told = EventTold(
        event_ref=data.event_ref,
        kind=data.kind,
        happened_at=data.happened_at,
        waybill=data.waybill,
        carrier=data.carrier,
        warehouse=data.warehouse,
        county=data.county,
    )
    taken = accepted(await order_desk_of(signed).tell(told))
    return EventReceived(received=data.event_ref, standing=taken.standing)


ROUTES = (tell,)
