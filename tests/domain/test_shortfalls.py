"""What an order that is too small is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.offers import Order
from huiquan.domain.shortfalls import shortfall_of


@pytest.mark.requirement("R1.2")
@given(threshold_fen=st.integers(1, 10**7), order_fen=st.integers(1, 10**7))
def test_what_is_missing_makes_the_order_large_enough_to_the_fen(
    threshold_fen: int, order_fen: int
) -> None:
    short = shortfall_of(threshold_fen, Order(order_fen=order_fen))
    assert (short is None) == (order_fen >= threshold_fen)
    if short is not None:
        assert short.missing_fen > 0
        assert shortfall_of(threshold_fen, Order(order_fen=order_fen + short.missing_fen)) is None
        short_of_a_fen = Order(order_fen=order_fen + short.missing_fen - 1)
        assert short_of_a_fen.order_fen == 0 or shortfall_of(threshold_fen, short_of_a_fen)


def test_no_order_is_too_small_that_is_none() -> None:
    assert shortfall_of(100, Order(order_fen=0)) is None
