"""The flows behind the till: settlement, payments, bills, the fund, the days of the book.  资金"""

from datetime import timedelta
from typing import Any

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.close_day import close_day
from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.import_bill import BillSent, import_bill
from huiquan.actions.link_ledger import link_ledger
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.actions.release_day import release_day
from huiquan.actions.repay_debt import repay_debt
from huiquan.actions.roll_over import roll_over_returned
from huiquan.actions.settle_day import settle_day
from huiquan.actions.take_bank_answers import take_bank_answers
from huiquan.db.imported_books import Source
from huiquan.db.payment_files import FileRow
from huiquan.domain.bank_answers import Answer, Outcome
from huiquan.domain.bill_mappings import Book
from huiquan.domain.days import day_number, day_of
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refunds import Refund
from simulation.bill_facts import Fact
from simulation.bill_shapes import SHAPES
from simulation.paying import not_paid, paid, payments_in, send_file
from tests.actions.tills import refund
from tests.drawn import Place, night
from tests.kills.flow import Flow, Given
from tests.kills.till_flows import a_sale, a_settled_sale, a_winner, code_of, half_back

TILL = Source(campaign_id=1, book=Book.ACQUIRER, name="till")


async def _due(place: Place) -> None:
    """Redeemed yesterday, a part came back, two in the morning."""
    await half_back(place)
    await a_sale(place)
    await night(place)


async def _owing(place: Place) -> None:
    """Settled, and then goods came back: the merchant owes; something new is due."""
    sold = await a_settled_sale(place)
    await a_sale(place)
    back = await refund(place.house, place.at, sold.redemption_id, sold.quote.net_fen // 2)
    assert isinstance(back, Refund)
    await night(place)


async def _drafted(place: Place) -> int:
    await a_settled_sale(place)
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
    await a_settled_sale(place)
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
    await a_sale(place)
    await take_bank_answers(place.house.app, file_id, [answer], "bank")
    await night(place)


async def _billed(place: Place) -> BillSent:
    """A cashier's sales, and the bill of a till company that leaves one out."""
    first, second = await a_sale(place), await a_sale(place)
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


async def _next_day(place: Place) -> None:
    await half_back(place)
    place.house.clock.now = (place.house.clock.now + timedelta(days=1)).replace(hour=0, minute=10)


async def _planned(place: Place) -> None:
    await night(place)


async def _answer(place: Place, given: tuple[int, Answer]) -> Any:
    return await take_bank_answers(place.house.app, given[0], [given[1]], "bank")


def _today(place: Place) -> int:
    return day_number(day_of(place.house.clock.now))


async def _settle(place: Place, _: Given) -> Any:
    return await settle_day(place.house.app, code_of(place))


async def _compensate(place: Place, sold: Redemption) -> Any:
    made_good = Compensation(
        amount_fen=sold.quote.discount_fen,
        bank_ref="C-1",
        payer="平台",
        reason="unlawful",
        redemption=sold.redemption_id,
    )
    return await compensate_fund(place.house.app, code_of(place), made_good, "test")


async def _hold_back(place: Place, _: Given) -> Any:
    asked = HoldAsked(request_key="hold-key-1", merchant_id=place.at.merchant_id, reason="review")
    return await place_hold(place.house.app, asked, "test")


MONEY_FLOWS = (
    Flow(name="settle", prepare=_due, ask=_settle, is_alike=False),
    Flow(name="settle with a debt", prepare=_owing, ask=_settle, is_alike=False),
    Flow(name="settle what bounced", prepare=_bounced, ask=_settle, is_alike=False),
    Flow(
        name="draft a payment file",
        prepare=a_settled_sale,
        ask=lambda place, _: draft_payment_file(
            place.house.app, code_of(place), place.drawn.payers.operator
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
    Flow(name="hold a merchant back", prepare=a_winner, ask=_hold_back),
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
    Flow(name="compensate", prepare=a_sale, ask=_compensate),
    Flow(
        name="receive a tranche",
        prepare=a_winner,
        ask=lambda place, _: fund_campaign(
            place.house.app, code_of(place), 1_000_000, "T-1", "test", payer="省商务厅"
        ),
    ),
    Flow(
        name="repay a debt",
        prepare=_owing,
        ask=lambda place, _: repay_debt(
            place.house.app, code_of(place), place.at.merchant_id, 100, "CASH-1", "test"
        ),
    ),
    Flow(
        name="release a day",
        prepare=_planned,
        ask=lambda place, _: release_day(place.house.app, code_of(place), _today(place)),
        is_alike=False,
    ),
    Flow(
        name="close a day",
        prepare=_next_day,
        ask=lambda place, _: close_day(
            place.house.app, code_of(place), day_number(day_of(place.drawn.now))
        ),
        is_alike=False,
    ),
    Flow(
        name="roll over",
        prepare=_next_day,
        ask=lambda place, _: roll_over_returned(place.house.app, code_of(place)),
        is_alike=False,
    ),
    Flow(
        name="link the ledger",
        prepare=half_back,
        ask=lambda place, _: link_ledger(place.house.app, code_of(place)),
        is_alike=False,
    ),
)
