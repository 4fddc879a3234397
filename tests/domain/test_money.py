"""Money: whole fen, and nothing lost by rounding."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.money import parse_yuan, round_half_up, split_fen, yuan
from huiquan.domain.refusals import Refusal
from tests.tables import rows

SPLITS = rows("""
    total_fen  weights   shares
    100        1,1,1     34,33,33
    100        1,1       50,50
    5          1,1,1,1   2,1,1,1
    10         3,3,4     3,3,4
    7          0,1,1     0,4,3
    0          2,3       0,0
    10         1,2,4     1,3,6
""")

YUAN = rows("""
    fen            yuan
    0              0.00
    5              0.05
    123450         1,234.50
    1000000000000  10,000,000,000.00
    -6000          -60.00
""")

TYPED = rows("""
    typed           fen
    1234.5          123450
    1,234.50        123450
    1234            123400
    0.07            7
    1000            100000
    .5              bad_amount
    1.234           bad_amount
    -5              bad_amount
    ￥5             bad_amount
    1,23            bad_amount
    12,345,6        bad_amount
    ٣               bad_amount
    1e3             bad_amount
    1234567890123   bad_amount
    1.              bad_amount
    -               bad_amount
""")


@pytest.mark.parametrize("case", SPLITS, ids=lambda case: case["total_fen"] + " " + case["weights"])
def test_what_is_left_over_goes_to_who_lost_most_earliest_first(case: dict[str, str]) -> None:
    weights = [int(weight) for weight in case["weights"].split(",")]
    shares = split_fen(int(case["total_fen"]), weights)
    assert ",".join(map(str, shares)) == case["shares"]


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(0, 10**6), min_size=1).filter(lambda weights: sum(weights) > 0),
)
def test_a_split_gives_out_every_fen_and_no_share_is_off_by_one(
    total_fen: int, weights: list[int]
) -> None:
    shares = split_fen(total_fen, weights)
    assert sum(shares) == total_fen
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total_fen * weight) < sum(weights)


def test_money_is_not_split_among_nobody() -> None:
    for weights in ([], [0, 0], [2, -1]):
        with pytest.raises(AssertionError):
            split_fen(100, weights)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_half_a_fen_goes_up(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert round_half_up(numerator, denominator) == expected


@pytest.mark.parametrize("case", YUAN, ids=lambda case: case["yuan"])
def test_people_read_yuan(case: dict[str, str]) -> None:
    assert yuan(int(case["fen"])) == case["yuan"]


@pytest.mark.parametrize("case", TYPED, ids=lambda case: case["typed"] or "nothing")
def test_people_type_yuan_and_only_amounts_are_read(case: dict[str, str]) -> None:
    amount = parse_yuan(case["typed"])
    assert (amount.value if isinstance(amount, Refusal) else str(amount)) == case["fen"]


@given(st.integers(0, 10**14 - 1))
def test_what_is_shown_can_be_typed_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen
