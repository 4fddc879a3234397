"""Odds: exact fractions, rising bounds, and stock that follows the hours."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.odds import bounds, hourly_units, odds, share_of_stock
from tests.domain.campaigns import campaign
from tests.tables import rows

ODDS = rows("""
    units  entries  margin  p_max  p
    100    1000     100     50     1/10
    100    1000     110     50     1/11
    100    1000     110     5      1/20
    0      1000     110     5      0
    1832   264000   110     5      229/36300
    5000   1        110     100    1
""")


@pytest.mark.parametrize("case", ODDS, ids=lambda case: " ".join(case.values()))
def test_odds_are_units_over_margin_times_entries_and_never_above_the_bound(
    case: dict[str, str],
) -> None:
    p = odds(
        int(case["units"]),
        int(case["entries"]),
        entry_margin_percent=int(case["margin"]),
        p_max_percent=int(case["p_max"]),
    )
    assert p == Fraction(case["p"])


def test_the_shares_of_a_list_are_parts_of_its_stock() -> None:
    assert share_of_stock(3, 12) == Fraction(1, 4)
    assert share_of_stock(0, 0) == 0


BOUNDS = rows("""
    p of tiers 1, 2, 3  bounds
    1/2 1/4 1/4         9223372036854775808:1 13835058055282163712:2 18446744073709551615:3
    1/2 0 1/4           9223372036854775808:1 13835058055282163712:3
    1/3 1/3 1/3         6148914691236517205:1 12297829382473034410:2 18446744073709551615:3
    0 0 0               -
""")


@pytest.mark.parametrize("case", BOUNDS, ids=lambda case: case["p of tiers 1, 2, 3"])
def test_bounds_are_the_running_total_of_the_odds_in_64_bits(case: dict[str, str]) -> None:
    chances = [Fraction(p) for p in case["p of tiers 1, 2, 3"].split()]
    table = bounds(list(enumerate(chances, start=1)))
    assert " ".join(f"{bound}:{tier}" for bound, tier in table) == case["bounds"]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=11), st.integers(1, 1000))
def test_the_width_of_each_step_is_its_odds_to_one_number_in_two_to_the_64(
    parts: list[int], rest: int
) -> None:
    whole = sum(parts) + rest
    table = bounds([(tier, Fraction(part, whole)) for tier, part in enumerate(parts, start=1)])
    below = 0
    widths = {}
    for bound, tier in table:
        assert bound > below
        widths[tier], below = bound - below, bound
    for tier, part in enumerate(parts, start=1):
        assert abs(widths.get(tier, 0) - Fraction(part * 2**64, whole)) <= 1


def test_odds_of_more_than_certainty_are_a_broken_promise() -> None:
    with pytest.raises(AssertionError, match="100 %"):
        bounds([(1, Fraction(3, 4)), (2, Fraction(1, 2))])


HOURS = rows("""
    units  stock of the hours from 10:00
    100    36 8 8 8 4 4 4 5 5 5 5 3 3 2
    10     4 1 1 0 1 0 1 0 1 0 1 0 0 0
    1      1 0 0 0 0 0 0 0 0 0 0 0 0 0
    0      0 0 0 0 0 0 0 0 0 0 0 0 0 0
""")


@pytest.mark.parametrize("case", HOURS, ids=lambda case: case["units"])
def test_stock_follows_the_forecast_arrivals_hour_by_hour(case: dict[str, str]) -> None:
    slots = hourly_units(int(case["units"]), "10:00", campaign().release.arrivals_percent)
    stock = " ".join(str(slots.get(slot, 0)) for slot in range(10, 24))
    assert stock == case["stock of the hours from 10:00"]


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[int, ...]:
    """Shares of some hours that are 100 in all."""
    cuts = draw(st.lists(st.integers(0, 100), max_size=13))
    edges = [0, *sorted(cuts), 100]
    return tuple(edges[at + 1] - edges[at] for at in range(len(edges) - 1))


@pytest.mark.requirement("R1.3")
@given(st.integers(0, 10**6), arrivals())
def test_the_hours_hold_all_units_and_never_fall_behind_the_arrivals(
    count: int, shares: tuple[int, ...]
) -> None:
    slots = hourly_units(count, "10:00", shares)
    assert sum(slots.values()) == count
    # A second count: deal each unit to the hour in which the arrivals first reach its place.
    dealt: Counter[int] = Counter()
    if count <= 1000:
        for unit in range(count):
            reached = 0
            for slot, percent in enumerate(shares, start=10):
                reached += percent
                if unit * 100 < count * reached:
                    dealt[slot] += 1
                    break
        assert slots == dict(dealt)


@given(st.integers(0, 10**6))
def test_without_hourly_shares_all_units_are_there_from_the_start(count: int) -> None:
    assert hourly_units(count, "08:00", ()) == ({0: count} if count else {})
