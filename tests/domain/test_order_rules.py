"""One order, one voucher, one account: what no key of a table can see."""

from datetime import datetime, timedelta

import pytest

from huiquan.domain.days import SHANGHAI
from huiquan.domain.order_rules import Payer, decide_payment, decide_repeat
from huiquan.domain.redemptions import Quote
from huiquan.domain.rulebook_reading import RulebookError, read_rulebook
from huiquan.domain.rulebooks import OnRepeat, OrderRules
from tests.houses import source_of_2026
from tests.tables import rows

NOW = datetime(2026, 2, 6, 12, 0, tzinfo=SHANGHAI)
QUOTE = Quote(
    pack=3,
    face_fen=20_000,
    threshold_fen=100_000,
    order_fen=100_000,
    offers_fen=0,
    net_fen=100_000,
    discount_fen=20_000,
)

REPEATS = rows("""
    minutes ago   net fen   on repeat   verdict
    -             100000    refuse      False
    9             100000    refuse      order_repeated
    9             100000    flag        True
    10            100000    refuse      False
    9             199999    refuse      order_repeated
    9             200000    refuse      False
    30 9          100000    flag        True
""")


@pytest.mark.requirement("R2.5")
@pytest.mark.parametrize("case", REPEATS, ids=lambda case: "/".join(case.values()))
def test_a_second_small_order_at_the_same_store_soon_after_is_a_repeat(
    case: dict[str, str],
) -> None:
    earlier = [NOW - timedelta(minutes=int(ago)) for ago in case["minutes ago"].split()]
    rules = OrderRules(
        repeat_minutes=10, repeat_below_fen=200_000, on_repeat=OnRepeat(case["on repeat"])
    )
    verdict = decide_repeat(earlier, int(case["net fen"]), rules, now=NOW)
    assert str(verdict) == case["verdict"]


def test_a_rulebook_that_does_not_look_for_repeats_finds_none() -> None:
    assert decide_repeat([NOW], 1, OrderRules(), now=NOW) is False


PAYMENTS = rows("""
    paid fen   payer     own account only   verdict
    80000      holder    yes                -
    80000      unknown   yes                -
    80000      other     yes                not_own_account
    80000      other     no                 -
    79999      holder    yes                amount_differs
    100000     other     yes                amount_differs
    -          unknown   yes                -
""")


@pytest.mark.parametrize("case", PAYMENTS, ids=lambda case: "/".join(case.values()))
def test_what_was_paid_is_what_was_left_to_pay_from_the_holders_account(
    case: dict[str, str],
) -> None:
    rules = OrderRules(own_account_only=case["own account only"] == "yes")
    paid_fen = int(case["paid fen"]) if case["paid fen"] else None
    verdict = decide_payment(QUOTE, rules, paid_fen=paid_fen, payer=Payer(case["payer"]))
    assert (verdict.value if verdict else "") == case["verdict"]


FLAWS = rows("""
    was                          is                         line of
    vouchers_per_order = 1       vouchers_per_order = 2     vouchers_per_order
    repeat_minutes = 10          repeat_minutes = 0         repeat_minutes
    on_repeat = "flag"           on_repeat = "shrug"        on_repeat
""")


@pytest.mark.parametrize("case", FLAWS, ids=lambda case: case["is"])
def test_a_rulebook_whose_order_rules_cannot_be_kept_is_refused_to_the_line(
    case: dict[str, str],
) -> None:
    source = source_of_2026((case["was"], case["is"]))
    outcome = read_rulebook(source)
    assert isinstance(outcome, RulebookError)
    assert source.splitlines()[outcome.line - 1].startswith(case["line of"])
