"""Settlement: who is paid what, when, and what is kept of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.ledger import Account, Kind, apply, of_merchant, payable
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import SettlementRules
from huiquan.domain.settlement import (
    Debt,
    Due,
    LaneAmount,
    MerchantAccount,
    Settlement,
    Terms,
    bounce_transfers,
    debts_kept,
    decide_payment,
    decide_settlement,
    last_day_due,
    terms_of,
)
from tests.domain.campaigns import campaign
from tests.domain.tills import at
from tests.tables import rows

HOLDS = rows("""
    now          hold_days  last_day_due
    20 00:00     0          2026-02-19
    20 23:59:59  0          2026-02-19
    20 10:00     1          2026-02-19
    20 10:00     2          2026-02-18
    20 10:00     7          2026-02-13
""")

# On 20 February with a hold of 7 days: the 13th is due, the 14th is not. Minimum 1 yuan.
DAYS = rows("""
    due_13  back_13  due_14  owed  outcome            payable  recovered  paid
    20000   0        5000    0     settled            20000    0          20000
    20000   6000     5000    0     settled            14000    0          14000
    20000   20000    5000    0     nothing_to_settle  -        -          -
    0       0        5000    0     nothing_to_settle  -        -          -
    0       0        5000    900   nothing_to_settle  -        -          -
    20000   0        0       6000  settled            20000    6000       14000
    20000   6000     0       6000  settled            14000    6000       8000
    20000   0        0       20000  settled           20000    20000      0
    20000   0        0       35000  settled           20000    20000      0
    99      0        0       0     nothing_to_settle  -        -          -
    100     0        0       0     settled            100      0          100
    20000   0        0       19901  nothing_to_settle  -       -          -
    20000   0        0       19900  settled           20000    19900      100
""")

PAYMENTS = rows("""
    told   confirmed  outcome
    14000  14000      paid
    14000  13999      bad_amount
    14000  14001      bad_amount
    0      0          nothing_to_settle
""")

NOW = at("20 09:00")


def terms(hold_days: int = 7, minimum_fen: int = 100, now: datetime = NOW, **new: int) -> Terms:
    """The terms of a run under the rules of 2026 with some numbers changed."""
    rules = SettlementRules(minimum_fen=minimum_fen, **new)
    return terms_of(replace(campaign(), settlement_hold_days=hold_days, settlement=rules), now)


@pytest.mark.parametrize("case", HOLDS, ids=lambda case: f"{case['now']} {case['hold_days']}")
def test_a_day_is_due_after_its_hold_and_never_before_it_is_over(case: dict[str, str]) -> None:
    day = last_day_due(at(case["now"]), int(case["hold_days"]))
    assert day.isoformat() == case["last_day_due"]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", DAYS, ids=lambda case: " ".join(case.values()))
def test_a_merchant_is_paid_what_is_due_net_of_all_that_came_back(case: dict[str, str]) -> None:
    dues = (
        Due(
            day=date(2026, 2, 13),
            lane=3,
            count=1,
            redeemed_fen=int(case["due_13"]),
            returned_fen=int(case["back_13"]),
        ),
        Due(
            day=date(2026, 2, 14), lane=3, count=1, redeemed_fen=int(case["due_14"]), returned_fen=0
        ),
    )
    merchant = MerchantAccount(merchant_id=17, dues=dues, receivable_fen=int(case["owed"]))
    done = decide_settlement(merchant, terms())
    if isinstance(done, Refusal):
        assert done.value == case["outcome"]
        return
    assert case["outcome"] == "settled"
    assert (done.payable_fen, done.recovered_fen, done.amount_fen) == tuple(
        int(case[name]) for name in ("payable", "recovered", "paid")
    )
    assert (done.day, done.ref) == (date(2026, 2, 20), "20260220-17-direct")


def test_each_lane_s_part_is_a_line_and_old_debts_come_off_the_lowest_lane_first() -> None:
    dues = tuple(
        Due(day=date(2026, 2, day), lane=lane, count=2, redeemed_fen=1_000, returned_fen=200)
        for day in (12, 13)
        for lane in (5, 2)
    )
    merchant = MerchantAccount(merchant_id=17, dues=dues, receivable_fen=2_000)
    done = decide_settlement(merchant, terms(minimum_fen=1))
    assert isinstance(done, Settlement)
    assert [
        (line.lane, line.count, line.payable_fen, line.recovered_fen) for line in done.lines
    ] == [
        (2, 4, 1_600, 1_600),
        (5, 4, 1_600, 400),
    ]
    assert [(moved.kind, moved.amount_fen) for moved in done.transfers] == [
        (Kind.RECOVER, 1_600),
        (Kind.REGAIN, 1_600),
        (Kind.RECOVER, 400),
        (Kind.REGAIN, 400),
        (Kind.SETTLE, 1_200),
    ]


@pytest.mark.parametrize("case", PAYMENTS, ids=lambda case: " ".join(case.values()))
def test_the_bank_pays_exactly_what_it_was_told(case: dict[str, str]) -> None:
    done = decide_payment(
        merchant_id=17,
        ref="20260220-17-direct",
        amount_fen=int(case["told"]),
        confirmed_fen=int(case["confirmed"]),
    )
    if isinstance(done, Refusal):
        assert done.value == case["outcome"]
    else:
        assert (done.kind, done.amount_fen, done.ref) == (Kind.PAY, 14_000, "20260220-17-direct")


# On the 20th, hold 7 days; a store is new for 10 days and then waits 14. Day of redemption, whether
# its store was new, whether somebody holds it back; the whole merchant; what had bounced before.
HELD = rows("""
    day  new  held  merchant_held  bounced  paid
    13   no   no    no             0        1000
    13   yes  no    no             0        0
    06   yes  no    no             0        1000
    13   no   yes   no             0        0
    13   no   no    yes            0        0
    14   no   no    no             500      500
    13   no   no    no             500      1500
    14   no   no    yes            500      0
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", HELD, ids=lambda case: " ".join(case.values()))
def test_a_hold_makes_money_wait_and_what_bounced_is_paid_anew(case: dict[str, str]) -> None:
    due = Due(
        day=date(2026, 2, int(case["day"])),
        lane=3,
        count=1,
        redeemed_fen=1_000,
        returned_fen=0,
        is_new_store=case["new"] == "yes",
        is_held=case["held"] == "yes",
    )
    bounced_fen = int(case["bounced"])
    account = MerchantAccount(
        merchant_id=17,
        dues=(due,),
        bounced=(LaneAmount(lane=1, amount_fen=bounced_fen),) if bounced_fen else (),
        is_held=case["merchant_held"] == "yes",
    )
    done = decide_settlement(account, terms(new_store_days=10, new_store_hold_days=14))
    paid_fen = 0 if isinstance(done, Refusal) else done.amount_fen
    assert paid_fen == int(case["paid"])


def test_after_the_last_day_of_a_campaign_every_fen_is_paid() -> None:
    ended = at("20 09:00").replace(month=4)
    assert terms(minimum_fen=10_000, now=ended).minimum_fen == 1
    assert terms(minimum_fen=10_000).minimum_fen == 10_000


def test_a_payment_that_bounces_is_payable_again_lane_by_lane() -> None:
    lines = [LaneAmount(lane=lane, amount_fen=fen) for lane, fen in ((0, 70), (1, 0), (2, 30))]
    ways = {
        was_paid: [
            (one.kind, one.debit.account, one.credit.account, one.credit.lane, one.amount_fen)
            for one in bounce_transfers(merchant_id=17, ref="x", lines=lines, was_paid=was_paid)
        ]
        for was_paid in (False, True)
    }
    assert ways[False] == [
        (Kind.BOUNCE, Account.SETTLING, Account.PAYABLE, 0, 70),
        (Kind.BOUNCE, Account.SETTLING, Account.PAYABLE, 2, 30),
    ]
    assert ways[True] == [(Kind.PAY_BACK, Account.BANK, Account.SETTLING, -1, 100), *ways[False]]


@st.composite
def merchants(draw: st.DrawFn) -> MerchantAccount:
    """A merchant with redemptions of some days and lanes, part of them refunded, and a debt."""
    dues = []
    for day, lane in draw(
        st.lists(st.tuples(st.integers(1, 20), st.integers(0, 3)), max_size=8, unique=True)
    ):
        redeemed_fen = draw(st.integers(1, 10**6))
        dues.append(
            Due(
                day=date(2026, 2, day),
                lane=lane,
                count=1,
                redeemed_fen=redeemed_fen,
                returned_fen=draw(st.integers(0, redeemed_fen)),
            )
        )
    bounced = draw(st.dictionaries(st.integers(0, 3), st.integers(1, 10**6), max_size=2))
    return MerchantAccount(
        merchant_id=17,
        dues=tuple(dues),
        receivable_fen=draw(st.integers(0, 10**6)),
        bounced=tuple(LaneAmount(lane=lane, amount_fen=fen) for lane, fen in bounced.items()),
    )


@given(merchants(), st.integers(0, 10), st.integers(1, 1_000))
def test_no_settlement_is_negative_or_moves_a_fen_that_is_not_due(
    merchant: MerchantAccount, hold_days: int, minimum_fen: int
) -> None:
    """Counted apart: what is due by hand, and the merchant's accounts before and after."""
    newest = date(2026, 2, 20) - timedelta(days=hold_days or 1)
    due_fen = sum(one.redeemed_fen - one.returned_fen for one in merchant.dues if one.day <= newest)
    due_fen += sum(one.amount_fen for one in merchant.bounced)
    kept_fen = min(due_fen, merchant.receivable_fen)
    done = decide_settlement(merchant, terms(hold_days, minimum_fen))
    if isinstance(done, Refusal):
        assert due_fen == 0 or 0 < due_fen - kept_fen < minimum_fen
        return
    books = {
        of_merchant(one, 17): merchant.receivable_fen
        for one in (Account.RECEIVABLE, Account.RECOVERING)
    }
    for one in merchant.dues:
        account = payable(one.lane, 17)
        books[account] = books.get(account, 0) + one.redeemed_fen - one.returned_fen
    for again in merchant.bounced:
        account = payable(again.lane, 17)
        books[account] = books.get(account, 0) + again.amount_fen
    held_fen = sum(fen for ref, fen in books.items() if ref.account is Account.PAYABLE)
    for moved in done.transfers:
        books = apply(books, moved)  # asserts that nothing falls below zero
    left_fen = sum(fen for ref, fen in books.items() if ref.account is Account.PAYABLE)
    assert held_fen - left_fen == due_fen
    assert books.get(of_merchant(Account.SETTLING, 17), 0) == due_fen - kept_fen == done.amount_fen
    assert books[of_merchant(Account.RECEIVABLE, 17)] == merchant.receivable_fen - kept_fen
    assert books[of_merchant(Account.RECOVERING, 17)] == merchant.receivable_fen - kept_fen


# A merchant came to owe 60, 0.01 and 200 yuan, in this order.
KEPT = rows("""
    paid_off_before  kept_now  debts
    0                0         -
    0                6000      a:6000
    0                5999      a:5999
    5999             3         a:1,b:1,c:1
    6001             20000     c:20000
    6000             1         b:1
    16001            10000     c:10000
""")


@pytest.mark.parametrize(
    "row", KEPT, ids=lambda row: f"{row['paid_off_before']}, {row['kept_now']}"
)
def test_what_is_kept_from_a_payment_pays_off_the_oldest_debt_first(row: dict[str, str]) -> None:
    debts = [Debt(ref=ref, owed_fen=fen) for ref, fen in (("a", 6000), ("b", 1), ("c", 20_000))]
    before_fen, kept_fen = int(row["paid_off_before"]), int(row["kept_now"])
    kept = debts_kept(debts, before_fen=before_fen, kept_fen=kept_fen)
    assert ",".join(f"{debt.ref}:{fen}" for debt, fen in kept) == row["debts"].strip("-")
    assert sum(fen for _, fen in kept) == kept_fen
