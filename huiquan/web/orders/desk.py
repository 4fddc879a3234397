"""The desk behind the order door: the real one, or the sandbox's.  订单柜台

Both take the same messages and give the same answers; which one somebody meets follows from how
they were added, never from what they say. Vouchers are handled by the acquirer's desk.
"""

from dataclasses import dataclass
from typing import Protocol

from huiquan.actions.declare_parcel import declare_parcel
from huiquan.actions.judge_order import judge_order
from huiquan.actions.note_change import note_change
from huiquan.actions.open_order import open_order
from huiquan.actions.take_event import take_event
from huiquan.actions.try_opening import try_opening
from huiquan.actions.try_parcel import try_parcel
from huiquan.domain.campaigns import Campaign
from huiquan.domain.order_evidence import Judged
from huiquan.domain.order_requests import (
    ChangeNoted,
    ChangeTold,
    EventTaken,
    EventTold,
    OrderAsked,
    OrderOpened,
    ParcelAsked,
)
from huiquan.domain.parcel_events import Waybill
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Terminal
from huiquan.views.orders import is_online_order
from huiquan.views.platform_orders import OrderShown, change_flaw, shown, shown_tried
from huiquan.web.acquirer.desk import Desk
from huiquan.web.acquirer.desks import desk_of
from huiquan.web.answers import accepted
from huiquan.web.orders.callers import SigningCaller


class OrderDesk(Protocol):
    """Whoever carries out what is said at the order door."""

    @property
    def till(self) -> Desk:
        """Where the order's voucher is locked, spent and refunded."""

    async def open(
        self, campaign: Campaign, at: Terminal, asked: OrderAsked
    ) -> OrderOpened | Refusal:
        """Open an order."""

    async def declare(self, asked: ParcelAsked) -> Waybill | Refusal:
        """Declare a parcel."""

    async def note(self, told: ChangeTold) -> ChangeNoted | Refusal:
        """Keep a change of the platform's."""

    async def change_flaw(self, told: ChangeTold) -> Refusal | None:
        """Why a change would not be noted, asked before money moves with it."""

    async def tell(self, told: EventTold) -> EventTaken | Refusal:
        """Keep an event of a carrier's or a warehouse's; the order it is about is judged."""

    async def knows(self, order_ref: str) -> bool:
        """Whether an order was opened under this number."""

    async def judged(self, order_ref: str) -> Judged:
        """Judge an order. Refuses UNKNOWN_ORDER."""

    async def show(self, order_ref: str) -> OrderShown | Refusal:
        """What became of an order."""


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """What both do alike: the words themselves find the book they belong into."""

    caller: SigningCaller

    @property
    def till(self) -> Desk:
        """The acquirer's desk, real or of the sandbox."""
        return desk_of(self.caller)

    async def note(self, told: ChangeTold) -> ChangeNoted | Refusal:
        """Keep a change with its signature."""
        caller = self.caller
        return await note_change(caller.house, caller.acquirer, told, caller.signature)

    async def change_flaw(self, told: ChangeTold) -> Refusal | None:
        """Why a change would not be noted."""
        return await change_flaw(self.caller.house, self.caller.acquirer, told)

    async def tell(self, told: EventTold) -> EventTaken | Refusal:
        """Keep an event with its signature and all that was signed."""
        caller = self.caller
        return await take_event(caller.house, caller.acquirer, told, caller.signature, caller.body)


@dataclass(frozen=True, kw_only=True)
class RealOrderDesk(_Desk):
    """The desk at which orders are real, and their money waits for evidence."""

    async def open(
        self, campaign: Campaign, at: Terminal, asked: OrderAsked
    ) -> OrderOpened | Refusal:
        """Open an order."""
        return await open_order(self.caller.house, campaign, at, asked)

    async def declare(self, asked: ParcelAsked) -> Waybill | Refusal:
        """Declare a parcel."""
        return await declare_parcel(self.caller.house, self.caller.acquirer.acquirer_id, asked)

    async def tell(self, told: EventTold) -> EventTaken | Refusal:
        """Keep an event, and judge the order it is about."""
        taken = await super().tell(told)
        if isinstance(taken, EventTaken) and taken.order is not None:
            await judge_order(self.caller.house, *taken.order)
        return taken

    async def knows(self, order_ref: str) -> bool:
        """Whether an order was opened under this number."""
        caller = self.caller
        return await is_online_order(caller.house, caller.acquirer.acquirer_id, order_ref)

    async def judged(self, order_ref: str) -> Judged:
        """Judge an order, and let its hold follow."""
        judged = await judge_order(self.caller.house, self.caller.acquirer.acquirer_id, order_ref)
        return accepted(judged or Refusal.UNKNOWN_ORDER)

    async def show(self, order_ref: str) -> OrderShown | Refusal:
        """What became of an order."""
        return await shown(self.caller.house, self.caller.acquirer.code, order_ref)


@dataclass(frozen=True, kw_only=True)
class SandboxOrderDesk(_Desk):
    """The desk at which everything can be tried, and no money waits for anything."""

    async def open(
        self, campaign: Campaign, at: Terminal, asked: OrderAsked
    ) -> OrderOpened | Refusal:
        """Open a made-up order."""
        return await try_opening(self.caller.house, campaign, at, asked)

    async def declare(self, asked: ParcelAsked) -> Waybill | Refusal:
        """Declare a parcel of it."""
        return await try_parcel(self.caller.house, self.caller.acquirer.acquirer_id, asked)

    async def knows(self, order_ref: str) -> bool:
        """Whether an order was tried under this number."""
        return isinstance(await self.show(order_ref), OrderShown)

    async def judged(self, order_ref: str) -> Judged:
        """Judge an order by what was tried."""
        return accepted(await self.show(order_ref)).judged

    async def show(self, order_ref: str) -> OrderShown | Refusal:
        """What became of an order."""
        return await shown_tried(self.caller.house, self.caller.acquirer.acquirer_id, order_ref)


def order_desk_of(caller: SigningCaller) -> OrderDesk:
    """The desk of whoever signs."""
    if caller.acquirer.is_sandbox:
        return SandboxOrderDesk(caller=caller)
    return RealOrderDesk(caller=caller)
