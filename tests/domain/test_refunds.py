"""When goods come back, public money comes back with them, to the last fen."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.domain.ledger import Account, Kind, of_lane, of_merchant, payable
from huiquan.domain.redemptions import Redemption
from huiquan.domain.refund_rules import PRESETS, RefundPolicy, Share
from huiquan.domain.refunds import (
    Refund,
    RefundsSoFar,
    decide_refund,
    fund_share_fen,
    parse_refund_id,
)
from huiquan.domain.refusals import Refusal
from tests.domain.tills import NOON, at, fen, redeemed
from tests.tables import rows

HUBEI = RefundPolicy.MONEY_PRO_RATA
REFUNDS_MAX = 50
VALID_UNTIL = at("13 00:00")

# Hubei: order 1,000, voucher 200, paid 800. Goods come back step by step; who gets what.
STEPS = rows("""
    order  back                       to_consumer                to_fund
    1000   300                        240                        60
    1000   1000                       800                        200
    1000   300,700                    240,560                    60,140
    1000   0.01,0.01,0.01,0.01        0.01,0.01,0,0.01           0,0,0.01,0
    1000   333.33,333.33,333.34       266.66,266.67,266.67       66.67,66.66,66.67
    1500   100,1400                   86.67,1213.33              13.33,186.67
    1200   0.03,1199.97               0.02,999.98                0.01,199.99
""")

# A voucher of 200 on an order of 1,000 that was won on the 6th, good until the 12th, 24:00.
FAMILIES = rows("""
    policy                          back      on     settled  to_consumer  to_fund  voucher
    money_pro_rata                  1000      08     no       800          200      spent
    money_pro_rata                  300       08     no       240          60       spent
    voucher_back_if_full            1000      08     no       800          200      back
    voucher_back_if_full            1000      13     no       800          200      spent
    voucher_back_if_full            1000      08     yes      800          200      spent
    voucher_back_if_full            300       08     no       240          60       spent
    voucher_back_if_full            300,700   08     no       240,560      60,140   spent
    voucher_back_if_full_else_pool  1000      08     no       800          200      back
    voucher_back_if_full_else_pool  1000      13     no       800          200      spent
    voucher_back_if_full_else_pool  150       08     no       0            150      spent
    voucher_back_if_full_else_pool  150,300   08     no       0,250        150,50   spent
    voucher_back_if_full_else_lost  1000      08     no       800          200      back
    voucher_back_if_full_else_lost  1000      13     no       800          200      spent
    voucher_back_if_full_else_lost  300       08     no       240          60       spent
""")

REFUSED = rows("""
    count  so_far  amount   store  outcome
    0      0       0        7      bad_amount
    0      0       -1       7      bad_amount
    0      0       1000     7      done
    0      0       1000.01  7      refund_too_large
    1      999.99  0.01     7      done
    1      999.99  0.02     7      refund_too_large
    1      1000    0.01     7      refund_too_large
    49     10      1        7      done
    50     10      1        7      too_many_refunds
    50     10      1        8      other_store
    50     10      0        7      bad_amount
""")


def refunded(
    redemption: Redemption,
    so_far: RefundsSoFar,
    amount_fen: int,
    policy: RefundPolicy = HUBEI,
    settled: bool = False,
    day: str = "08",
) -> Refund | Refusal:
    """One refund at the store that redeemed, at noon of a day of February."""
    return decide_refund(
        redemption,
        so_far,
        amount_fen,
        store_id=redemption.store_id,
        rules=PRESETS[policy],
        settled=settled,
        voucher_valid_until=VALID_UNTIL,
        now=at(f"{day} 12:00"),
    )


def each(cell: str) -> list[int]:
    return [fen(part) for part in cell.split(",")]


def play(redemption: Redemption, amounts: list[int], **how: object) -> list[Refund]:
    """Refund step by step; every step must be possible."""
    done: list[Refund] = []
    for amount_fen in amounts:
        so_far = done[-1].so_far if done else RefundsSoFar()
        step = refunded(redemption, so_far, amount_fen, **how)  # type: ignore[arg-type]
        assert isinstance(step, Refund), step
        done.append(step)
    return done


@pytest.mark.requirement("R2.8")
@pytest.mark.parametrize("case", STEPS, ids=lambda case: f"{case['order']}: {case['back']}")
def test_the_voucher_s_money_returns_in_proportion(case: dict[str, str]) -> None:
    steps = play(redeemed(case["order"]), each(case["back"]))
    assert [step.to_consumer_fen for step in steps] == each(case["to_consumer"])
    assert [step.to_fund_fen for step in steps] == each(case["to_fund"])


@pytest.mark.requirement("R2.8")
def test_goods_for_300_of_an_order_of_1000_give_240_to_the_customer_and_60_to_the_fund() -> None:
    (step,) = play(redeemed("1000"), [30_000])
    assert (step.to_consumer_fen, step.to_fund_fen, step.left_fen) == (24_000, 6_000, 70_000)
    assert not step.voucher_returns
    (moved,) = step.transfers
    assert (moved.kind, moved.amount_fen) == (Kind.REFUND, 6_000)
    assert (moved.debit, moved.credit) == (payable(3, 17), of_lane(Account.RETURNED, 3))
    assert parse_refund_id(moved.ref) == (1, 3, 42, 1, 1)
    assert moved.ref == step.refund_id
    assert step.refunded_at == at("08 12:00")


@pytest.mark.parametrize(
    "case", FAMILIES, ids=lambda case: f"{case['policy']} {case['back']} {case['on']}"
)
def test_each_family_of_refund_rules_does_what_its_city_published(case: dict[str, str]) -> None:
    settled = case["settled"] == "yes"
    policy = RefundPolicy(case["policy"])
    steps = play(redeemed(), each(case["back"]), policy=policy, settled=settled, day=case["on"])
    assert [step.to_consumer_fen for step in steps] == each(case["to_consumer"])
    assert [step.to_fund_fen for step in steps] == each(case["to_fund"])
    assert {step.voucher_returns for step in steps} == {case["voucher"] == "back"}
    kinds = {True: Kind.REFUND_LATE, False: Kind.REFUND}
    expected = Kind.REINSTATE if case["voucher"] == "back" else kinds[settled]
    assert {moved.kind for step in steps for moved in step.transfers} == {expected}


def test_a_voucher_that_returns_has_its_money_set_aside_again() -> None:
    (step,) = play(redeemed(), [100_000], policy=RefundPolicy.VOUCHER_BACK_IF_FULL)
    (moved,) = step.transfers
    assert (moved.debit, moved.credit) == (payable(3, 17), of_lane(Account.RESERVED, 3))


def test_after_settlement_the_merchant_owes_what_returns() -> None:
    (step,) = play(redeemed(), [30_000], settled=True)
    (moved,) = step.transfers
    assert step.is_late
    assert moved.debit == of_merchant(Account.RECEIVABLE, 17)
    assert moved.credit == of_merchant(Account.RECOVERING, 17)
    assert moved.amount_fen == 6_000


def test_a_share_that_rounds_to_nothing_moves_no_money() -> None:
    (step,) = play(redeemed(), [1])
    assert (step.to_consumer_fen, step.to_fund_fen, step.transfers) == (1, 0, ())


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: " ".join(case.values()))
def test_a_refund_is_bounded_and_belongs_to_its_store(case: dict[str, str]) -> None:
    so_far = RefundsSoFar(count=int(case["count"]), refunded_fen=fen(case["so_far"]))
    step = decide_refund(
        redeemed("1000"),
        replace(so_far, returned_fen=fen(case["so_far"]) // 5),
        fen(case["amount"]),
        store_id=int(case["store"]),
        rules=PRESETS[HUBEI],
        settled=False,
        voucher_valid_until=VALID_UNTIL,
        now=NOON,
    )
    assert (step.value if isinstance(step, Refusal) else "done") == case["outcome"]


@st.composite
def refund_sequences(draw: st.DrawFn) -> tuple[int, int, list[int]]:
    """A face, an amount left to pay, and up to 50 refunds that end with everything back."""
    face_fen = draw(st.integers(1, 10**6))
    net_fen = face_fen + draw(st.integers(0, 10**7))
    cuts = draw(st.lists(st.integers(1, net_fen), max_size=REFUNDS_MAX - 1))
    marks = [0, *sorted(set(cuts) - {net_fen}), net_fen]
    return face_fen, net_fen, [b - a for a, b in pairwise(marks)]


@pytest.mark.requirement("R2.5")
@settings(max_examples=300)
@given(refund_sequences(), st.sampled_from(RefundPolicy), st.booleans())
def test_no_sequence_of_refunds_leaves_the_pair_a_gain(
    sequence: tuple[int, int, list[int]], policy: RefundPolicy, settled: bool
) -> None:
    """T19: customer and merchant together keep no more public money than goods justify.

    Counted apart from the decision: what the pair got from the fund and gave back, and the goods
    that stayed sold.
    """
    face_fen, net_fen, amounts = sequence
    quote = replace(
        redeemed().quote,
        face_fen=face_fen,
        discount_fen=face_fen,
        threshold_fen=face_fen,
        order_fen=net_fen,
        net_fen=net_fen,
    )
    redemption = replace(redeemed(), quote=quote)
    kept_fen, goods_fen, paid_fen = face_fen, net_fen, net_fen - face_fen
    for step in play(redemption, amounts, policy=policy, settled=settled):
        assert step.to_consumer_fen >= 0
        assert step.to_fund_fen >= 0
        assert step.to_consumer_fen + step.to_fund_fen == step.amount_fen
        assert sum(moved.amount_fen for moved in step.transfers) == step.to_fund_fen
        kept_fen -= step.to_fund_fen
        goods_fen -= step.amount_fen
        paid_fen -= step.to_consumer_fen
        assert 0 <= kept_fen <= goods_fen
        assert paid_fen >= 0
        # Never more than half a fen above the fair share of the goods that stayed sold.
        assert 2 * (kept_fen * net_fen - face_fen * goods_fen) <= net_fen
        assert step.left_fen == goods_fen
    assert kept_fen == goods_fen == paid_fen == 0


@given(refund_sequences())
def test_in_many_steps_comes_back_what_comes_back_in_one(
    sequence: tuple[int, int, list[int]],
) -> None:
    face_fen, net_fen, amounts = sequence
    quote = replace(redeemed().quote, face_fen=face_fen, discount_fen=face_fen, net_fen=net_fen)
    redemption = replace(redeemed(), quote=quote)
    steps = play(redemption, amounts)
    done_fen = 0
    for step in steps:
        done_fen += step.amount_fen
        assert step.so_far.returned_fen == fund_share_fen(quote, Share.PRO_RATA, done_fen)
        if done_fen < net_fen:
            (one,) = play(redemption, [done_fen])
            assert one.to_fund_fen == step.so_far.returned_fen


def test_a_51st_refund_is_refused_and_the_50th_may_take_the_rest() -> None:
    steps = play(redeemed(), [100] * 49 + [100_000 - 4_900])
    assert steps[-1].refund_no == REFUNDS_MAX
    assert steps[-1].left_fen == 0
    assert steps[-1].so_far.returned_fen == 20_000
    again = refunded(redeemed(), replace(steps[-1].so_far, refunded_fen=4_900), 1)
    assert again is Refusal.TOO_MANY_REFUNDS


@pytest.mark.requirement("R2.5")
@pytest.mark.parametrize("share", Share)
def test_every_sequence_of_small_amounts_is_covered_by_the_running_total(
    share: Share,
) -> None:
    """Each fen of goods moves no fen or one to the fund, and all of them exactly the voucher.

    What a sequence of refunds gives is the difference of two running totals, so this covers every
    sequence there is for amounts up to 50 fen.
    """
    quote = redeemed().quote
    for net_fen in range(1, 51):
        for face_fen in range(1, net_fen + 1):
            terms = replace(quote, net_fen=net_fen, discount_fen=face_fen)
            shares = [fund_share_fen(terms, share, back) for back in range(net_fen + 1)]
            assert (shares[0], shares[-1]) == (0, face_fen)
            assert {b - a for a, b in pairwise(shares)} <= {0, 1}
