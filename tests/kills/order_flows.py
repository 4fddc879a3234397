"""The flows of an online order, as its door goes them: opened, paid, proven, back.  线上订单

The desk behind the door is the real one. A request there is several transactions, one after the
other; a line that is lost between two of them leaves the first done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from huiquan.domain.offers import Order
from huiquan.domain.online_orders import GoodsLine
from huiquan.domain.order_requests import ChangeTold, EventTold, OrderAsked, OrderOpened
from huiquan.domain.order_rules import Payer
from huiquan.domain.parcel_events import EventKind
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.request_signing import SignedHead, keep_signature, read_head
from huiquan.web.acquirer.desk import GoodsBack, Paid
from huiquan.web.orders.callers import SigningCaller
from huiquan.web.orders.desk import RealOrderDesk
from tests.acquirers import Machine
from tests.actions.tills import fresh
from tests.drawn import Place, draw_for
from tests.houses import visit
from tests.kills.flow import Flow
from tests.online import HOME, HONGSHAN, LINES, ONLINE, Trade, declared, tell, trade

REF, WAYBILL = "o-1", "w-1"
TARGET, BODY = "/orders/v1/orders", b"{}"


@dataclass(frozen=True, kw_only=True)
class Shopping:
    """A platform with its carrier, and a customer's code for their voucher."""

    at: Trade
    digits: str
    now: datetime
    to_pay_fen: int = 0


def _desk(place: Place, machine: Machine) -> RealOrderDesk:
    """The desk as this partner meets it; the request is signed alike each time."""
    signed = machine.headers("POST", TARGET, BODY, nonce="0" * 32)
    head = read_head({name.lower(): value for name, value in signed.items()})
    assert isinstance(head, SignedHead), head
    caller = SigningCaller(
        acquirer=machine.acquirer,
        house=place.house.app,
        campaigns=cast(Any, None),
        limits=cast(Any, None),
        signature=keep_signature(head, "POST", TARGET, BODY),
        body=BODY,
    )
    return RealOrderDesk(caller=caller)


async def _shopping(place: Place) -> Shopping:
    """Those who had stayed away draw the online pack; one of them orders."""
    at = await trade(place.house, place.campaign)
    place.house.clock.move(minutes=30)
    place.left = list(await draw_for(place.house, place.campaign, place.drawn.late, ONLINE))
    who = place.winner()
    digits = (await fresh(place.house, who, "code-key-1")).digits
    return Shopping(at=at, digits=digits, now=place.house.clock.now)


async def _ordered(place: Place) -> Shopping:
    given = await _shopping(place)
    _, taken = await _open(place, given)
    assert isinstance(taken, Lock), taken
    return Shopping(**{**vars(given), "to_pay_fen": taken.quote.to_pay_fen})


async def _bought(place: Place) -> Shopping:
    given = await _ordered(place)
    done, _ = await _pay(place, given)
    assert isinstance(done, Redemption), done
    return given


async def _on_its_way(place: Place) -> Shopping:
    given = await _bought(place)
    async with visit(place.house) as client:
        answers = [await declared(client, given.at, REF, WAYBILL)]
        for kind in ("dispatched", "collected"):
            answers.append(await tell(client, given.at, kind, WAYBILL))
            place.house.clock.move(hours=1)
    assert {one.status_code for one in answers} <= {200, 201}, answers
    return Shopping(**{**vars(given), "now": place.house.clock.now})


async def _open(place: Place, given: Shopping) -> Any:
    desk = _desk(place, given.at.platform)
    at = await desk.caller.at("online", "", REF)
    goods = [
        GoodsLine(
            sku=str(one["sku"]),
            name=str(one["name"]),
            kind=str(one["kind"]),
            quantity=cast(int, one["quantity"]),
            unit_fen=cast(int, one["unit_fen"]),
            is_self_operated=True,
        )
        for one in LINES
    ]
    asked = OrderAsked(lines=tuple(goods), warehouse="wh-1", address=HOME)
    opened = await desk.open(place.campaign, at, asked)
    assert isinstance(opened, OrderOpened), opened
    order = Order(order_fen=opened.order_fen, offers=())
    return opened, await desk.till.lock(at, given.digits, order)


async def _pay(place: Place, given: Shopping) -> Any:
    desk = _desk(place, given.at.platform)
    paid = Paid(order_ref=REF, payment_ref="p-1", paid_fen=given.to_pay_fen, payer=Payer.HOLDER)
    return await desk.till.redeem(desk.caller, paid), await desk.judged(REF)


async def _cancel(place: Place, given: Shopping) -> Any:
    desk = _desk(place, given.at.platform)
    return await desk.till.unlock(desk.caller, REF)


async def _sign_for(place: Place, given: Shopping) -> Any:
    told = EventTold(
        event_ref="signed-1",
        kind=EventKind.SIGNED,
        happened_at=given.now - timedelta(minutes=1),
        waybill=WAYBILL,
        county=HONGSHAN,
    )
    return await _desk(place, given.at.carrier).tell(told)


async def _bring_back(place: Place, given: Shopping) -> Any:
    desk = _desk(place, given.at.platform)
    back = GoodsBack(refund_ref="f-1", payment_ref="p-1", amount_fen=10_000)
    told = ChangeTold(
        order_ref=REF,
        change_ref="f-1",
        kind=EventKind.GOODS_BACK,
        happened_at=given.now,
        lines=((2, 1),),
    )
    refund = await desk.till.refund(desk.caller, back)
    return refund, await desk.note(told), await desk.judged(REF)


ORDER_FLOWS = (
    Flow(name="open an online order", prepare=_shopping, ask=_open),
    Flow(name="pay an online order", prepare=_ordered, ask=_pay),
    Flow(name="cancel an online order", prepare=_ordered, ask=_cancel),
    Flow(name="prove an online order", prepare=_on_its_way, ask=_sign_for, is_alike=False),
    Flow(name="take online goods back", prepare=_bought, ask=_bring_back),
)
