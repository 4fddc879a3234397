"""The page about more than one machine: its sums are right, and its tables are where it says."""

import math
import re

import pytest

from huiquan.db.lane_rules import REFERENCE_TABLES
from tests.tidy.source import ROOT
from tests.tidy.test_lanes import LANE_TABLES

PAGE = (ROOT / "docs/operating/scale.md").read_text()
A_SECOND = 16_667  # ten million in ten minutes

COST = re.compile(r"^\| (?P<row>C\d+) \| .+? \| (?P<us>[\d.]+) \|", re.MULTILINE)
SIZE = re.compile(
    r"^\| (?P<row>[SW]\d) \| (?P<process>.+?) \| (?P<us>[\d.]+) \| (?P<cores>[\d.]+) "
    r"\| (?P<have>\d+) \|",
    re.MULTILINE,
)
COSTS = {found["row"]: float(found["us"]) for found in COST.finditer(PAGE)}
SIZES = [found.groupdict() for found in SIZE.finditer(PAGE)]


def _tables(where: str) -> set[str]:
    """The tables that the page says stand there."""
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {where} |"))
    return set(re.findall(r"`(\w+)`", line))


def test_the_page_says_where_each_table_stands() -> None:
    assert _tables("by lane, side by side") == LANE_TABLES
    assert _tables("the same on every machine") == set(REFERENCE_TABLES)
    assert not _tables("on the coordinator") & (LANE_TABLES | set(REFERENCE_TABLES))


def test_the_rows_of_the_page_are_found() -> None:
    assert len(COSTS) == 8
    assert [size["row"] for size in SIZES] == [
        "S1",
        "S2",
        "S3",
        "S4",
        *(f"W{n}" for n in range(1, 6)),
    ]


@pytest.mark.parametrize("size", SIZES, ids=[size["row"] for size in SIZES])
def test_what_a_process_needs_is_its_cost_times_the_demand(size: dict[str, str]) -> None:
    parts = re.findall(r"C\d+", size["process"])
    if parts:
        assert float(size["us"]) == pytest.approx(sum(COSTS[part] for part in parts))
    cores = float(size["us"]) * A_SECOND / 1_000_000
    assert float(size["cores"]) == pytest.approx(cores, abs=0.005)
    assert int(size["have"]) == math.ceil(4 * cores)
