"""A bank that moves a whole payment file in one line of its statement, and each settlement finds
its own part."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from huiquan.actions.move_payment_file import Move, move_payment_file
from huiquan.actions.run_checks import run_checks
from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.actions.take_bank_answers import take_bank_answers
from huiquan.domain.payment_files import Payment, batch_no
from simulation.bill_facts import Fact
from simulation.paying import Payers, not_paid, paid, payments_in, send_file
from tests.houses import CAMPAIGN
from tests.reconciliation.bills import ACCOUNT, Books, bank_facts_of, bring, compared_all

BATCH = "BATCH-OF-THE-BANK-7"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file at the bank, which paid all its lines but the first."""

    name: str
    at: datetime
    failed: Payment
    paid: Sequence[Payment]
    others: Sequence[Fact]

    @property
    def whole_fen(self) -> int:
        return self.failed.amount_fen + self.paid_fen

    @property
    def paid_fen(self) -> int:
        return sum(one.amount_fen for one in self.paid)

    def line(self, kind: str, fen: int, ref: str, serial: str = "S-1") -> Fact:
        """One line of the statement about the file."""
        signed = -fen if kind == "out" else fen
        at = self.at
        return Fact(
            kind=kind, ref=ref, serial=serial, amount_fen=signed, at=at, day=at.date(), place=""
        )


async def sent(books: Books) -> Sent:
    """Three days after the season, the next settlements go to the bank in one file."""
    app, clock = books.house.app, books.house.clock
    before = await bank_facts_of(books.owner)
    clock.now += timedelta(days=3)
    assert isinstance(await settle_day(app, CAMPAIGN), DaySettled)
    ids = {
        row["login"]: row["staff_id"]
        for row in await books.owner.fetch("select login, staff_id from staff")
    }
    payers = Payers(operator=ids["payer"], supervisor=ids["approver"])
    file = await send_file(app, CAMPAIGN, payers)
    assert file is not None
    moved = await move_payment_file(app, file.file_id, Move.ACCEPT, payers.operator, BATCH)
    assert moved.value == "accepted", moved
    failed, *others = await payments_in(app, file.file_id)
    assert others, "one line fails, others do not"
    said = [not_paid(failed), *(paid(one) for one in others)]
    await take_bank_answers(app, file.file_id, said, "bank")
    at = clock.now
    clock.now += timedelta(days=1)
    return Sent(
        name=batch_no(file.file_id, file.day), at=at, failed=failed, paid=others, others=before
    )


async def cases_of(books: Books, told: Sent, *lines: Fact) -> Counter[tuple[str, str]]:
    """What of these lines became a case, by kind and state, once every day was compared."""
    taken = await bring(books.house, [*told.others, *lines], None, shape="icbc-csv", source=ACCOUNT)
    assert taken.line_count == len(told.others) + len(lines)
    moved = await books.owner.fetchval("select count(*) from transfers")
    await compared_all(books.house)
    assert {one.opened_count for one in await compared_all(books.house)} <= {0}
    assert await books.owner.fetchval("select count(*) from transfers") == moved
    failed = {one.name for one in (await run_checks(books.house.app)).failed}
    assert "i29_books_equal_their_files" not in failed
    return Counter((case["kind"], case["state"]) for case in await books.cases())


@pytest.mark.requirement("R2.4")
async def test_one_debit_of_what_was_paid_agrees_line_by_line(books: Books) -> None:
    told = await sent(books)
    debit = told.line("out", told.paid_fen, told.name)
    assert await cases_of(books, told, debit) == {}


@pytest.mark.requirement("R2.4")
async def test_the_banks_own_number_of_the_batch_names_the_file_too(books: Books) -> None:
    told = await sent(books)
    debit = told.line("out", told.paid_fen, "", serial=BATCH)
    assert await cases_of(books, told, debit) == {}


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("credited_as", ["the line", "the batch"])
async def test_a_debit_of_the_whole_file_and_what_came_back_of_it_explain_themselves(
    books: Books, credited_as: str
) -> None:
    told = await sent(books)
    back = told.failed.ref if credited_as == "the line" else told.name
    lines = (
        told.line("out", told.whole_fen, told.name),
        told.line("in", told.failed.amount_fen, back, serial="S-2"),
    )
    assert await cases_of(books, told, *lines) == {("returned", "closed"): 2}


@pytest.mark.requirement("R2.4")
async def test_a_whole_debit_of_which_nothing_came_back_is_a_case(books: Books) -> None:
    told = await sent(books)
    debit = told.line("out", told.whole_fen, told.name)
    assert await cases_of(books, told, debit) == {("extra", "open"): 1}
    (case,) = await books.cases()
    assert (case["ref"], case["theirs_fen"]) == (told.failed.ref, -told.failed.amount_fen)


@pytest.mark.requirement("R2.4")
async def test_a_file_that_was_debited_twice_is_a_case_for_each_line(books: Books) -> None:
    told = await sent(books)
    debit = told.line("out", told.paid_fen, told.name)
    twice = replace(debit, serial="S-2", at=debit.at + timedelta(seconds=1))
    assert await cases_of(books, told, debit, twice) == {("doubled", "open"): len(told.paid)}


@pytest.mark.requirement("R2.4")
async def test_a_sum_that_is_a_fen_off_is_not_divided(books: Books) -> None:
    told = await sent(books)
    debit = told.line("out", told.paid_fen + 1, told.name)
    found = await cases_of(books, told, debit)
    assert found == {("extra", "open"): 1, ("missing", "open"): len(told.paid)}
