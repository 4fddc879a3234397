"""Whether a day looks like chance: counts near expectation, no long rows of winners.  概率检验"""

import pytest

from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_chance import check_counts, check_runs
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
    [(400, 200, False), (400, 240, False), (400, 241, True), (400, 159, True), (18, 0, False)],
)
def test_a_count_four_deviations_from_chance_is_named(
    entered: int, drawn: int, wrong: bool
) -> None:
    """400 entries at one half: 200 expected, deviation 10, half a win of allowance."""
    finding = check_counts([tally(0, entered, drawn)], HALF)
    assert (finding is not None) is wrong
    assert finding is None or finding.wrong is Wrong.UNLIKELY_COUNT


def test_counts_are_judged_for_each_tier_lane_and_hour() -> None:
    lucky, unlucky = tally(0, 400, 245), tally(1, 400, 155)
    finding = check_counts([lucky, unlucky], HALF)
    assert finding is not None
    assert finding.where == "lane 0"
    moved = tally(1, 0, 0)
    moved.entered[11, 2], moved.drawn[11, 3] = 400, 155
    both = tally(0, 0, 0)
    both.entered[10, 2], both.drawn[10, 3] = 400, 245
    both.entered[11, 2], both.drawn[11, 3] = 400, 155
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
