"""The ledger: each movement by its name, both sides in one line, the fund equation over all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain import fund, ledger
from huiquan.domain.ledger import (
    BANK,
    HOUSE_LANE,
    POOL,
    Account,
    AccountRef,
    Kind,
    Transfer,
    apply,
    balances,
    book_of,
    decide_release,
    fund_equation_holds,
    movement_of,
    of_lane,
    of_merchant,
    payable,
    totals,
)
from huiquan.domain.overpayments import overpay
from huiquan.domain.refusals import Refusal
from tests.tables import rows

WHAT = {"amount_fen": 500, "ref": "x"}
CASH, RETURNED = fund.repay(merchant_id=17, **WHAT)
COVERED, LEFT = overpay(merchant_id=17, **WHAT)
TAKEN, REGAINED = ledger.recover(lane=3, merchant_id=17, **WHAT)
ALL = {
    moved.kind: moved
    for moved in (
        ledger.appropriate(**WHAT),
        ledger.release(lane=3, **WHAT),
        ledger.recall(lane=3, **WHAT),
        ledger.reserve(lane=3, idx=42, **WHAT),
        ledger.redeem(lane=3, idx=42, merchant_id=17, **WHAT),
        ledger.expire(lane=3, idx=42, **WHAT),
        ledger.refund(lane=3, idx=42, merchant_id=17, **WHAT),
        ledger.reinstate(lane=3, idx=42, merchant_id=17, **WHAT),
        ledger.refund_late(merchant_id=17, **WHAT),
        TAKEN,
        REGAINED,
        ledger.roll_over(lane=3, **WHAT),
        ledger.settle(lane=3, merchant_id=17, **WHAT),
        ledger.pay(merchant_id=17, **WHAT),
        ledger.pay_back(merchant_id=17, **WHAT),
        ledger.bounce(lane=3, merchant_id=17, **WHAT),
        fund.compensate(**WHAT),
        CASH,
        RETURNED,
        fund.return_remainder(**WHAT),
        LEFT,
        COVERED,
    )
}

# What each movement does to the fund, read as plain words: what grows, what shrinks.
MOVEMENTS = rows("""
    kind         debit         credit        grows                  shrinks               book
    appropriate  bank          pool          bank,pool              -                     house
    release      pool          released@3    released@3             pool                  lane
    recall       released@3    pool          pool                   released@3            lane
    reserve      released@3    reserved@3    reserved@3             released@3            lane
    redeem       reserved@3    payable@3#17  payable@3#17           reserved@3            lane
    expire       reserved@3    returned@3    returned@3             reserved@3            lane
    refund       payable@3#17  returned@3    returned@3             payable@3#17          lane
    reinstate    payable@3#17  reserved@3    reserved@3             payable@3#17          lane
    refund_late  receivable#17  recovering#17  receivable#17,recovering#17  -             house
    recover      payable@3#17  receivable#17  -                     payable@3#17,receivable#17  lane
    regain       recovering#17  returned@3   returned@3             recovering#17         lane
    roll_over    returned@3    pool          pool                   returned@3            lane
    settle       payable@3#17  settling#17   settling#17            payable@3#17          lane
    pay          settling#17   bank          -                      bank,settling#17      house
    pay_back     bank          settling#17   bank,settling#17       -                     house
    bounce       settling#17   payable@3#17  payable@3#17           settling#17           lane
    compensate   bank          pool          bank,pool              -                     house
    repay        bank          receivable#17  bank                  receivable#17         house
    repaid       recovering#17  returned@0   returned@0             recovering#17         cash
    return_remainder  pool     bank          -                      bank,pool             house
    overpay      receivable#17  bank         receivable#17          bank                  house
    cover        pool          recovering#17  recovering#17         pool                  house
""")


def written(ref: AccountRef) -> str:
    """An account as the table writes it: account, @lane, #merchant."""
    lane = "" if ref.lane == HOUSE_LANE else f"@{ref.lane}"
    return ref.account + lane + (f"#{ref.holder}" if ref.holder else "")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", MOVEMENTS, ids=lambda case: case["kind"])
def test_each_movement_has_a_name_and_two_sides(case: dict[str, str]) -> None:
    moved = ALL[Kind(case["kind"])]
    assert (written(moved.debit), written(moved.credit)) == (case["debit"], case["credit"])
    change = {written(ref): fen for ref, fen in movement_of(moved)}
    assert sorted(ref for ref, fen in change.items() if fen == 500) == [
        ref for ref in sorted(case["grows"].split(",")) if ref
    ]
    assert sorted(ref for ref, fen in change.items() if fen == -500) == [
        ref for ref in sorted(case["shrinks"].split(",")) if ref
    ]
    assert book_of(moved) == {"lane": 3, "house": HOUSE_LANE, "cash": fund.CASH_LANE}[case["book"]]


def test_every_kind_of_movement_stands_in_the_table() -> None:
    assert set(ALL) == set(Kind)
    assert [case["kind"] for case in MOVEMENTS] == [kind.value for kind in Kind]


PAID = {Kind.PAY: 500, Kind.PAY_BACK: -500, Kind.OVERPAY: 500, Kind.COVER: 500}

HALVES = {
    Kind.RECOVER: REGAINED,
    Kind.REGAIN: TAKEN,
    Kind.REPAY: RETURNED,
    Kind.REPAID: CASH,
    Kind.OVERPAY: COVERED,
    Kind.COVER: LEFT,
}


@pytest.mark.parametrize("kind", Kind)
def test_a_movement_keeps_the_fund_equation_except_each_half_of_a_recovery(kind: Kind) -> None:
    before = dict.fromkeys((POOL, of_lane(Account.RELEASED, 3)), 1000)
    before |= {of_lane(account, 3): 1_000 for account in (Account.RESERVED, Account.RETURNED)}
    before |= {payable(3, 17): 1_000, of_merchant(Account.SETTLING, 17): 1_000, BANK: 6_000}
    before |= {
        of_merchant(Account.RECEIVABLE, 17): 1_000,
        of_merchant(Account.RECOVERING, 17): 1_000,
    }
    after = apply(before, ALL[kind])
    moved = {
        "appropriated_fen": 6_000 + (500 if kind is Kind.APPROPRIATE else 0),
        "compensated_fen": 500 if kind is Kind.COMPENSATE else 0,
        "repaid_fen": 500 if kind in (Kind.REPAY, Kind.REPAID) else 0,
        "paid_fen": PAID.get(kind, 0),
        "remainder_fen": 500 if kind is Kind.RETURN_REMAINDER else 0,
    }
    assert fund_equation_holds(after, **moved) == (kind not in HALVES)
    if kind in HALVES:
        assert fund_equation_holds(apply(after, HALVES[kind]), **moved)


def test_the_equation_sees_money_that_left_the_bank_for_another_end() -> None:
    """Books that balance may still be wrong: only payments to merchants lower the bank."""
    gone = Transfer(kind=Kind.REFUND, debit=payable(3, 17), credit=BANK, amount_fen=500, ref="x")
    after = balances([*season(), gone])
    assert totals(after)[Account.BANK] == sum(totals(after)[one] for one in ledger.BACKED_BY_BANK)
    assert fund_equation_holds(balances(season()), appropriated_fen=1_000, paid_fen=0)
    assert not fund_equation_holds(after, appropriated_fen=1_000, paid_fen=0)


def season() -> list[Transfer]:
    """1,000 fen appropriated, 600 released, 500 won and redeemed."""
    return [
        ledger.appropriate(amount_fen=1_000, ref="2026-01"),
        ledger.release(lane=3, amount_fen=600, ref="20260206"),
        ledger.reserve(lane=3, idx=42, **WHAT),
        ledger.redeem(lane=3, idx=42, merchant_id=17, **WHAT),
    ]


def test_an_auditor_counts_from_transfers_what_the_house_kept_step_by_step() -> None:
    kept: dict[AccountRef, int] = {}
    for moved in season():
        kept = apply(kept, moved)
    assert kept == balances(season())
    assert totals(kept)[Account.POOL] == 400
    assert totals(kept)[Account.PAYABLE] == 500


FROM_OUTSIDE = (Kind.APPROPRIATE, Kind.COMPENSATE)


@given(st.sampled_from([kind for kind in Kind if kind not in FROM_OUTSIDE]))
def test_no_account_is_ever_overdrawn(kind: Kind) -> None:
    if kind in (Kind.REFUND_LATE, Kind.PAY_BACK):
        assert apply({}, ALL[kind])  # a debt, and what the bank gives back, begin from nothing
        return
    with pytest.raises(AssertionError):
        apply({}, ALL[kind])


RELEASES = rows("""
    pool_fen  by_lane      outcome
    1000      0:400,1:600  0:400,1:600
    1000      1:600,0:400  0:400,1:600
    1000      0:400,1:0    0:400
    1000      0:400,1:601  fund_too_small
    0         -            -
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", RELEASES, ids=lambda case: " ".join(case.values()))
def test_nothing_is_released_that_the_pool_does_not_hold(case: dict[str, str]) -> None:
    pairs = [part.split(":") for part in case["by_lane"].split(",") if part]
    by_lane = {int(lane): int(fen) for lane, fen in pairs}
    done = decide_release(pool_fen=int(case["pool_fen"]), by_lane=by_lane, ref="20260206")
    if isinstance(done, Refusal):
        assert done.value == case["outcome"]
    else:
        assert ",".join(f"{one.credit.lane}:{one.amount_fen}" for one in done) == case["outcome"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ledger.appropriate(amount_fen=0, ref="x"),
        lambda: ledger.appropriate(amount_fen=-1, ref="x"),
        lambda: ledger.appropriate(amount_fen=1, ref=""),
        lambda: AccountRef(account=Account.POOL, lane=3),
        lambda: AccountRef(account=Account.RELEASED),
        lambda: AccountRef(account=Account.PAYABLE, lane=3),
        lambda: AccountRef(account=Account.BANK, holder="17"),
    ],
    ids=[
        "zero",
        "negative",
        "no ref",
        "pool in a lane",
        "stock without a lane",
        "nobody's",
        "whose",
    ],
)
def test_a_movement_or_account_that_makes_no_sense_cannot_be(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(AssertionError):
        wrong()
