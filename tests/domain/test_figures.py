"""The nine figures of the daily report, counted from single events."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.figures import (
    IssuedFact,
    Nine,
    RedeemedFact,
    added,
    leverage_bp,
    nine_of,
    redemption_rate_bp,
)
from tests.domain.tills import fen
from tests.tables import rows

# One day: who won what, who used what where, and what refunds gave back to the fund, in yuan.
WON = rows("""
    person  face
    li      200
    wang    50
    zhao    100
""")
USED = rows("""
    person  merchant  discount  order
    li      17        200       1110
    li      17        50        200
    qian    18        100       560.50
""")
BACK = [60, 0, 200]


def count(won: list[dict[str, str]], used: list[dict[str, str]], back: list[int]) -> Nine:
    return nine_of(
        [IssuedFact(pid=one["person"].encode(), face_fen=fen(one["face"])) for one in won],
        [
            RedeemedFact(
                pid=one["person"].encode(),
                merchant_id=int(one["merchant"]),
                discount_fen=fen(one["discount"]),
                order_fen=fen(one["order"]),
            )
            for one in used
        ],
        [yuan * 100 for yuan in back],
    )


@pytest.mark.requirement("R2.8")
def test_the_nine_figures_of_a_day() -> None:
    assert count(WON, USED, BACK) == Nine(
        issued_count=3,
        issued_fen=35_000,
        holder_count=3,
        redeemer_count=2,
        redeemed_count=3,
        redeemed_fen=35_000,
        order_fen=187_050,
        refunded_fen=26_000,
        redeeming_merchant_count=2,
    )
    assert count([], [], []) == Nine()


def test_persons_and_merchants_are_counted_again_when_days_are_added() -> None:
    """Li won on both days and is one person; merchant 17 redeemed on both and is one merchant."""
    first, second = count(WON, USED, BACK), count(WON[:1], USED[:1], [])
    whole = added([first, second], holder_count=3, redeemer_count=2, redeeming_merchant_count=2)
    assert astuple(whole) == (4, 55_000, 3, 2, 4, 55_000, 298_050, 26_000, 2)


@pytest.mark.parametrize("wrong", [2, 5])
def test_a_count_of_persons_lies_between_the_largest_row_and_the_sum(wrong: int) -> None:
    first, second = count(WON, USED, BACK), count(WON[:1], USED[:1], [])
    with pytest.raises(AssertionError):
        added([first, second], holder_count=wrong, redeemer_count=2, redeeming_merchant_count=2)


def test_no_rows_add_up_to_nothing() -> None:
    assert added([], holder_count=0, redeemer_count=0, redeeming_merchant_count=0) == Nine()


EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.binary(min_size=1, max_size=1), st.integers(1, 3)), max_size=20
)


@given(EVENTS)
def test_two_days_added_are_the_same_as_both_counted_at_once(
    events: list[tuple[int, bytes, int]],
) -> None:
    def figures(days: set[int]) -> Nine:
        mine = [(pid, merchant) for day, pid, merchant in events if day in days]
        return nine_of(
            [IssuedFact(pid=pid, face_fen=5_000) for pid, _ in mine],
            [
                RedeemedFact(pid=pid, merchant_id=who, discount_fen=5_000, order_fen=20_000)
                for pid, who in mine
            ],
            [100 for _ in mine],
        )

    whole = figures({0, 1})
    assert whole == added(
        [figures({0}), figures({1})],
        holder_count=len({pid for _, pid, _ in events}),
        redeemer_count=len({pid for _, pid, _ in events}),
        redeeming_merchant_count=len({merchant for _, _, merchant in events}),
    )


RATES = rows("""
    issued     redeemed   orders     rate_bp  leverage_bp
    150000000  105400000  447000000  7027     42410
    100        0          0          0        0
    0          100        500        0        50000
    10000      10000      60000      10000    60000
    3          2          9          6667     45000
""")


@pytest.mark.requirement("R2.3")
@pytest.mark.parametrize("case", RATES, ids=lambda case: " ".join(case.values()))
def test_redemption_rate_and_leverage(case: dict[str, str]) -> None:
    """The first row is Hubei 2022, third round: about 70 % and 1 : 4.24."""
    nine = Nine(
        issued_fen=int(case["issued"]),
        redeemed_fen=int(case["redeemed"]),
        order_fen=int(case["orders"]),
    )
    assert redemption_rate_bp(nine) == int(case["rate_bp"])
    assert leverage_bp(nine) == int(case["leverage_bp"])
