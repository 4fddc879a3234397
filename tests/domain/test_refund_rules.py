"""Refund rules are data: presets by name, or parameters written out, within a payment company's."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from huiquan.domain.redemptions import Redemption
from huiquan.domain.refund_rules import PRESETS, RefundPolicy, RefundRules, Share
from huiquan.domain.refund_sums import refund_remarks, refund_sums
from huiquan.domain.refunds import Refund, RefundsSoFar, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_reading import (
    RulebookError,
    canonical,
    from_canonical,
    read_rulebook,
)
from huiquan.domain.rulebooks import Rulebook, SettlementRules, refund_rules_of
from tests.domain.campaigns import campaign
from tests.domain.tills import redeemed

SOURCE = (Path(__file__).parents[2] / "campaigns/2026-mashangyouli.toml").read_text()
OWN = """
[refunds]
voucher_returns_if_whole = true
partial = "fund_first"
within_days = 30
refunds_max = 3

[settlement]
new_store_days = 30
new_store_hold_days = 14
minimum_fen = 100
"""
WRONG = (
    ("within_days = 30", "within_days = 366", "within_days"),
    ("refunds_max = 3", "refunds_max = 51", "refunds_max"),
    ('partial = "fund_first"', 'partial = "customer_first"', "partial"),
    ("voucher_returns_if_whole = true\n", "", "voucher_returns_if_whole"),
    ("minimum_fen = 100", "minimum_fen = 0", "minimum_fen"),
    ("refunds_max = 3", "refund_max = 3", "refund_max"),
)


def refunded(
    rules: RefundRules,
    amount_fen: int = 30_000,
    so_far: RefundsSoFar | None = None,
    days_later: int = 1,
    settled: bool = False,
    redemption: Redemption | None = None,
) -> Refund | Refusal:
    paid = redemption or redeemed()
    return decide_refund(
        paid,
        so_far or RefundsSoFar(),
        amount_fen,
        store_id=paid.store_id,
        rules=rules,
        settled=settled,
        voucher_valid_until=paid.redeemed_at + timedelta(days=5),
        now=paid.redeemed_at + timedelta(days=days_later),
    )


def test_a_rulebook_may_write_its_own_parameters_and_they_replace_the_presets() -> None:
    own = read_rulebook(SOURCE + OWN)
    assert isinstance(own, Rulebook), own
    assert refund_rules_of(own) == RefundRules(
        voucher_returns_if_whole=True, partial=Share.FUND_FIRST, within_days=30, refunds_max=3
    )
    assert own.settlement == SettlementRules(
        new_store_days=30, new_store_hold_days=14, minimum_fen=100
    )
    assert from_canonical(canonical(own)) == own


def test_a_rulebook_that_was_stored_before_there_were_parameters_keeps_its_meaning() -> None:
    stored = canonical(campaign())
    for name in ("refunds", "settlement"):
        stored.pop(name, None)
    assert from_canonical(stored) == campaign()
    assert refund_rules_of(campaign()) == PRESETS[RefundPolicy.MONEY_PRO_RATA]


@pytest.mark.parametrize(("right", "wrong", "name"), WRONG)
def test_parameters_no_payment_company_allows_are_refused_by_their_line(
    right: str, wrong: str, name: str
) -> None:
    text = SOURCE + OWN.replace(right, wrong)
    answer = read_rulebook(text)
    assert isinstance(answer, RulebookError)
    assert name in answer.reason_en or name in text.splitlines()[answer.line - 1]


@pytest.mark.parametrize(("days_later", "may"), [(0, True), (365, True), (366, False)])
def test_a_refund_is_possible_to_the_last_day_of_its_term(days_later: int, may: bool) -> None:
    done = refunded(PRESETS[RefundPolicy.MONEY_PRO_RATA], days_later=days_later)
    assert isinstance(done, Refund) == may
    assert may or done is Refusal.REFUND_TOO_LATE


def test_an_order_whose_voucher_expired_gives_money_back_and_no_voucher() -> None:
    rules = PRESETS[RefundPolicy.VOUCHER_BACK_IF_FULL]
    within, after = (refunded(rules, 100_000, days_later=days) for days in (1, 6))
    assert isinstance(within, Refund)
    assert isinstance(after, Refund)
    assert (within.voucher_returns, after.voucher_returns) == (True, False)
    assert (after.to_consumer_fen, after.to_fund_fen) == (80_000, 20_000)


def test_the_sums_of_a_refund_add_up_on_every_line() -> None:
    first = refunded(PRESETS[RefundPolicy.MONEY_PRO_RATA], 33_333)
    assert isinstance(first, Refund)
    second = refunded(PRESETS[RefundPolicy.MONEY_PRO_RATA], 30_000, first.so_far, settled=True)
    assert isinstance(second, Refund)
    lines = [line.amount_fen for line in refund_sums(second)]
    order, offers, net, voucher, paid = lines[:5]
    before, to_customer, to_fund, now, fund_now, customer_now, left = lines[5:]
    assert order + offers == net
    assert net + voucher == paid
    assert (before, to_customer + to_fund) == (33_333, 33_333)
    assert now == fund_now + customer_now == 30_000
    assert before + now + left == net
    remarks = [en for _, en in refund_remarks(second)]
    assert remarks[0] == "The voucher does not return."
    assert "taken off its next settlement" in remarks[1]


STAYS = [
    # policy, goods in fen, days later, settled -> what customer and cashier read
    (RefundPolicy.MONEY_PRO_RATA, 100_000, 1, False, "立减金不退。"),
    (RefundPolicy.VOUCHER_BACK_IF_FULL, 99_999, 1, False, "部分退货，立减金不退。"),
    (RefundPolicy.VOUCHER_BACK_IF_FULL, 100_000, 6, False, "立减金已过有效期，不再退还。"),
    (RefundPolicy.VOUCHER_BACK_IF_FULL, 100_000, 1, True, "该单已清算给商户，立减金不退。"),
]


@pytest.mark.parametrize(("policy", "fen", "days_later", "settled", "said"), STAYS)
def test_a_voucher_that_does_not_return_is_told_why(
    policy: RefundPolicy, fen: int, days_later: int, settled: bool, said: str
) -> None:
    done = refunded(PRESETS[policy], fen, days_later=days_later, settled=settled)
    assert isinstance(done, Refund)
    assert not done.voucher_returns
    assert refund_remarks(done)[0][0] == said


def test_a_voucher_that_returns_is_said_to() -> None:
    whole = refunded(PRESETS[RefundPolicy.VOUCHER_BACK_IF_FULL], 100_000)
    assert isinstance(whole, Refund)
    assert refund_remarks(whole) == (
        ("立减金退还顾客，有效期不变。", "The voucher returns, with the same end."),
    )
    labels = [line.label_zh for line in refund_sums(replace(whole))]
    assert "本次立减金退还（重新预留）" in labels
