"""Whether a day looks like chance: counts near expectation, no long rows of winners.  概率检验"""

from fractions import Fraction
from math import exp, lgamma, log, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_chance import ONCE_IN, check_counts, check_runs, is_unlikely
from huiquan.domain.verification_lane import LaneTally


def tally(lane: int, entered: int, drawn: int, run: int = 0) -> LaneTally:
    """A lane in which so many of pack 2 entered at 10 o'clock, and so many drew tier 3."""
    counted = LaneTally(lane=lane, longest_run=run)
    counted.entered[10, 2] = entered
    counted.drawn[10, 3] = drawn
    return counted


HALF = {2: [(1 << 63, 3)]}
HUNDREDTH = {2: [(2**64 // 100, 3)], 1: []}


@pytest.mark.parametrize(
    ("entered", "drawn", "wrong"),
    [(400, 200, False), (400, 266, False), (400, 267, True), (400, 133, True), (18, 0, False)],
)
def test_a_count_further_from_chance_than_once_in_a_million_days_is_named(
    entered: int, drawn: int, wrong: bool
) -> None:
    """400 entries at one half: v = 100, and 26 counts (a tier, a lane, 24 hours) give c = 26 ln 2.

    t = c/3 + sqrt(c²/9 + 2cv) = 66.3.
    """
    finding = check_counts([tally(0, entered, drawn)], HALF)
    assert (finding is not None) is wrong
    assert finding is None or finding.wrong is Wrong.UNLIKELY_COUNT


def test_counts_are_judged_for_each_tier_lane_and_hour() -> None:
    lucky, unlucky = tally(0, 400, 275), tally(1, 400, 125)
    finding = check_counts([lucky, unlucky], HALF)
    assert finding is not None
    assert finding.where == "lane 0"
    moved = tally(1, 0, 0)
    moved.entered[11, 2], moved.drawn[11, 3] = 400, 125
    both = tally(0, 0, 0)
    both.entered[10, 2], both.drawn[10, 3] = 400, 275
    both.entered[11, 2], both.drawn[11, 3] = 400, 125
    finding = check_counts([both], HALF)
    assert finding is not None
    assert finding.where == "hour 10"


@pytest.mark.parametrize(("run", "wrong"), [(0, False), (2, False), (4, False), (5, True)])
def test_a_row_of_winners_that_chance_does_not_make_is_named(run: int, wrong: bool) -> None:
    """1,000 entries at one in a hundred: four in a row come once in 100,000 such days."""
    finding = check_runs([tally(0, 1000, 10, run)], HUNDREDTH)
    assert (finding is not None) is wrong
    assert finding is None or finding.wrong is Wrong.UNLIKELY_RUN
    assert check_runs([tally(0, 0, 0)], {}) is None


def chances_of_hits(groups: list[tuple[int, int]]) -> list[float]:
    """How likely each number of wins is: the exact distribution, one group after another."""
    whole = [1.0]
    for entered, width in groups:
        p = width / 2**64
        logs = [
            lgamma(entered + 1)
            - lgamma(hits + 1)
            - lgamma(entered - hits + 1)
            + hits * log(p)
            + (entered - hits) * log1p(-p)
            for hits in range(entered + 1)
        ]
        one = [exp(each) for each in logs]
        whole = [
            sum(
                whole[k] * one[n - k]
                for k in range(max(0, n - entered), min(n, len(whole) - 1) + 1)
            )
            for n in range(len(whole) + entered)
        ]
    return whole


def once(parts: int) -> int:
    """A chance of one in so many, in 2^64."""
    return 2**64 // parts


GROUPS = [
    [(1, once(2))],
    [(18, once(2))],
    [(400, once(2))],
    [(50, once(1000))],
    [(1000, once(100))],
    [(20_000, once(1000))],
    [(20_000, once(20))],
    [(300, once(10)), (200, once(3))],
    [(600, 2**64 - once(50))],
]


@pytest.mark.parametrize("counts", [26, 94, 65_815])
@pytest.mark.parametrize("groups", GROUPS, ids=str)
def test_an_honest_day_fails_less_often_than_once_in_a_million_days(
    groups: list[tuple[int, int]], counts: int
) -> None:
    """The exact chance that one count is named, times how many counts a day has."""
    likely = chances_of_hits(groups)
    assert abs(sum(likely) - 1) < 1e-6
    named = sum(p for hits, p in enumerate(likely) if is_unlikely(hits, groups, counts))
    assert named * counts <= 1 / ONCE_IN


def test_the_logarithm_is_never_below_the_true_one() -> None:
    over, under = 6_931_472, 10_000_000
    assert over / under > log(2)
    for counts in range(1, 5000):
        asked = 2 * counts * ONCE_IN
        assert asked.bit_length() * over / under >= log(asked)


def test_a_notable_bias_is_named_on_a_day_of_a_lane() -> None:
    """A hundred thousand entries at one in a hundred: a fifth more winners than chance gives."""
    groups = [(100_000, once(100))]
    assert not is_unlikely(1_190, groups, 94)
    assert is_unlikely(1_210, groups, 94)


@given(
    entered=st.integers(0, 10**7),
    width=st.integers(1, 2**64 - 1),
    off=st.integers(0, 10**6),
    counts=st.integers(1, 70_000),
)
def test_the_bound_in_whole_numbers_is_the_inequality_in_real_ones(
    entered: int, width: int, off: int, counts: int
) -> None:
    p = Fraction(width, 2**64)
    hits = int(entered * p) + off
    t, v = abs(hits - entered * p), entered * p * (1 - p)
    c = (2 * counts * ONCE_IN).bit_length() * Fraction(6_931_472, 10_000_000)
    assert is_unlikely(hits, [(entered, width)], counts) is (t > 0 and t**2 >= 2 * c * (v + t / 3))
