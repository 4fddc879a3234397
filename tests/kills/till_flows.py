"""The flows at the till, each with what goes before it: codes, locks, sales, refunds.  收银"""

from datetime import timedelta
from typing import Any

from huiquan.actions.close_order import close_order
from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.actions.settle_day import settle_day
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.tills import Terminal
from tests.actions.tills import ask as ask_code
from tests.actions.tills import fresh, locked, redeemed, refund
from tests.drawn import Place, night
from tests.kills.flow import Flow
from tests.shops import Shop, Winner


def _terminal(place: Place, ref: str) -> Terminal:
    """The acquirer's terminal at the first store, about an order or a refund of its own."""
    acquirer = place.machine.acquirer
    return Terminal(
        acquirer_id=acquirer.acquirer_id,
        rail=acquirer.rail,
        store_id=place.at.store_id,
        terminal="",
        ref=ref,
        asked_at=place.house.clock.now,
    )


def _lock_asked(digits: str, who: Winner) -> LockAsked:
    return LockAsked(request_key="order o-1", code=digits, order_fen=who.voucher.face_fen * 8)


async def a_winner(place: Place) -> Winner:
    return place.winner()


async def _coded(place: Place) -> tuple[str, Winner]:
    who = place.winner()
    return (await fresh(place.house, who, "code-key-1")).digits, who


async def _locked(place: Place) -> Lock:
    who = place.winner()
    return await locked(place.house, place.at, who, who.voucher.face_fen * 8)


async def a_sale(place: Place, at: Shop | None = None) -> Redemption:
    who = place.winner()
    return await redeemed(place.house, at or place.at, who, who.voucher.face_fen * 8)


async def half_back(place: Place) -> Redemption:
    sold = await a_sale(place)
    half = sold.quote.net_fen // 2
    assert isinstance(await refund(place.house, place.at, sold.redemption_id, half), Refund)
    return sold


async def _ordered(place: Place) -> Lock:
    """Locked over the acquirer's door."""
    digits, who = await _coded(place)
    taken = await lock_voucher(place.house.app, _terminal(place, "o-1"), _lock_asked(digits, who))
    assert isinstance(taken, Lock), taken
    return taken


async def _paid_order(place: Place) -> Redemption:
    taken = await _ordered(place)
    done = await _redeem_order(place, taken)
    assert isinstance(done, Redemption), done
    return done


async def a_settled_sale(place: Place) -> Redemption:
    sold = await a_sale(place)
    await night(place)
    await settle_day(place.house.app, place.campaign.code)
    return sold


async def _over(place: Place) -> None:
    """Some are at the end of their time, one of them at a till."""
    who = place.winner()
    place.house.clock.now = who.voucher.valid_until - timedelta(minutes=1)
    await locked(place.house, place.at, who, who.voucher.face_fen * 8)
    place.house.clock.move(minutes=20)


async def _told(place: Place) -> None:
    await _paid_order(place)


async def _redeem_order(place: Place, taken: Lock) -> Any:
    asked = RedeemAsked(
        request_key="payment p-1",
        lock=taken.lock_id,
        payment_ref="p-1",
        paid_fen=taken.quote.to_pay_fen,
    )
    return await redeem_voucher(place.house.app, _terminal(place, "o-1"), asked)


async def _refund(place: Place, sold: Redemption, share: int, by: Any) -> Any:
    asked = RefundAsked(
        request_key="refund f-1",
        redemption=sold.redemption_id,
        amount_fen=sold.quote.net_fen // share,
    )
    return await refund_redemption(place.house.app, by, asked)


def code_of(place: Place) -> str:
    return place.campaign.code


async def _redeem(place: Place, taken: Lock) -> Any:
    asked = RedeemAsked(request_key="pay-key-1", lock=taken.lock_id, payment_ref="p-1")
    return await redeem_voucher(place.house.app, place.at.cashier_id, asked)


async def _unlock(place: Place, taken: Lock) -> Any:
    asked = UnlockAsked(request_key="unlock-key-1", lock=taken.lock_id)
    return await unlock_voucher(place.house.app, place.at.cashier_id, asked)


TILL_FLOWS = (
    Flow(
        name="show a code",
        prepare=a_winner,
        ask=lambda place, who: ask_code(place.house, who, "code-key-1"),
    ),
    Flow(
        name="lock",
        prepare=_coded,
        ask=lambda place, given: lock_voucher(
            place.house.app, place.at.cashier_id, _lock_asked(*given)
        ),
    ),
    Flow(name="redeem", prepare=_locked, ask=_redeem),
    Flow(name="unlock", prepare=_locked, ask=_unlock),
    Flow(
        name="refund a part",
        prepare=a_sale,
        ask=lambda place, sold: _refund(place, sold, 3, place.at.cashier_id),
    ),
    Flow(
        name="refund to the last fen",
        prepare=half_back,
        ask=lambda place, sold: _refund(place, sold, 2, place.at.cashier_id),
    ),
    Flow(
        name="refund after settlement",
        prepare=a_settled_sale,
        ask=lambda place, sold: _refund(place, sold, 3, place.at.cashier_id),
    ),
    Flow(
        name="lock over an acquirer",
        prepare=_coded,
        ask=lambda place, given: lock_voucher(
            place.house.app, _terminal(place, "o-1"), _lock_asked(*given)
        ),
    ),
    Flow(name="redeem over an acquirer", prepare=_ordered, ask=_redeem_order),
    Flow(
        name="refund over an acquirer",
        prepare=_paid_order,
        ask=lambda place, sold: _refund(place, sold, 3, _terminal(place, "f-1")),
    ),
    Flow(
        name="cancel an order that never came",
        prepare=a_winner,
        ask=lambda place, _: close_order(
            place.house.app, place.machine.acquirer.acquirer_id, "o-9"
        ),
    ),
    Flow(
        name="expire",
        prepare=_over,
        ask=lambda place, _: expire_vouchers(place.house.app, code_of(place)),
        is_alike=False,
    ),
    Flow(
        name="tell an acquirer",
        prepare=_told,
        ask=lambda place, _: send_callbacks(place.house.app),
        is_alike=False,
    ),
)
