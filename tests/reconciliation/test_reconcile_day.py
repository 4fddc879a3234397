"""Three books on real tables: honest ones agree, each lie is found, and nothing is found twice."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from huiquan.actions.import_bill import BillSent, import_bill
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.actions.run_checks import run_checks
from huiquan.db.imported_books import Counts
from huiquan.domain.bill_flaws import BadFile
from huiquan.domain.days import SHANGHAI
from huiquan.domain.refusals import Refusal
from simulation.bill_facts import Fact, Lie, tell
from simulation.bill_shapes import SHAPES
from tests.houses import CAMPAIGN
from tests.reconciliation.bills import (
    ACCOUNT,
    DAYS,
    FIRST,
    LAST,
    TILL,
    Books,
    bank_facts_of,
    bring,
    compared,
    compared_all,
    of_day,
)


async def promises_kept(books: Books) -> bool:
    """Books equal files, or the difference is listed; the rest waits for jobs nobody runs here."""
    failed = [
        one for one in (await run_checks(books.house.app)).failed if one.name.startswith("i2")
    ]
    return not failed


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("shape", ["wechat", "alipay", "unionpay", "house"])
async def test_honest_bills_agree_with_us_to_the_fen(books: Books, shape: str) -> None:
    assert {fact.kind for fact in books.facts} == {"redeem", "refund"}
    for day in DAYS:
        taken = await bring(books.house, of_day(books.facts, day), day, shape=shape)
        assert taken.counts.new_count == len(of_day(books.facts, day))
        done = await compared(books.house, day)
        assert (done.ours, done.opened_count) == (done.theirs, 0)
        assert done.ours.fen == sum(fact.amount_fen for fact in of_day(books.facts, day))
    assert await books.cases() == []
    assert await promises_kept(books)


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("shape", ["icbc", "icbc-csv"])
async def test_an_honest_statement_agrees_with_us_to_the_fen(books: Books, shape: str) -> None:
    facts = await bank_facts_of(books.owner)
    assert {fact.kind for fact in facts} == {"in", "out"}
    taken = await bring(books.house, facts, None, shape=shape, source=ACCOUNT)
    assert taken.line_count == len(facts)
    done = await compared_all(books.house)
    today = books.house.clock.now.date()
    assert sum(one.ours.count for one in done) == sum(fact.day < today for fact in facts)
    assert all((one.ours, one.opened_count) == (one.theirs, 0) for one in done)
    assert await compared_all(books.house) == []
    assert await books.cases() == []
    assert await promises_kept(books)


EXPECTED = {
    Lie.DROP: {"missing": 1},
    Lie.DOUBLE: {"doubled": 1},
    Lie.AMOUNT: {"amount": 1},
    Lie.DAY: {"day": 1},
    Lie.SWAP: {"amount": 2},
    Lie.SIGN: {"sign": 1},
}


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("lie", Lie)
@pytest.mark.parametrize("seed", range(2))
async def test_each_lie_in_a_bill_is_found_and_nothing_else(
    books: Books, lie: Lie, seed: int
) -> None:
    """Sales alone: among refunds of one payment a lie may look like another one."""
    sales = [fact for fact in books.facts if fact.kind == "redeem"]
    told, touched = tell(lie, [fact for fact in sales if fact.day < LAST], random.Random(seed))
    told += [fact for fact in sales if fact.day == LAST]
    told += [fact for fact in books.facts if fact.kind == "refund"]
    for day in DAYS:
        await bring(books.house, of_day(told, day), day)
        await compared(books.house, day)
    found = await books.cases()
    assert Counter(case["kind"] for case in found) == Counter(EXPECTED[lie])
    assert {case["ref"] for case in found} == {fact.ref for fact in touched}
    assert {case["state"] for case in found} == {"open"}
    assert await promises_kept(books)


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("seed", range(5))
async def test_whatever_a_bill_says_each_line_is_matched_or_listed_once(
    books: Books, seed: int
) -> None:
    """The second count: our sum less theirs, day by day, is what the cases add up to."""
    dice, told = random.Random(seed), list(books.facts)
    for _ in range(12):
        told, _ = tell(dice.choice(list(Lie)), told, dice)
    told = [replace(fact, day=min(fact.day, LAST)) for fact in told]
    told = [fact for fact in told if abs(fact.at.date() - fact.day) <= timedelta(days=1)]
    days = list(DAYS)
    dice.shuffle(days)
    for day in days:
        await bring(books.house, of_day(told, day), day)
        await compared(books.house, day)
    found = await books.cases()
    for side in ("ours", "theirs"):
        keys = [case[f"{side}_key"] for case in found if case[f"{side}_key"]]
        assert len(keys) == len(set(keys))
    for day in DAYS:
        ours = sum(fact.amount_fen for fact in of_day(books.facts, day))
        theirs = sum(fact.amount_fen for fact in of_day(told, day))
        number = int(f"{day:%Y%m%d}")
        listed = sum(case["ours_fen"] for case in found if case["ours_day"] == number) - sum(
            case["theirs_fen"] for case in found if case["theirs_day"] == number
        )
        assert ours - theirs == listed
    assert await promises_kept(books)
    # Days that came out of order may name an old difference better; then nothing moves any more.
    for may_rename in (True, False):
        for day in DAYS:
            again = await compared(books.house, day)
            assert (again.opened_count, again.closed_count) == (0, 0)
            assert may_rename or again.completed_count == 0


async def test_a_sale_before_midnight_that_is_theirs_on_the_next_day_closes_itself(
    books: Books,
) -> None:
    late = datetime(2026, 2, 6, 23, 59, 59, tzinfo=SHANGHAI)
    sale = next(fact for fact in books.facts if (fact.kind, fact.day) == ("redeem", FIRST))
    await books.owner.execute(
        "update redemptions set redeemed_at = $1 where payment_ref = $2", late, sale.ref
    )
    told = [fact for fact in books.facts if fact is not sale]
    told.append(replace(sale, day=DAYS[1], at=late + timedelta(seconds=3)))
    await bring(books.house, of_day(told, FIRST), FIRST)
    assert (await compared(books.house, FIRST)).opened_count == 1
    (case,) = await books.cases()
    assert (case["kind"], case["state"], case["ours_fen"]) == ("missing", "open", sale.amount_fen)
    await bring(books.house, of_day(told, DAYS[1]), DAYS[1])
    assert (await compared(books.house, DAYS[1])).closed_count == 1
    (case,) = await books.cases()
    assert (case["kind"], case["state"], case["cause"]) == ("day", "closed", "cut_over")
    assert (case["closed_by"], case["ours_fen"]) == ("house", case["theirs_fen"])
    events = await books.owner.fetch("select did, actor from case_events order by no")
    assert [tuple(event) for event in events] == [("opened", "house"), ("closed", "house")]


async def test_the_same_file_again_changes_nothing(books: Books) -> None:
    facts = of_day(books.facts, FIRST)
    first = await bring(books.house, facts, FIRST)
    again = await bring(books.house, facts, FIRST)
    assert (again.file_id, again.is_new) == (first.file_id, False)
    assert await books.owner.fetchval("select count(*) from imported_files") == 1
    assert await books.owner.fetchval("select count(*) from bill_lines") == len(facts)


async def test_the_audit_tells_what_a_comparison_found_and_tells_it_once(books: Books) -> None:
    """Asked again after a lost answer, or at once by two, a day is compared and nothing is told."""
    told = "select detail ->> 'opened' from audit where tag = 'day:reconciled' order by audit_id"
    facts = of_day(books.facts, FIRST)
    await bring(books.house, facts[1:], FIRST)
    await asyncio.gather(*(compared(books.house, FIRST) for _ in range(2)))
    books.house.clock.move(minutes=5)
    await compared(books.house, FIRST)
    assert [row[0] for row in await books.owner.fetch(told)] == ["1"]
    last = await books.owner.fetchval("select ran_at from reconciled_days")
    assert last == books.house.clock.now
    await bring(books.house, facts, FIRST)
    for _ in range(2):
        await compared(books.house, FIRST)
    assert [row[0] for row in await books.owner.fetch(told)] == ["1", "0"]


async def test_the_same_file_from_many_at_once_is_taken_once(books: Books) -> None:
    facts = of_day(books.facts, FIRST)
    taken = await asyncio.gather(*(bring(books.house, facts, FIRST) for _ in range(6)))
    assert sorted(one.is_new for one in taken) == [False] * 5 + [True]
    assert await books.owner.fetchval("select count(*) from bill_lines") == len(facts)


async def test_a_corrected_file_replaces_nothing_silently(books: Books) -> None:
    """What it tells otherwise or no more becomes a case; a line it adds closes the case it fits."""
    first, second, *rest = [one for one in of_day(books.facts, FIRST) if one.kind == "redeem"]
    rest += [one for one in of_day(books.facts, FIRST) if one.kind == "refund"]
    await bring(books.house, [second, *rest], FIRST)
    await compared(books.house, FIRST)
    ((case),) = await books.cases()
    assert (case["kind"], case["ref"]) == ("missing", first.ref)
    changed = replace(second, amount_fen=second.amount_fen - 1)
    taken = await bring(books.house, [first, changed, *rest[1:]], FIRST)
    assert taken.counts == Counts(
        new_count=1, same_count=len(rest) - 1, changed_count=1, withdrawn_count=1
    )
    await compared(books.house, FIRST)
    found = {case["kind"]: case for case in await books.cases()}
    assert set(found) == {"missing", "changed", "withdrawn"}
    assert (found["missing"]["state"], found["missing"]["cause"]) == ("closed", "file_arrived")
    assert found["changed"]["ours_fen"] - found["changed"]["theirs_fen"] == 1
    assert (found["withdrawn"]["ref"], found["withdrawn"]["theirs_fen"]) == (rest[0].ref, 0)
    kept = await books.owner.fetchval(
        "select amount_fen from bill_lines where ref = $1 and kind = 'redeem'", second.ref
    )
    assert kept == second.amount_fen
    await compared_all(books.house)
    assert await promises_kept(books)


async def test_parts_of_a_day_do_not_correct_each_other(books: Books) -> None:
    facts = of_day(books.facts, FIRST)
    await bring(books.house, facts[:3], FIRST, part="1")
    taken = await bring(books.house, facts[3:], FIRST, part="2")
    assert taken.counts.withdrawn_count == 0
    assert (await compared(books.house, FIRST)).opened_count == 0


async def test_statements_that_overlap_change_nothing(books: Books) -> None:
    facts = await bank_facts_of(books.owner)
    await bring(books.house, facts[:3], None, shape="icbc", source=ACCOUNT)
    taken = await bring(books.house, facts, None, shape="icbc", source=ACCOUNT)
    assert taken.counts == Counts(
        new_count=len(facts) - 3, same_count=3, changed_count=0, withdrawn_count=0
    )


async def test_a_day_whose_file_has_not_come_is_one_case_that_the_file_closes(
    books: Books,
) -> None:
    await bring(books.house, of_day(books.facts, DAYS[1]), DAYS[1])
    for _ in range(2):
        done = await compared(books.house, FIRST)
        assert (done.has_file, done.theirs.count) == (False, 0)
    (case,) = await books.cases()
    assert (case["kind"], case["state"], case["ours_fen"]) == ("no_file", "open", done.ours.fen)
    await bring(books.house, of_day(books.facts, FIRST), FIRST)
    await compared(books.house, FIRST)
    (case,) = await books.cases()
    assert (case["state"], case["cause"]) == ("closed", "file_arrived")


async def test_a_source_with_a_day_nobody_compared_breaks_a_promise(books: Books) -> None:
    await bring(books.house, of_day(books.facts, FIRST), FIRST)
    await compared(books.house, FIRST)
    assert not await promises_kept(books)
    for day in DAYS:
        await compared(books.house, day)
    assert await promises_kept(books)


async def test_the_bank_knows_a_payment_by_its_own_number_too(books: Books) -> None:
    facts = [replace(fact, ref="") for fact in await bank_facts_of(books.owner)]
    await bring(books.house, facts, None, shape="icbc", source=ACCOUNT)
    for day in DAYS:
        await compared(books.house, day, ACCOUNT)
    assert await books.cases() == []


async def test_a_fee_and_a_payment_that_came_back_are_listed_by_name(books: Books) -> None:
    at = datetime(2026, 2, 9, 15, tzinfo=SHANGHAI)
    facts = await bank_facts_of(books.owner)
    for n, (kind, ref, fen) in enumerate(
        [("fee", "", -150), ("out", "20260209-99", -700), ("in", "20260209-99", 700)]
    ):
        facts.append(Fact(kind=kind, ref=ref, serial=f"X{n}", amount_fen=fen, at=at, day=at.date()))
    await bring(books.house, facts, None, shape="icbc", source=ACCOUNT)
    await compared_all(books.house)
    found = [(case["kind"], case["state"], case["theirs_fen"]) for case in await books.cases()]
    assert sorted(found) == [
        ("fee", "open", -150),
        ("returned", "closed", -700),
        ("returned", "closed", 700),
    ]
    assert await promises_kept(books)


async def test_a_payment_booked_after_its_statement_explains_both_lines(books: Books) -> None:
    """The statement came first: two lines waited apart, until the bank's answer named it."""
    facts = [replace(fact, ref="") for fact in await bank_facts_of(books.owner)]
    paid = next(fact for fact in facts if fact.kind == "out")
    await books.owner.execute(
        "update bank_answers set bank_ref = 'unknown' where bank_ref = $1", paid.serial
    )
    await bring(books.house, facts, None, shape="icbc", source=ACCOUNT)
    await compared(books.house, paid.day, ACCOUNT)
    assert [case["kind"] for case in await books.cases()] == ["missing", "extra"]
    await books.owner.execute(
        "update bank_answers set bank_ref = $1 where bank_ref = 'unknown'", paid.serial
    )
    await compared(books.house, paid.day, ACCOUNT)
    assert {case["state"] for case in await books.cases()} == {"closed"}


async def test_a_bad_file_leaves_nothing_behind(books: Books) -> None:
    whole = SHAPES["wechat"](of_day(books.facts, FIRST))
    raw = whole[: len(whole) * 2 // 3]
    sent = BillSent(campaign=CAMPAIGN, source="till", mapping="wechat", day=FIRST, raw=raw)
    assert isinstance(await import_bill(books.house.app, sent, "wang"), BadFile)
    for wrong, refusal in (
        ({"mapping": "another"}, Refusal.UNKNOWN_MAPPING),
        ({"source": ""}, Refusal.MALFORMED),
        ({"part": "\n"}, Refusal.MALFORMED),
    ):
        assert await import_bill(books.house.app, replace(sent, **wrong), "wang") is refusal
    whole = replace(sent, raw=SHAPES["wechat"]([]), campaign="another")
    assert await import_bill(books.house.app, whole, "wang") is Refusal.UNKNOWN_CAMPAIGN
    for table in ("imported_files", "bill_lines", "cases"):
        assert await books.owner.fetchval(f"select count(*) from {table}") == 0


async def test_a_day_that_is_not_over_is_not_compared(books: Books) -> None:
    today = books.house.clock.now.date()
    assert await reconcile_day(books.house.app, TILL, today) is Refusal.DAY_NOT_OVER


async def test_what_the_program_took_it_cannot_change(books: Books) -> None:
    await bring(books.house, of_day(books.facts, FIRST), FIRST)
    await compared(books.house, FIRST)
    for statement in (
        "update bill_lines set amount_fen = 1",
        "delete from bill_lines",
        "update imported_files set name = ''",
        "delete from cases",
        "delete from case_events",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with books.house.app.db.transaction() as tx:
                await tx.execute(statement)
