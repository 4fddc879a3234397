"""A payment leaves through one file, approved by two people, and each answer counts once."""

import asyncio
from datetime import timedelta

import pytest

from huiquan.actions.approve_payment_file import approve_payment_file
from huiquan.actions.draft_payment_file import draft_payment_file
from huiquan.actions.lift_hold import lift_hold
from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.db.connection import Database
from huiquan.db.payment_files import FileRow
from huiquan.domain.approvals import Given
from huiquan.domain.bank_answers import Answer, Outcome, Verdict
from huiquan.domain.ledger import Account
from huiquan.domain.payment_files import Encoding, FileState, Payment
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from huiquan.views.payment_files import bank_bytes
from simulation.bank import Bank, Lie, read_file
from simulation.paying import (
    Payers,
    hand_in,
    hear,
    name_accounts,
    not_paid,
    paid,
    payments_in,
    send_file,
    two_payers,
)
from tests.actions.test_settle_day import (
    a_day_of_sales,
    a_settled_sale,
    promises_kept,
    rows,
    settled_on,
    stands,
)
from tests.reconciliation.bank_statement import cases_of, expected
from tests.seasons import Season, refund


async def settled_season(database: Database) -> tuple[Season, Payers]:
    """A day of sales, settled; every merchant has an account."""
    season = await a_day_of_sales(database)
    await settled_on(season, 1)
    payers = await two_payers(season.house.app)
    await name_accounts(season.house.app, payers)
    return season, payers


async def sent(season: Season, payers: Payers) -> tuple[FileRow, list[Payment]]:
    """A file at the bank, with its lines."""
    file = await send_file(season.house.app, season.campaign.code, payers)
    assert file is not None
    return file, await payments_in(season.house.app, file.file_id)


async def told(season: Season, file: FileRow, *said: Answer) -> AnswersTaken:
    taken = await take_bank_answers(season.house.app, file.file_id, said, "bank")
    assert isinstance(taken, AnswersTaken), taken
    return taken


async def drafted(season: Season, payers: Payers) -> FileRow:
    row = await draft_payment_file(season.house.app, season.campaign.code, payers.operator)
    assert isinstance(row, FileRow), row
    return row


@pytest.mark.requirement("R2.4")
async def test_nothing_goes_to_the_bank_before_two_different_people_approved(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    app, row = season.house.app, await drafted(season, payers)
    number = row.file_id
    send = (app, number, Move.SEND, payers.operator)
    assert await move_payment_file(*send) is Refusal.FILE_NOT_APPROVED
    assert await bank_bytes(app, number, Encoding.GBK) is Refusal.FILE_NOT_APPROVED
    first = await approve_payment_file(app, number, payers.operator)
    assert isinstance(first, Given)
    assert not first.is_complete
    again = await approve_payment_file(app, number, payers.operator)
    assert again is Refusal.ALREADY_APPROVED_BY_YOU
    assert await move_payment_file(*send) is Refusal.FILE_NOT_APPROVED
    second = await approve_payment_file(app, number, payers.supervisor)
    assert isinstance(second, Given)
    assert second.is_complete
    assert await move_payment_file(*send) is FileState.SENT
    assert await promises_kept(season)


async def test_one_person_who_approves_many_times_at_once_is_one_person(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    app, row = season.house.app, await drafted(season, payers)
    answers = await asyncio.gather(
        *(approve_payment_file(app, row.file_id, payers.operator) for _ in range(6))
    )
    assert sorted(isinstance(one, Given) for one in answers) == [False] * 5 + [True]
    assert await rows(season, "select state from payment_files") == [("drafted",)]


@pytest.mark.requirement("R2.4")
async def test_two_who_draft_at_once_put_a_settlement_into_one_file(database: Database) -> None:
    season, payers = await settled_season(database)
    answers = await asyncio.gather(
        *(
            draft_payment_file(season.house.app, season.campaign.code, payers.operator)
            for _ in range(4)
        )
    )
    assert [isinstance(one, FileRow) for one in answers].count(True) == 1
    assert answers.count(Refusal.NOTHING_TO_PAY) == 3
    assert await promises_kept(season)


async def test_the_banks_file_adds_up_and_reads_the_same_in_both_encodings(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    for encoding in Encoding:
        raw = await bank_bytes(season.house.app, file.file_id, encoding)
        assert isinstance(raw, bytes)
        batch, orders = read_file(raw)
        assert batch == f"HQ20260208-{file.file_id:07}"
        assert {one.ref: one.amount_fen for one in orders} == {
            one.ref: one.amount_fen for one in payments
        }


async def test_a_file_that_is_withdrawn_gives_its_settlements_to_the_next(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    app, row = season.house.app, await drafted(season, payers)
    move = (Move.WITHDRAW, payers.operator)
    assert await move_payment_file(app, row.file_id, *move) is FileState.WITHDRAWN
    again = await approve_payment_file(app, row.file_id, payers.supervisor)
    assert again is Refusal.FILE_ALREADY_SENT
    file, _ = await sent(season, payers)
    assert (file.line_count, file.amount_fen) == (row.line_count, row.amount_fen)
    assert await move_payment_file(app, file.file_id, *move) is Refusal.FILE_ALREADY_SENT
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_what_the_bank_paid_leaves_once_however_often_it_says_so(database: Database) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    said = [paid(one) for one in payments]
    before_fen = await stands(season, Account.BANK)
    await asyncio.gather(*(told(season, file, *said) for _ in range(3)))
    repeated = await told(season, file, *said)
    assert (repeated.paid_count, repeated.repeated_count) == (0, len(said))
    assert await stands(season, Account.BANK) == before_fen - file.amount_fen
    assert await rows(season, "select state from payment_files") == [("done",)]
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_what_bounced_is_settled_anew_and_paid_under_a_new_reference(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    before_fen = await stands(season, Account.BANK)
    first, *others = payments
    await told(season, file, not_paid(first), *(paid(one) for one in others))
    assert await stands(season, Account.PAYABLE) == first.amount_fen
    again = await settled_on(season, 1)
    assert again.amount_fen == first.amount_fen
    next_file, next_payments = await sent(season, payers)
    assert [one.amount_fen for one in next_payments] == [first.amount_fen]
    assert next_payments[0].ref != first.ref
    await told(season, next_file, *(paid(one) for one in next_payments))
    assert await stands(season, Account.BANK) == before_fen - file.amount_fen
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_a_payment_that_comes_back_days_later_is_in_the_account_again(
    database: Database,
) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    before_fen = await stands(season, Account.BANK)
    await told(season, file, *(paid(one) for one in payments))
    back = not_paid(payments[0], Outcome.RETURNED)
    await told(season, file, back)
    heard = await told(season, file, back, paid(payments[0]))
    assert (heard.bounced_count, heard.repeated_count) == (0, 2)
    left_fen = before_fen - file.amount_fen + payments[0].amount_fen
    assert await stands(season, Account.BANK) == left_fen
    assert await promises_kept(season)


CONTRADICTIONS = (
    ("failed, then paid", ("failed", "paid"), Verdict.PAID_AFTER_BOUNCE),
    ("paid, then failed", ("paid", "failed"), Verdict.FAILED_AFTER_PAYMENT),
    ("paid under two numbers", ("paid", "other_number"), Verdict.OTHER_BANK_REF),
    ("another amount", ("other_amount",), Verdict.OTHER_AMOUNT),
)


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize(
    ("said", "verdict"), [one[1:] for one in CONTRADICTIONS], ids=[one[0] for one in CONTRADICTIONS]
)
async def test_a_bank_that_contradicts_itself_moves_no_money_and_holds_the_merchant(
    database: Database, said: tuple[str, ...], verdict: Verdict
) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    line = payments[0]
    words = {
        "paid": paid(line),
        "failed": not_paid(line),
        "other_number": paid(line, "ANOTHER"),
        "other_amount": Answer(
            ref=line.ref,
            outcome=Outcome.PAID,
            amount_fen=line.amount_fen + 1,
            bank_ref="X",
            reason="",
        ),
    }
    for word in said[:-1]:
        await told(season, file, words[word])
    before_fen = await stands(season, Account.BANK)
    taken = await told(season, file, words[said[-1]])
    assert [one[1] for one in taken.contradictions] == [verdict]
    assert await stands(season, Account.BANK) == before_fen
    held = await rows(season, "select merchant_id, kind from settlement_holds")
    assert held == [(line.merchant_id, "merchant")]
    await told(season, file, words[said[-1]])
    assert len(await rows(season, "select from settlement_holds")) == 1
    assert await promises_kept(season)
    await settled_on(season, 1)
    second = await send_file(season.house.app, season.campaign.code, payers)
    assert second is None, "nothing is paid to this merchant, the others were in the first file"


async def test_one_number_of_the_bank_stands_for_one_payment(database: Database) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    taken = await told(season, file, paid(payments[0], "SAME"), paid(payments[1], "SAME"))
    assert [one[1] for one in taken.contradictions] == [Verdict.BANK_REF_USED]
    assert await promises_kept(season)


async def test_an_answer_before_the_file_was_sent_is_no_answer(database: Database) -> None:
    season, payers = await settled_season(database)
    app, row = season.house.app, await drafted(season, payers)
    said = [paid(one) for one in await payments_in(app, row.file_id)]
    early = await take_bank_answers(app, row.file_id, said, "bank")
    assert early is Refusal.NOT_SENT_TO_THE_BANK
    assert await take_bank_answers(app, 999, said, "bank") is Refusal.UNKNOWN_FILE


@pytest.mark.requirement("R2.4")
async def test_paid_and_bounced_at_one_moment_is_one_of_them(database: Database) -> None:
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    await asyncio.gather(
        *(
            told(season, file, one(line))
            for line in payments
            for one in (paid, not_paid, paid, not_paid)
        )
    )
    assert await promises_kept(season)
    states = await rows(season, "select distinct state from payment_lines")
    assert {row["state"] for row in states} <= {"paid", "bounced"}


@pytest.mark.requirement("R2.4")
async def test_a_refund_while_its_payment_is_at_the_bank_is_kept_from_the_next(
    database: Database,
) -> None:
    """It is a debt, also when the payment bounces; the merchant gets what is left, once."""
    season, payers = await settled_season(database)
    file, payments = await sent(season, payers)
    sale = await a_settled_sale(season)
    line = next(one for one in payments if one.merchant_id == sale.merchant_id)
    back, _ = await asyncio.gather(
        refund(season, sale, sale.quote.net_fen), told(season, file, not_paid(line))
    )
    assert isinstance(back, Refund)
    assert back.is_late
    assert await promises_kept(season)
    again = await settled_on(season, 1)
    assert again.recovered_fen == back.to_fund_fen
    assert again.amount_fen == line.amount_fen - back.to_fund_fen
    assert await stands(season, Account.RECEIVABLE) == 0
    assert await promises_kept(season)


@pytest.mark.requirement("R2.4")
async def test_what_somebody_holds_back_waits_until_it_is_lifted(database: Database) -> None:
    season = await a_day_of_sales(database)
    app, sale = season.house.app, season.redemptions[0]
    asks = (
        HoldAsked(request_key="h-1", reason="现场核查", merchant_id=sale.merchant_id),
        HoldAsked(request_key="h-2", reason="满减异常", store_id=sale.store_id),
        HoldAsked(request_key="h-3", reason="待签收", redemption=sale.redemption_id),
    )
    held = [await place_hold(app, one, "staff:1") for one in asks]
    assert all(isinstance(one, int) for one in held)
    await settled_on(season, 1)
    mine = f"select settlement_id from redemptions where merchant_id = {sale.merchant_id}"
    assert {row["settlement_id"] for row in await rows(season, mine)} == {None}
    assert await lift_hold(app, int(held[0]), "核查通过", "staff:1") is True
    assert await lift_hold(app, int(held[0]), "核查通过", "staff:1") is False
    await settled_on(season, 1)
    of_store = f"select settlement_id from redemptions where store_id = {sale.store_id}"
    assert {row["settlement_id"] for row in await rows(season, of_store)} == {None}
    assert await lift_hold(app, int(held[1]), "核查通过", "staff:1") is True
    await settled_on(season, 1)
    left = "select lane, idx from redemptions where settlement_id is null and returned_fen < "
    assert [tuple(row) for row in await rows(season, left + "discount_fen")] == [
        (sale.lane, sale.idx)
    ]
    assert await promises_kept(season)


async def test_a_hold_names_one_thing_that_exists_and_a_reason(database: Database) -> None:
    app = (await a_day_of_sales(database)).house.app
    asks = {
        Refusal.MALFORMED: HoldAsked(request_key="h", reason="", merchant_id=1),
        Refusal.UNKNOWN_MERCHANT: HoldAsked(request_key="h", reason="x", merchant_id=999),
        Refusal.UNKNOWN_STORE: HoldAsked(request_key="h", reason="x", store_id=999),
        Refusal.UNKNOWN_REDEMPTION: HoldAsked(request_key="h", reason="x", redemption="R001"),
    }
    for refusal, asked in asks.items():
        assert await place_hold(app, asked, "x") is refusal
    two = HoldAsked(request_key="h", reason="x", merchant_id=1, store_id=1)
    assert await place_hold(app, two, "x") is Refusal.MALFORMED
    assert await lift_hold(app, 999, "x", "x") is Refusal.UNKNOWN_HOLD


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("lie", Lie)
async def test_whatever_a_bank_says_the_books_hold_and_nothing_is_ordered_twice(
    database: Database, lie: Lie
) -> None:
    """Each line meets the same lie; the file is carried to the bank twice, and it is asked for
    days. What the house ordered under all references of a merchant is never more than was due, and
    what the bank moved beyond that is a case as soon as its statement is there."""
    season, payers = await settled_season(database)
    app, bank = season.house.app, Bank(lies={lie: 100})
    due = dict(
        await rows(
            season, "select merchant_id, sum(amount_fen)::bigint from settlements group by 1"
        )
    )
    file, payments = await sent(season, payers)
    await hand_in(app, file, bank)
    for _ in range(5):
        await hear(app, file, bank.answers(app.clock()))
        await hand_in(app, file, bank)
        assert await promises_kept(season)
        season.house.clock.now += timedelta(days=1)
        settled = await settle_day(app, season.campaign.code)
        assert isinstance(settled, DaySettled)
    assert bank.fired[lie] >= len(payments)
    for line in payments:
        booked = await rows(
            season,
            "select coalesce(sum(amount_fen) filter (where kind = 'pay'), 0)::bigint"
            " - coalesce(sum(amount_fen) filter (where kind = 'pay_back'), 0)::bigint as fen"
            f" from transfers where '{line.merchant_id}' in (debit_holder, credit_holder)",
        )
        assert booked[0]["fen"] <= due[line.merchant_id]
        if lie in (Lie.ANSWER_TWICE, Lie.RETURN_LATE, Lie.FAIL):
            assert booked[0]["fen"] == bank.paid_fen(line.ref)
    moved = await rows(season, "select count(*) from transfers")
    found = await cases_of(season.house, bank)
    assert found == expected(lie, len(payments), handed_in=6)
    assert await rows(season, "select count(*) from transfers") == moved
    assert await promises_kept(season)
