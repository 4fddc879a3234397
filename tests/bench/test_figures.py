"""Medians, ratios and the reading of answers: what the bench's table is made of."""

import pytest

from bench.client import Answer
from bench.figures import Figure, medians, rate_of
from bench.load import percentile_ms
from bench.table import ratio


def figure(contender: str, what: str, each_second: float, **more: object) -> Figure:
    return Figure(
        contender=contender,
        title=contender,
        what=what,
        connections=64,
        each_second=each_second,
        p50_ms=1.0,
        p99_ms=2.0,
        **more,  # type: ignore[arg-type]
    )


def test_of_three_rounds_the_middle_one_counts_and_the_spread_is_kept() -> None:
    rounds = [figure("ours", "entries", rate) for rate in (300.0, 100.0, 200.0)]
    (line,) = medians(rounds)
    assert (line.each_second, line.least, line.most, line.rounds) == (200.0, 100.0, 300.0, 3)


def test_contenders_and_measurements_are_kept_apart() -> None:
    lines = medians(
        [
            figure("ours", "constant", 900.0),
            figure("ours", "entries", 300.0),
            figure("plain", "entries", 30.0),
            figure("ours", "entries", 500.0),
        ]
    )
    assert [(one.contender, one.what) for one in lines] == [
        ("ours", "constant"),
        ("ours", "entries"),
        ("plain", "entries"),
    ]
    assert rate_of(lines, "ours", "entries", 64) == 400.0
    assert rate_of(lines, "recipe", "entries", 64) is None


def test_what_was_wrong_in_any_round_stays_wrong() -> None:
    rounds = [figure("ours", "entries", 1.0), figure("ours", "entries", 1.0, wrong=("lost",))]
    assert medians(rounds)[0].wrong == ("lost",)


@pytest.mark.parametrize(
    ("one", "other", "shown"), [(10.0, 4.0, "2.50"), (10.0, None, ""), (10.0, 0.0, "")]
)
def test_a_ratio_needs_something_to_compare_with(
    one: float, other: float | None, shown: str
) -> None:
    assert ratio(one, other) == shown


@pytest.mark.parametrize(
    ("times_s", "percent", "is_ms"),
    [([], 99, 0.0), ([0.001], 50, 1.0), ([n / 1000 for n in range(100)], 99, 99.0)],
)
def test_a_percentile_is_a_time_somebody_had(
    times_s: list[float], percent: int, is_ms: float
) -> None:
    assert percentile_ms(times_s, percent) == is_ms


@pytest.mark.parametrize(
    ("head", "wait_s"),
    [
        (b"HTTP/1.1 503 x\r\nRetry-After: 2\r\nServer: y", 2.0),
        (b"HTTP/1.1 429 x\r\nserver: y\r\nretry-after: 7", 7.0),
        (b"HTTP/1.1 503 x\r\nRetry-After: Fri, 06 Feb 2026 02:00:00 GMT", None),
        (b"HTTP/1.1 200 OK", None),
    ],
)
def test_a_page_reads_how_long_it_should_wait(head: bytes, wait_s: float | None) -> None:
    assert Answer(503, head, b"").retry_after_s == wait_s
