"""Holds at the console: money that waits to be settled, and why.  暂缓清算"""

from datetime import datetime
from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.lift_hold import lift_hold
from huiquan.actions.place_hold import REASON_MAX, HoldAsked, place_hold
from huiquan.views import settlements
from huiquan.web.answers import accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import actor, payer
from huiquan.web.wire import RequestKeyText, Wire, shanghai

PATH = "/api/v1/console/settlement-holds"
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
Numbered = Annotated[int, Meta(ge=1, le=2**53)] | None


class ShownHold(Wire):
    """One hold."""

    hold_id: int
    kind: str
    merchant_id: int
    merchant: str
    store: str | None
    reason: str
    until: datetime | None
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None


class HoldPage(Wire):
    """Holds, the newest first."""

    items: list[ShownHold]


class Holding(Wire):
    """Hold one thing back: a merchant, a store or a redemption; until None: until it is lifted."""

    request_key: RequestKeyText
    reason: Reason
    merchant_id: Numbered = None
    store_id: Numbered = None
    redemption: Annotated[str, Meta(max_length=64)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None


class Held(Wire):
    """The hold is in force."""

    hold_id: int


class Lifting(Wire):
    """Why it may be paid."""

    reason: Reason


class Lifted(Wire):
    """False when it was lifted before."""

    was_in_force: bool


@page(PATH, operation_id="listHolds", summary="Holds")
async def list_holds(house: House, official: Staff, in_force: bool = True) -> HoldPage:
    """What is held back now, or everything that ever was."""
    payer(official)
    found = await settlements.holds(house, in_force=in_force)
    return HoldPage(items=[_shown(one) for one in found])


@deed(PATH, operation_id="placeHold", summary="Hold money back")
async def place(data: Holding, house: House, official: Staff) -> Held:
    """From the next settlement on; what is settled already is not touched."""
    payer(official)
    asked = HoldAsked(
        request_key=data.request_key,
        reason=data.reason,
        until=data.until,
        merchant_id=data.merchant_id,
        store_id=data.store_id,
        redemption=data.redemption,
    )
    return Held(hold_id=accepted(await place_hold(house, asked, actor(official))))


@deed(PATH + "/{hold:int}/lift", operation_id="liftHold", summary="Lift a hold")
async def lift(
    hold: Annotated[int, Parameter(ge=1, le=2**53)], data: Lifting, house: House, official: Staff
) -> Lifted:
    """The money goes with the next settlement."""
    payer(official)
    return Lifted(was_in_force=accepted(await lift_hold(house, hold, data.reason, actor(official))))


def _shown(one: settlements.HoldLine) -> ShownHold:
    return ShownHold(
        hold_id=one.hold_id,
        kind=one.kind,
        merchant_id=one.merchant_id,
        merchant=one.merchant,
        store=one.store,
        reason=one.reason,
        until=shanghai(one.until) if one.until else None,
        placed_by=one.placed_by,
        placed_at=shanghai(one.placed_at),
        lifted_at=shanghai(one.lifted_at) if one.lifted_at else None,
    )


ROUTES = (list_holds, place, lift)
