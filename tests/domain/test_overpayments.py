"""What two people may confirm as paid after all, and what is booked then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.ledger import BANK, POOL, Account, of_merchant
from huiquan.domain.overpayments import LatePayment, decide_overpayment, late_payment_flaw
from huiquan.domain.refusals import Refusal
from tests.tables import rows

CASES = rows("""
    bounced  settled  left  booked  pool  said
    yes      500      500   no      500   booked
    yes      500      500   no      499   fund_too_small
    yes      500      499   no      900   cause_does_not_fit
    yes      500      501   no      900   cause_does_not_fit
    no       500      500   no      900   cause_does_not_fit
    yes      500      500   yes     900   cause_does_not_fit
""")


def payment(amount_fen: int, left_fen: int, *, bounced: bool, booked: bool) -> LatePayment:
    return LatePayment(
        merchant_id=17,
        ref="20260213-17",
        amount_fen=amount_fen,
        left_fen=left_fen,
        is_bounced=bounced,
        is_booked=booked,
    )


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case.values()))
def test_only_the_very_payment_that_bounced_may_be_paid_after_all(case: dict[str, str]) -> None:
    asked = payment(
        int(case["settled"]),
        int(case["left"]),
        bounced=case["bounced"] == "yes",
        booked=case["booked"] == "yes",
    )
    decided = decide_overpayment(asked, pool_fen=int(case["pool"]))
    said = decided.value if isinstance(decided, Refusal) else "booked"
    assert said == case["said"]
    may_ask = late_payment_flaw(asked) is None
    assert may_ask == (case["said"] in ("booked", "fund_too_small")), "the first only asks"


@given(fen=st.integers(1, 10**12), more=st.integers(0, 10**12))
def test_the_merchant_owes_what_left_and_the_pool_covers_it(fen: int, more: int) -> None:
    asked = payment(fen, fen, bounced=True, booked=False)
    decided = decide_overpayment(asked, pool_fen=fen + more)
    assert isinstance(decided, tuple)
    assert [(one.debit, one.credit, one.amount_fen) for one in decided] == [
        (POOL, of_merchant(Account.RECOVERING, 17), fen),
        (of_merchant(Account.RECEIVABLE, 17), BANK, fen),
    ]
