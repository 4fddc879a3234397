"""A payment that the bank called failed and made after all: the merchant owes it, nobody is paid
twice for good, and our book of the bank is the bank's own."""

import asyncio
from datetime import timedelta

import pytest

from huiquan.actions.close_case import close_case
from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import AnswersTaken, take_bank_answers
from huiquan.domain.bank_answers import Verdict
from huiquan.domain.cases import Cause, Closing
from huiquan.domain.refusals import Refusal
from simulation.paying import paid
from tests.houses import CAMPAIGN
from tests.reconciliation.bills import Books, compared_all
from tests.reconciliation.test_batch_debits import Sent, cases_of, sent

ONE, OTHER = "payer", "approver"
POOL_MOVES = "update balances set amount_fen = amount_fen + $1 where account = 'pool'"
BANKS_NUMBER = "ICBC-20260213-000871"
WHY = "the bank was asked and says in writing that it was paid"


async def found(books: Books) -> tuple[Sent, int]:
    """The statement shows that the payment that had failed left the account."""
    told = await sent(books)
    debit = told.line("out", told.whole_fen, told.name)
    assert await cases_of(books, told, debit) == {("extra", "open"): 1}
    (case,) = await books.cases()
    return told, case["case_id"]


async def found_unnamed(books: Books) -> tuple[Sent, int]:
    """The same, but the statement bears the bank's own number alone."""
    told = await sent(books)
    lines = (
        told.line("out", told.paid_fen, told.name),
        told.line("out", told.failed.amount_fen, "", serial=BANKS_NUMBER),
    )
    assert await cases_of(books, told, *lines) == {("extra", "open"): 1}
    (case,) = await books.cases()
    assert case["ref"] == BANKS_NUMBER
    return told, case["case_id"]


async def confirm(books: Books, case_id: int, by: str, payment_ref: str = "") -> Closing | Refusal:
    return await close_case(
        books.house.app, case_id, Cause.PAID_AFTER_ALL, WHY, by, payment_ref=payment_ref
    )


async def booked(books: Books) -> list[tuple[str, int]]:
    rows = await books.owner.fetch(
        "select kind, amount_fen from transfers where kind in ('overpay', 'cover') order by no"
    )
    return [(row["kind"], row["amount_fen"]) for row in rows]


async def stands(books: Books, account: str) -> int:
    fen: int = await books.owner.fetchval(
        "select coalesce(sum(amount_fen), 0)::bigint from balances where account = $1", account
    )
    return fen


async def broken_promises(books: Books) -> set[str]:
    """Promises about money that do not hold."""
    failed = {one.name for one in (await run_checks(books.house.app)).failed}
    return {name for name in failed if name.startswith(("i2", "i34"))}


@pytest.mark.requirement("R2.4")
async def test_what_was_paid_after_all_is_owed_and_both_books_of_the_bank_agree(
    books: Books,
) -> None:
    told, case_id = await found(books)
    fen, owed_before = told.failed.amount_fen, await stands(books, "receivable")
    first = await confirm(books, case_id, ONE)
    assert isinstance(first, Closing)
    assert not first.is_final
    assert await booked(books) == [], "one person moves no money"
    assert await confirm(books, case_id, ONE) is Refusal.SAME_PERSON
    second = await confirm(books, case_id, OTHER)
    assert isinstance(second, Closing)
    assert second.is_final
    assert await booked(books) == [("cover", fen), ("overpay", fen)]
    assert await stands(books, "receivable") == owed_before + fen
    by_bank = await books.owner.fetchval("select sum(amount_fen)::bigint from statement_lines")
    assert await stands(books, "bank") == by_bank
    assert await broken_promises(books) == set()
    assert len(await booked(books)) == 2
    await books.owner.execute("update cases set cause = 'our_error' where case_id = $1", case_id)
    assert await broken_promises(books) == {"i34_overpayments_were_confirmed"}


@pytest.mark.requirement("R2.4")
async def test_the_next_settlement_keeps_it_and_no_case_is_opened_for_our_own_booking(
    books: Books,
) -> None:
    told, case_id = await found(books)
    for by in (ONE, OTHER):
        await confirm(books, case_id, by)
    owed_fen = await stands(books, "receivable")
    books.house.clock.now += timedelta(days=1)
    settled = await settle_day(books.house.app, CAMPAIGN)
    assert isinstance(settled, DaySettled)
    kept = await books.owner.fetchrow(
        "select carried_fen, recovered_fen, amount_fen from settlements where ref <> $1 "
        "and carried_fen > 0 order by settlement_id desc limit 1",
        told.failed.ref,
    )
    assert kept["carried_fen"] == told.failed.amount_fen
    assert kept["recovered_fen"] >= told.failed.amount_fen
    assert await stands(books, "receivable") == owed_fen - settled.recovered_fen
    await compared_all(books.house)
    assert {case["kind"] for case in await books.cases("state <> 'closed'")} <= {"no_file"}
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_two_who_confirm_at_once_while_the_merchant_is_settled_book_it_once(
    books: Books,
) -> None:
    told, case_id = await found(books)
    await confirm(books, case_id, ONE)
    said, again, settled = await asyncio.gather(
        confirm(books, case_id, OTHER),
        confirm(books, case_id, OTHER),
        settle_day(books.house.app, CAMPAIGN),
    )
    assert all(isinstance(one, Closing) and one.is_final for one in (said, again))
    assert sum(isinstance(one, Closing) and one.is_known for one in (said, again)) == 1
    assert isinstance(settled, DaySettled)
    fen = told.failed.amount_fen
    assert await booked(books) == [("cover", fen), ("overpay", fen)]
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_a_payment_that_did_not_bounce_cannot_be_confirmed_as_paid_after_all(
    books: Books,
) -> None:
    told, case_id = await found_unnamed(books)
    arrived = told.paid[0].ref
    assert await confirm(books, case_id, ONE, arrived) is Refusal.CAUSE_DOES_NOT_FIT
    assert await confirm(books, case_id, ONE, "nobody knows it") is Refusal.PAYMENT_NOT_NAMED
    assert await confirm(books, case_id, ONE) is Refusal.PAYMENT_NOT_NAMED
    assert {case["state"] for case in await books.cases()} == {"open"}
    assert await booked(books) == []


@pytest.mark.requirement("R2.4")
async def test_a_bank_that_says_failed_then_paid_is_known_by_its_own_number_too(
    books: Books,
) -> None:
    told = await sent(books)
    file_id = await books.owner.fetchval(
        "select file_id from payment_lines where ref = $1", told.failed.ref
    )
    answer = paid(told.failed)
    taken = await take_bank_answers(books.house.app, file_id, [answer], "bank")
    assert isinstance(taken, AnswersTaken)
    assert [verdict for _, verdict in taken.contradictions] == [Verdict.PAID_AFTER_BOUNCE]
    lines = (
        told.line("out", told.paid_fen, told.name),
        told.line("out", told.failed.amount_fen, "", serial=answer.bank_ref),
    )
    assert await cases_of(books, told, *lines) == {("extra", "open"): 1}
    (case,) = await books.cases()
    assert case["ref"] == told.failed.ref
    for by in (ONE, OTHER):
        await confirm(books, case["case_id"], by)
    assert len(await booked(books)) == 2
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_two_people_name_the_payment_of_a_line_that_bears_the_banks_number_alone(
    books: Books,
) -> None:
    told, case_id = await found_unnamed(books)
    fen, failed = told.failed.amount_fen, told.failed.ref
    first = await confirm(books, case_id, ONE, failed)
    assert isinstance(first, Closing)
    assert not first.is_final
    assert await confirm(books, case_id, OTHER) is Refusal.PAYMENT_NOT_NAMED
    assert await booked(books) == []
    second = await confirm(books, case_id, OTHER, failed)
    assert isinstance(second, Closing)
    assert second.is_final
    assert await booked(books) == [("cover", fen), ("overpay", fen)]
    (case,) = await books.cases()
    assert (case["ref"], case["payment_ref"]) == (BANKS_NUMBER, failed)
    assert case["ours_fen"] == case["theirs_fen"] == -fen
    assert {one.opened_count for one in await compared_all(books.house)} <= {0}
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_a_line_that_names_its_payment_is_not_booked_as_another(books: Books) -> None:
    told, case_id = await found(books)
    assert await confirm(books, case_id, ONE, told.paid[0].ref) is Refusal.PAYMENT_NOT_NAMED
    assert isinstance(await confirm(books, case_id, ONE, told.failed.ref), Closing)


@pytest.mark.requirement("R2.4")
async def test_the_banks_later_word_names_the_payment_of_a_case_that_was_open_before(
    books: Books,
) -> None:
    told, case_id = await found_unnamed(books)
    file_id = await books.owner.fetchval(
        "select file_id from payment_lines where ref = $1", told.failed.ref
    )
    answer = paid(told.failed, BANKS_NUMBER)
    await take_bank_answers(books.house.app, file_id, [answer], "bank")
    for by in (ONE, OTHER):
        assert isinstance(await confirm(books, case_id, by), Closing)
    assert len(await booked(books)) == 2
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_the_first_may_ask_while_the_fund_is_too_small_and_the_second_books_once_it_is_not(
    books: Books,
) -> None:
    _, case_id = await found(books)
    pool_fen = await stands(books, "pool")
    await books.owner.execute(POOL_MOVES, 1 - pool_fen)
    first = await confirm(books, case_id, ONE)
    assert isinstance(first, Closing)
    assert not first.is_final
    assert await confirm(books, case_id, OTHER) is Refusal.FUND_TOO_SMALL
    assert await booked(books) == []
    (case,) = await books.cases()
    assert (case["state"], case["proposed_by"]) == ("proposed", ONE)
    await books.owner.execute(POOL_MOVES, pool_fen - 1)
    second = await confirm(books, case_id, OTHER)
    assert isinstance(second, Closing)
    assert second.is_final
    assert len(await booked(books)) == 2
    assert await broken_promises(books) == set()


@pytest.mark.requirement("R2.4")
async def test_a_closed_case_keeps_its_cause_and_whoever_closed_it_is_told_so_again(
    books: Books,
) -> None:
    _, case_id = await found(books)
    for by in (ONE, OTHER):
        await confirm(books, case_id, by)
    events = await books.owner.fetchval("select count(*) from case_events")
    again = await confirm(books, case_id, OTHER)
    assert isinstance(again, Closing)
    assert (again.is_final, again.is_known) == (True, True)
    app = books.house.app
    for by in (ONE, OTHER):
        other = await close_case(app, case_id, Cause.OUR_ERROR, WHY, by)
        assert other is Refusal.CASE_CLOSED
    assert await confirm(books, case_id, ONE) is Refusal.CASE_CLOSED
    assert await books.owner.fetchval("select count(*) from case_events") == events
    assert len(await booked(books)) == 2
