"""Win rates beside chance: the bands, what is judged, and that a day may be counted in parts."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.lottery import CERTAINTY
from huiquan.domain.win_rates import (
    By,
    DayTally,
    GroupCount,
    RoundCount,
    Standing,
    band,
    chance_of,
    chances_of_tiers,
    per_billion,
    win_rate,
    win_rates,
)
from tests.tables import rows

HALF = CERTAINTY // 2

# 400 entries at one half: 200 wins expected, one deviation is 10.
CASES = rows("""
    entered  won  two       four      standing
    400      200  180–220   160–240   usual
    400      220  180–220   160–240   usual
    400      221  180–220   160–240   rare
    400      240  180–220   160–240   rare
    400      241  180–220   160–240   unlikely
    400      159  180–220   160–240   unlikely
    18       0    –         –         few
    0        0    –         –         few
""")


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['won']} of {case['entered']}")
def test_a_count_lies_within_two_deviations_within_four_or_beyond(case: dict[str, str]) -> None:
    found = win_rate("0", int(case["won"]), [(int(case["entered"]), HALF)])
    spelled = ["–" if one is None else f"{one[0]}–{one[1]}" for one in (found.two, found.four)]
    assert [*spelled, found.standing] == [case["two"], case["four"], case["standing"]]


@given(
    groups=st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, CERTAINTY - 1)), max_size=4),
    deviations=st.sampled_from([2, 4]),
)
def test_a_band_holds_exactly_the_counts_that_exact_fractions_put_in_it(
    groups: Sequence[tuple[int, int]], deviations: int
) -> None:
    """The second count works with exact fractions and squares both sides, without a root."""
    chances = [(entered, Fraction(chance, CERTAINTY)) for entered, chance in groups]
    expected = sum((n * p for n, p in chances), Fraction(0))
    variance = sum((n * p * (1 - p) for n, p in chances), Fraction(0))

    def inside(won: int) -> bool:
        return (won - expected) ** 2 <= deviations**2 * variance

    lowest, highest = band(groups, deviations)
    assert not inside(highest + 1)
    assert lowest == 0 or not inside(lowest - 1)
    if lowest <= highest:
        assert inside(highest)
        assert lowest == 0 or inside(lowest)


def test_a_rate_and_a_chance_are_per_billion_rounded_to_the_nearest() -> None:
    found = win_rate("7", 2, [(3, HALF), (0, CERTAINTY - 1)])
    assert (found.rate_ppb, found.chance_ppb) == (666_666_667, 500_000_000)
    assert per_billion(0, 0) == 0


def test_chances_of_tiers_are_what_lies_between_the_bounds() -> None:
    tables = {1: ((10, 1), (25, 3)), 2: ()}
    assert chances_of_tiers(tables, 1) == {1: 10, 3: 15}
    assert [chance_of(tables, pack) for pack in (1, 2, 3)] == [25, 0, 0]


ROUND = st.tuples(
    st.integers(0, 3),
    st.integers(10, 12),
    st.lists(
        st.tuples(st.sampled_from(["420100", "420500"]), st.integers(1, 2), st.booleans()),
        min_size=1,
        max_size=12,
    ),
)


@pytest.mark.requirement("R2.1")
@given(drawn=st.lists(ROUND, max_size=8), cut_at=st.integers(0, 8))
def test_a_day_counted_in_parts_is_the_day_counted_at_once(
    drawn: list[tuple[int, int, list[tuple[str, int, bool]]]], cut_at: int
) -> None:
    """The second count goes over all people of the day, one by one, and knows no groups."""
    tables = {1: ((HALF, 1),), 2: ((HALF // 2, 2),)}
    people = []
    tally = DayTally()
    next_idx = dict.fromkeys(range(4), 0)
    for part in (drawn[:cut_at], drawn[cut_at:]):
        rounds, groups = [], []
        for lane, hour, entries in part:
            for city, pack, won in entries:
                idx = next_idx[lane]
                next_idx[lane] += 1
                people.append((lane, hour, city, idx % 10, pack, won))
                for by, key in zip(By, (lane, hour, city, idx % 10), strict=True):
                    groups.append(
                        GroupCount(by=by, key=str(key), pack=pack, entered=1, won=int(won))
                    )
            kept = tuple(sum(w for _, p, w in entries if p == tier) for tier in (1, 2))
            rounds.append(RoundCount(lane=lane, next_idx=next_idx[lane], kept=kept, cut=(0, 0)))
        tally.add(rounds, groups)
    assert tally.next_idx == {lane: end for lane, end in next_idx.items() if end}
    assert (tally.rounds, sum(tally.kept.values())) == (len(drawn), sum(one[5] for one in people))
    for place, (by, found) in enumerate(win_rates(tally, tables).items()):
        assert [row.key for row in found] == [
            str(key) for key in sorted({p[place] for p in people})
        ]
        for row in found:
            mine = [one for one in people if str(one[place]) == row.key]
            assert (row.entered, row.won) == (len(mine), sum(one[5] for one in mine)), by
    for pack in tables:
        mine = [one for one in people if one[4] == pack]
        assert tally.of_pack(pack) == (len(mine), sum(one[5] for one in mine))


def test_every_standing_has_a_name_of_its_own() -> None:
    assert {str(one) for one in Standing} == {"usual", "rare", "unlikely", "few"}
