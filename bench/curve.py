"""python -m bench.curve: does a draw cost more as the day fills, does memory grow?  成本曲线"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from bench import counts
from bench.__main__ import RESULTS, console, home_of, prepared
from bench.contenders import ENTERING, Running, running_ours
from bench.crowd import deal
from bench.house import House, Prepared, running_house
from bench.load import Load, Measured, has_wrk, run_wrk
from bench.machine import Used, used_by
from bench.table import keep

THREADS = 2
FILL = 200_000
MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point: how full the day was, what a draw cost there, and how large the processes were.

    CPU in microseconds a draw, until the last of them was drawn and everything the house does
    besides included; memory in MiB.
    """

    entries_before: int
    draws: int
    each_second: float
    drawn_after_s: float
    cpu_us: dict[str, float]
    memory_mib: dict[str, float]


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench.curve", description=__doc__)
    asked.add_argument("--marks", default="10000,100000,1000000", help="entries in the day")
    asked.add_argument("--people", type=int, default=1_200_000, help="size of the crowd")
    asked.add_argument("--seconds", type=int, default=10, help="length of each measurement")
    asked.add_argument("--connections", type=int, default=256)
    asked.add_argument("--workers", type=int, default=1, help="web processes")
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


@dataclass
class Day:
    """One day that fills up."""

    house: House
    running: Running
    asked: argparse.Namespace
    dealt: int = 0

    def entries(self) -> int:
        """How many there are, by the tables."""
        return asyncio.run(counts.read_counts(str(self.house.settings.database_url)))["entries"]

    def load(self, seconds: int, most: int) -> Measured:
        """Let people enter for some seconds; who was dealt and did not come stays away today."""
        most = min(most, self.asked.people - self.dealt)
        into = self.running.taps.with_name("hand")
        deal(self.running.taps, into, first=self.dealt, count=most, hands=THREADS)
        arguments = (str(into), str(self.running.ahead_s), ENTERING)
        measured = run_wrk(
            Load(
                url=self.running.url,
                script="enter",
                arguments=arguments,
                connections=self.asked.connections,
                seconds=seconds,
            )
        )
        self.dealt += min(most, measured.accepted + measured.refused + 2 * self.asked.connections)
        return measured

    def fill(self, mark: int) -> None:
        """Let people enter until the day has so many entries, as near as a second allows."""
        while (missing := mark - self.entries()) > 0 and self.dealt < self.asked.people:
            self.load(2, min(FILL, missing + missing // 10))

    def point(self) -> Point:
        """Measure here."""
        address = str(self.house.settings.database_url)
        counts.wait_drawn(address)
        before, had = used_by(self.running.family()), self.entries()
        measured = self.load(self.asked.seconds, FILL)
        drawn_s = counts.wait_drawn(address)
        after = used_by(self.running.family())
        return _point(before, after, had, self.entries() - had, measured, drawn_s)


def _point(
    before: Used, after: Used, had: int, draws: int, measured: Measured, drawn_s: float
) -> Point:
    used = after.since(before)
    return Point(
        entries_before=had,
        draws=draws,
        each_second=measured.each_second,
        drawn_after_s=drawn_s,
        cpu_us={name: cpu_s * 1e6 / max(1, draws) for name, cpu_s in used.items()},
        memory_mib={name: own / MIB for name, own in after.memory.items()},
    )


def curve(found: Prepared, asked: argparse.Namespace) -> list[Point]:
    """A point at every mark, on one house that is never restarted."""
    points = []
    with running_house(found, workers=asked.workers) as house:
        day = Day(house, running_ours(house), asked)
        day.load(2, 20_000)
        for mark in (int(one) for one in asked.marks.split(",")):
            with console.status(f"filling the day to {mark:,} entries …") as status:
                day.fill(mark)
                status.update(f"measuring at {mark:,} entries …")
                points.append(day.point())
            console.print(f"{mark:,} entries: done")
    return points


def _show(points: list[Point]) -> None:
    parts = list(points[0].cpu_us)
    table = Table(title="The day fills: CPU µs a draw / MiB of its own", title_justify="left")
    for name in ("entries before", "draws", "a second", "drawn after s", *parts, "CPU together"):
        table.add_column(name, justify="right")
    for one in points:
        cells = [f"{one.cpu_us[part]:,.0f} / {one.memory_mib[part]:,.0f}" for part in parts]
        table.add_row(
            f"{one.entries_before:,}",
            f"{one.draws:,}",
            f"{one.each_second:,.0f}",
            f"{one.drawn_after_s:.1f}",
            *cells,
            f"{sum(one.cpu_us.values()):,.0f}",
        )
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, keep."""
    asked = arguments(words)
    if not has_wrk():
        console.print("wrk is not installed (make curve does it where it may)")
        return 2
    with home_of(asked.home) as home, prepared(home, asked.people) as found:
        points = curve(found, asked)
    _show(points)
    path = asked.out / f"curve-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    keep(path, {"points": [vars(one) for one in points]})
    console.print(f"the same as JSON: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
