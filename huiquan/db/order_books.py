"""Where online orders and all that is said of them stand: in earnest, or in the sandbox.  订单簿

Both are asked the same; into which somebody's words go follows from how they were added.
"""

from huiquan.db import (
    acquirers,
    online_orders,
    order_events,
    order_facts,
    sandbox_orders,
    warehouses,
)
from huiquan.db.connection import Tx
from huiquan.db.online_orders import OrderRow
from huiquan.db.order_events import EventRow
from huiquan.db.sandbox_orders import TriedOnlineOrder
from huiquan.domain.acquirers import Acquirer
from huiquan.domain.order_evidence import OrderFacts
from huiquan.domain.parcel_events import Event, Sender, Waybill

OrderName = tuple[int, str]
"""The platform's acquirer, and its own number of the order."""


OrderOpened = OrderRow | TriedOnlineOrder
"""An order as it was opened, in earnest or tried."""


class OrderBook:
    """In earnest: money waits for evidence, and every word is kept with its signature."""

    is_sandbox = False
    events = "order_events"

    async def warehouse(self, tx: Tx, code: str | None) -> int | None:
        """The number of a registered warehouse, or None."""
        found = await warehouses.by_code(tx, code or "")
        return found.warehouse_id if found else None

    async def hold(self, tx: Tx, order: OrderName) -> OrderFacts | None:
        """All that is known of an order, which is held until the commit; or None."""
        row = await online_orders.hold(tx, *order)
        return (await order_facts.file_of(tx, row)).facts if row else None

    async def opened(self, tx: Tx, order: OrderName) -> OrderOpened | None:
        """What was ordered, and when; or None. Nothing is held."""
        return await online_orders.find(tx, *order)

    async def order_of_parcel(self, tx: Tx, waybill: Waybill) -> OrderName | None:
        """The order that a parcel belongs to, or None while nobody declared it."""
        return await online_orders.order_of_parcel(tx, waybill)

    async def append(self, tx: Tx, row: EventRow, sealed_address: bytes | None = None) -> bool:
        """Keep an event; False when exactly the same was kept before (the guard)."""
        return await order_events.append(tx, row, sealed_address)

    async def is_contradicted(self, tx: Tx, event: Event) -> bool:
        """Whether its sender has said something else under the same number."""
        return await order_events.is_contradicted(tx, event, self.events)


class SandboxBook(OrderBook):
    """What is tried: nobody in it is anybody in earnest; no signature and no address is kept."""

    is_sandbox = True
    events = "sandbox_order_events"

    async def warehouse(self, tx: Tx, code: str | None) -> int | None:
        """A keeper's one warehouse, which bears the keeper's own number."""
        found = await acquirers.partner(tx, code, Sender.WAREHOUSE, is_sandbox=True)
        return found.acquirer_id if found else None

    async def hold(self, tx: Tx, order: OrderName) -> OrderFacts | None:
        """What was tried of an order."""
        tried = await sandbox_orders.find(tx, *order)
        return await sandbox_orders.facts_of(tx, tried) if tried else None

    async def opened(self, tx: Tx, order: OrderName) -> OrderOpened | None:
        """What was ordered in trying."""
        return await sandbox_orders.find(tx, *order)

    async def order_of_parcel(self, tx: Tx, waybill: Waybill) -> OrderName | None:
        """The order that a tried parcel belongs to."""
        return await sandbox_orders.order_of_parcel(tx, waybill)

    async def append(self, tx: Tx, row: EventRow, sealed_address: bytes | None = None) -> bool:
        """Keep an event by itself."""
        return await sandbox_orders.append(tx, row.event, row.received_at, row.order)


def book_of(sender: Acquirer) -> OrderBook:
    """The book into which somebody's words go."""
    return SandboxBook() if sender.is_sandbox else OrderBook()
