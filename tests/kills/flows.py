"""The flows of money, each with what goes before it, so that its one request can be cut."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.close_day import close_day
from huiquan.actions.close_order import close_order
from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.import_bill import BillSent, import_bill
from huiquan.actions.link_ledger import link_ledger
from huiquan.actions.lock_voucher import LockAsked, lock_voucher
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.actions.redeem_voucher import RedeemAsked, redeem_voucher
from huiquan.actions.refund_redemption import RefundAsked, refund_redemption
from huiquan.actions.release_day import release_day
from huiquan.actions.repay_debt import repay_debt
from huiquan.actions.roll_over import roll_over_returned
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.actions.settle_day import settle_day
from huiquan.actions.take_bank_answers import take_bank_answers
from huiquan.actions.unlock_voucher import UnlockAsked, unlock_voucher
from huiquan.db.imported_books import Source
from huiquan.db.payment_files import FileRow
from huiquan.domain.bank_answers import Answer, Outcome
from huiquan.domain.bill_mappings import Book
from huiquan.domain.days import day_number, day_of
from huiquan.domain.redemptions import Lock, Redemption
from huiquan.domain.refunds import Refund
from huiquan.domain.tills import Terminal
from simulation.bill_facts import Fact
from simulation.bill_shapes import SHAPES
from simulation.paying import not_paid, paid, payments_in, send_file
from tests.actions.tills import ask as ask_code
from tests.actions.tills import fresh, locked, redeemed, refund
from tests.drawn import Place, night
from tests.shops import Shop, Winner

Given = Any
TILL = Source(campaign_id=1, book=Book.ACQUIRER, name="till")


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One request: what goes before it, and how it is asked, always under the same number.

    is_alike: whoever asks again is given the same answer; else asking again does nothing more.
    """

    name: str
    prepare: Callable[[Place], Awaitable[Given]]
    ask: Callable[[Place, Given], Awaitable[Any]]
    is_alike: bool = True


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


async def _won(place: Place) -> Winner:
    return place.winner()


async def _coded(place: Place) -> tuple[str, Winner]:
    who = place.winner()
    return (await fresh(place.house, who, "code-key-1")).digits, who


async def _locked(place: Place) -> Lock:
    who = place.winner()
    return await locked(place.house, place.at, who, who.voucher.face_fen * 8)


async def _sold(place: Place, at: Shop | None = None) -> Redemption:
    who = place.winner()
    return await redeemed(place.house, at or place.at, who, who.voucher.face_fen * 8)


async def _half_back(place: Place) -> Redemption:
    sold = await _sold(place)
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


async def _due(place: Place) -> None:
    """Redeemed yesterday, a part came back, two in the morning."""
    await _half_back(place)
    await _sold(place)
    await night(place)


async def _settled(place: Place) -> Redemption:
    sold = await _sold(place)
    await night(place)
    await settle_day(place.house.app, place.campaign.code)
    return sold


async def _owing(place: Place) -> None:
    """Settled, and then goods came back: the merchant owes; something new is due."""
    sold = await _settled(place)
    await _sold(place)
    back = await refund(place.house, place.at, sold.redemption_id, sold.quote.net_fen // 2)
    assert isinstance(back, Refund)
    await night(place)


async def _drafted(place: Place) -> int:
    await _settled(place)
    drafted = await draft_payment_file(
        place.house.app, place.campaign.code, place.drawn.payers.operator
    )
    assert isinstance(drafted, FileRow), drafted
    return drafted.file_id


async def _half_approved(place: Place) -> int:
    file_id = await _drafted(place)
    await approve_payment_file(place.house.app, file_id, place.drawn.payers.operator)
    return file_id


async def _approved(place: Place) -> int:
    file_id = await _half_approved(place)
    await approve_payment_file(place.house.app, file_id, place.drawn.payers.supervisor)
    return file_id


async def _at_the_bank(place: Place) -> tuple[int, Answer]:
    await _settled(place)
    file = await send_file(place.house.app, place.campaign.code, place.drawn.payers)
    assert file is not None
    (line,) = await payments_in(place.house.app, file.file_id)
    return file.file_id, paid(line)


async def _failing(place: Place) -> tuple[int, Answer]:
    file_id, _ = await _at_the_bank(place)
    (line,) = await payments_in(place.house.app, file_id)
    return file_id, not_paid(line)


async def _paid_out(place: Place) -> tuple[int, Answer]:
    file_id, answer = await _at_the_bank(place)
    await take_bank_answers(place.house.app, file_id, [answer], "bank")
    (line,) = await payments_in(place.house.app, file_id)
    return file_id, not_paid(line, Outcome.RETURNED)


async def _bounced(place: Place) -> None:
    """What bounced yesterday is due again with today's."""
    file_id, answer = await _failing(place)
    await _sold(place)
    await take_bank_answers(place.house.app, file_id, [answer], "bank")
    await night(place)


async def _billed(place: Place) -> BillSent:
    """A cashier's sales, and the bill of a till company that leaves one out."""
    first, second = await _sold(place), await _sold(place)
    await night(place)
    assert second.day == first.day
    fact = Fact(
        kind="redeem",
        ref=first.payment_ref,
        amount_fen=first.quote.discount_fen,
        paid_fen=first.quote.to_pay_fen,
        at=first.redeemed_at,
        day=first.day,
        place=str(first.store_id),
    )
    return BillSent(
        campaign=place.campaign.code,
        source=TILL.name,
        mapping="house",
        day=first.day,
        raw=SHAPES["house"]([fact]),
    )


async def _imported(place: Place) -> BillSent:
    sent = await _billed(place)
    await import_bill(place.house.app, sent, "test")
    return sent


async def _over(place: Place) -> None:
    """Some are at the end of their time, one of them at a till."""
    who = place.winner()
    place.house.clock.now = who.voucher.valid_until - timedelta(minutes=1)
    await locked(place.house, place.at, who, who.voucher.face_fen * 8)
    place.house.clock.move(minutes=20)


async def _told(place: Place) -> None:
    await _paid_order(place)


async def _next_day(place: Place) -> None:
    await _half_back(place)
    place.house.clock.now = (place.house.clock.now + timedelta(days=1)).replace(hour=0, minute=10)


async def _planned(place: Place) -> None:
    await night(place)


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


async def _answer(place: Place, given: tuple[int, Answer]) -> Any:
    return await take_bank_answers(place.house.app, given[0], [given[1]], "bank")


def _code(place: Place) -> str:
    return place.campaign.code


def _today(place: Place) -> int:
    return day_number(day_of(place.house.clock.now))


async def _settle(place: Place, _: Given) -> Any:
    return await settle_day(place.house.app, _code(place))


async def _redeem(place: Place, taken: Lock) -> Any:
    asked = RedeemAsked(request_key="pay-key-1", lock=taken.lock_id, payment_ref="p-1")
    return await redeem_voucher(place.house.app, place.at.cashier_id, asked)


async def _unlock(place: Place, taken: Lock) -> Any:
    asked = UnlockAsked(request_key="unlock-key-1", lock=taken.lock_id)
    return await unlock_voucher(place.house.app, place.at.cashier_id, asked)


async def _compensate(place: Place, sold: Redemption) -> Any:
    made_good = Compensation(
        amount_fen=sold.quote.discount_fen,
        bank_ref="C-1",
        payer="平台",
        reason="unlawful",
        redemption=sold.redemption_id,
    )
    return await compensate_fund(place.house.app, _code(place), made_good, "test")


async def _hold_back(place: Place, _: Given) -> Any:
    asked = HoldAsked(merchant_id=place.at.merchant_id, reason="review")
    return await place_hold(place.house.app, asked, "test")


FLOWS = (
    Flow(
        name="show a code",
        prepare=_won,
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
        prepare=_sold,
        ask=lambda place, sold: _refund(place, sold, 3, place.at.cashier_id),
    ),
    Flow(
        name="refund to the last fen",
        prepare=_half_back,
        ask=lambda place, sold: _refund(place, sold, 2, place.at.cashier_id),
    ),
    Flow(
        name="refund after settlement",
        prepare=_settled,
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
        prepare=_won,
        ask=lambda place, _: close_order(
            place.house.app, place.machine.acquirer.acquirer_id, "o-9"
        ),
    ),
    Flow(
        name="expire",
        prepare=_over,
        ask=lambda place, _: expire_vouchers(place.house.app, _code(place)),
        is_alike=False,
    ),
    Flow(name="settle", prepare=_due, ask=_settle, is_alike=False),
    Flow(name="settle with a debt", prepare=_owing, ask=_settle, is_alike=False),
    Flow(name="settle what bounced", prepare=_bounced, ask=_settle, is_alike=False),
    Flow(
        name="draft a payment file",
        prepare=_settled,
        ask=lambda place, _: draft_payment_file(
            place.house.app, _code(place), place.drawn.payers.operator
        ),
        is_alike=False,
    ),
    Flow(
        name="approve it",
        prepare=_half_approved,
        ask=lambda place, file_id: approve_payment_file(
            place.house.app, file_id, place.drawn.payers.supervisor
        ),
        is_alike=False,
    ),
    Flow(
        name="send it",
        prepare=_approved,
        ask=lambda place, file_id: move_payment_file(
            place.house.app, file_id, Move.SEND, place.drawn.payers.operator
        ),
    ),
    Flow(
        name="withdraw it",
        prepare=_approved,
        ask=lambda place, file_id: move_payment_file(
            place.house.app, file_id, Move.WITHDRAW, place.drawn.payers.operator
        ),
    ),
    Flow(name="the bank has paid", prepare=_at_the_bank, ask=_answer, is_alike=False),
    Flow(name="a payment bounces", prepare=_failing, ask=_answer, is_alike=False),
    Flow(name="a payment is given back", prepare=_paid_out, ask=_answer, is_alike=False),
    Flow(name="hold a merchant back", prepare=_won, ask=_hold_back, is_alike=False),
    Flow(
        name="import a bill",
        prepare=_billed,
        ask=lambda place, sent: import_bill(place.house.app, sent, "test"),
        is_alike=False,
    ),
    Flow(
        name="compare a day",
        prepare=_imported,
        ask=lambda place, sent: reconcile_day(place.house.app, TILL, sent.day),
        is_alike=False,
    ),
    Flow(name="compensate", prepare=_sold, ask=_compensate),
    Flow(
        name="receive a tranche",
        prepare=_won,
        ask=lambda place, _: fund_campaign(
            place.house.app, _code(place), 1_000_000, "T-1", "test", payer="省商务厅"
        ),
    ),
    Flow(
        name="repay a debt",
        prepare=_owing,
        ask=lambda place, _: repay_debt(
            place.house.app, _code(place), place.at.merchant_id, 100, "CASH-1", "test"
        ),
    ),
    Flow(
        name="release a day",
        prepare=_planned,
        ask=lambda place, _: release_day(place.house.app, _code(place), _today(place)),
        is_alike=False,
    ),
    Flow(
        name="close a day",
        prepare=_next_day,
        ask=lambda place, _: close_day(
            place.house.app, _code(place), day_number(day_of(place.drawn.now))
        ),
        is_alike=False,
    ),
    Flow(
        name="roll over",
        prepare=_next_day,
        ask=lambda place, _: roll_over_returned(place.house.app, _code(place)),
        is_alike=False,
    ),
    Flow(
        name="link the ledger",
        prepare=_half_back,
        ask=lambda place, _: link_ledger(place.house.app, _code(place)),
        is_alike=False,
    ),
    Flow(
        name="tell an acquirer",
        prepare=_told,
        ask=lambda place, _: send_callbacks(place.house.app),
        is_alike=False,
    ),
)
