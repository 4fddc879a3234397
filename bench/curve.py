"""python -m bench.curve: does a draw cost more as the day fills, does memory grow?  成本曲线

fill to a mark -> all drawn -> a quiet minute: what the house does by itself
    -> some seconds of complete draws through the door, until the last is drawn -> next mark
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from rich.table import Table

from bench import counts
from bench.__main__ import RESULTS, console, home_of, prepared
from bench.busy import times_for
from bench.contenders import ENTERING, OUTCOME, Running, running_ours
from bench.filling import fill
from bench.house import JUST_OPEN, House, Prepared, running_house
from bench.load import Load, Measured, has_wrk, run_wrk
from bench.machine import SERVER, about, used_by
from bench.runs import PACE_S
from bench.table import keep
from bench.taps import CrowdTooSmallError

DOOR_FILL = 200_000
DOOR_FILL_S = 10
WARM = 5_000
QUIET_WITHIN_S = 420.0
DRAWN_WITHIN_S = 900.0
FASTEST = 20_000
MIB = 2**20
CHECKING = ("jobs", f"{SERVER} for jobs")

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point: how full the day was, what a draw cost there, and how large the processes were.

    A draw is an entry and its known outcome, through the door. cpu_us: CPU in microseconds a draw,
    until the last of them was drawn, by part. quiet_cpu_s: CPU seconds of a round of the checks
    while nobody draws, by part, and quiet_s how long that round took. kept: how many of the draws
    won. Memory in MiB: own (USS) and resident (RSS), after the draws.
    """

    entries_before: int
    draws: int
    kept: int
    each_second: float
    drawn_after_s: float
    cpu_us: dict[str, float]
    quiet_s: float
    quiet_cpu_s: dict[str, float]
    own_mib: dict[str, float]
    resident_mib: dict[str, float]

    @property
    def draw_us(self) -> float:
        """All that a draw costs, without what jobs does by the minute and not by the draw."""
        return sum(cpu for name, cpu in self.cpu_us.items() if name not in CHECKING)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench.curve", description=__doc__)
    asked.add_argument("--marks", default="10000,100000,1000000", help="entries in the day")
    asked.add_argument("--people", type=int, help="size of the crowd; as many as the marks need")
    asked.add_argument("--seconds", type=int, default=15, help="length of each measurement")
    asked.add_argument("--connections", type=int, default=256)
    asked.add_argument("--workers", type=int, default=1, help="web processes")
    asked.add_argument(
        "--fill",
        choices=("batches", "door"),
        default="batches",
        help="how the day is filled: the door's full batches without HTTP, or the door itself",
    )
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


def marks_of(asked: argparse.Namespace) -> list[int]:
    """The marks, from the least."""
    return sorted(int(one) for one in asked.marks.split(","))


def people_needed(asked: argparse.Namespace) -> int:
    """Enough for the last mark and every measurement."""
    marks = marks_of(asked)
    most: int = marks[-1] + marks[-1] // 20 + len(marks) * asked.seconds * FASTEST // 4 + 2 * WARM
    return most


@dataclass
class Day:
    """One day that fills up, in one house that is never restarted."""

    house: House
    running: Running
    asked: argparse.Namespace
    say: Say
    came: int = 0

    @property
    def address(self) -> str:
        """Its database."""
        return str(self.house.settings.database_url)

    def entries(self) -> int:
        """How many there are, by the lanes."""
        return int(self._ask("select coalesce(sum(next_idx), 0) from lanes"))

    def kept(self) -> int:
        """How many have won."""
        return int(self._ask("select count(*) from vouchers"))

    def _ask(self, question: str) -> Any:
        async def ask() -> Any:
            connection = await asyncpg.connect(self.address)
            try:
                return await connection.fetchval(question)
            finally:
                await connection.close()

        return asyncio.run(ask())

    def load(self, script: str, seconds: int, most: int, *more: str) -> Measured:
        """Let people come for some seconds; who was dealt and did not come stays away today.

        Raises CrowdTooSmallError when nobody is left.
        """
        left = self.asked.people - self.came
        if left < min(most, 2 * self.asked.connections):
            raise CrowdTooSmallError(most, left, "the next load")
        files = self.running.taps.deal(self.came, min(most, left))
        arguments = (files, str(self.running.ahead_s), ENTERING, *more)
        measured = run_wrk(
            Load(
                url=self.running.url,
                script=script,
                arguments=arguments,
                connections=self.asked.connections,
                seconds=seconds,
            )
        )
        asked = measured.requests + 2 * self.asked.connections
        self.came += min(most, left, asked)
        return measured

    def fill_to(self, mark: int) -> None:
        """Let people enter until the day has so many entries, the way that was asked for."""
        while (missing := mark - self.entries()) > 0:
            if self.asked.fill == "door":
                self.load("enter", DOOR_FILL_S, min(DOOR_FILL, missing))
                self.say(f"{self.entries():,} of {mark:,} entries, through the door")
                continue
            if missing > self.asked.people - self.came:
                raise CrowdTooSmallError(missing, self.asked.people - self.came, f"mark {mark:,}")
            self._fill_in_batches(missing, mark)

    def _fill_in_batches(self, missing: int, mark: int) -> None:
        began, before = time.monotonic(), mark - missing

        def on(entered: int) -> None:
            pace = entered / (time.monotonic() - began)
            self.say(f"{before + entered:,} of {mark:,} entries, {pace:,.0f} a second")

        asyncio.run(fill(self.house.settings, self.came, missing, on))
        self.came += missing

    def point(self) -> Point:
        """Measure here."""
        counts.wait_drawn(self.address, DRAWN_WITHIN_S)
        self.say("a quiet minute")
        quiet_s, quiet = self._round_of_checks()
        before, had, won = used_by(self.running.family()), self.entries(), self.kept()
        self.say("complete draws through the door")
        most = self.asked.seconds * FASTEST
        measured = self.load("draw", self.asked.seconds, most, OUTCOME, str(PACE_S))
        drawn_s = counts.wait_drawn(self.address, DRAWN_WITHIN_S)
        after = used_by(self.running.family())
        draws = self.entries() - had
        cpu_us = {part: s * 1e6 / max(1, draws) for part, s in after.since(before).items()}
        return Point(
            entries_before=had,
            draws=draws,
            kept=self.kept() - won,
            each_second=measured.known / measured.seconds,
            drawn_after_s=drawn_s,
            cpu_us=cpu_us,
            quiet_s=quiet_s,
            quiet_cpu_s=quiet,
            own_mib=_mib(after.memory),
            resident_mib=_mib(after.resident),
        )

    def _round_of_checks(self) -> tuple[float, dict[str, float]]:
        """From the end of one run of the checks to the end of the next: how long, and the CPU."""
        self._wait_checks()
        began, before = time.monotonic(), used_by(self.running.family())
        self._wait_checks()
        return time.monotonic() - began, used_by(self.running.family()).since(before)

    def _wait_checks(self) -> None:
        newest = "select coalesce(max(run_id), 0) from check_runs"
        had, deadline = self._ask(newest), time.monotonic() + QUIET_WITHIN_S
        while self._ask(newest) == had and time.monotonic() < deadline:
            time.sleep(0.2)


def _mib(found: Any) -> dict[str, float]:
    return {name: size / MIB for name, size in found.items()}


def curve(found: Prepared, asked: argparse.Namespace) -> tuple[list[Point], counts.Counted]:
    """A point at every mark, and at the end the count of everything."""
    points: list[Point] = []
    with (
        running_house(found, workers=asked.workers, at=JUST_OPEN) as house,
        console.status("…") as status,
    ):
        day = Day(house, running_ours(house), asked, lambda word: status.update(f"{word} …"))
        day.load("enter", 2, WARM)
        for mark in marks_of(asked):
            day.fill_to(mark)
            points.append(day.point())
            console.print(f"{datetime.now(UTC):%H:%M:%S} {mark:,} entries: {_line(points[-1])}")
        status.update("counting …")
        return points, running_ours(house).count(day.entries(), 0)


def _line(one: Point) -> str:
    checks_s = sum(one.quiet_cpu_s.get(name, 0.0) for name in CHECKING)
    return (
        f"{one.draw_us:,.0f} µs a draw, checks {checks_s:.1f} CPU s each,"
        f" memory {sum(one.own_mib.values()):,.0f} MiB"
    )


def show(points: Sequence[Point]) -> None:
    """Three tables: what a draw costs, what a quiet minute costs, how large the processes are."""
    _show("CPU µs a draw, by process", points, lambda one: one.cpu_us, "{:,.0f}", _draws)
    _show("A round of checks: CPU s", points, lambda one: one.quiet_cpu_s, "{:,.2f}", _quiet)
    _show("MiB of its own (USS)", points, lambda one: one.own_mib, "{:,.0f}", _nothing)
    _show("MiB resident (RSS)", points, lambda one: one.resident_mib, "{:,.0f}", _nothing)


Cells = Callable[[Point], dict[str, str]]


def _draws(one: Point) -> dict[str, str]:
    return {
        "draws": f"{one.draws:,}",
        "won": f"{one.kept / max(1, one.draws):.1%}",
        "known/s": f"{one.each_second:,.0f}",
        "a draw, without jobs": f"{one.draw_us:,.0f}",
    }


def _quiet(one: Point) -> dict[str, str]:
    return {"from end to end s": f"{one.quiet_s:.0f}"}


def _nothing(_: Point) -> dict[str, str]:
    return {}


def _show(
    title: str,
    points: Sequence[Point],
    of: Callable[[Point], dict[str, float]],
    form: str,
    more: Cells,
) -> None:
    parts = list(dict.fromkeys(part for one in points for part in of(one)))
    table = Table(title=title, title_justify="left")
    for name in ("entries before", *more(points[0]), *parts):
        table.add_column(name, justify="right")
    for one in points:
        cells = [form.format(of(one).get(part, 0.0)) for part in parts]
        table.add_row(f"{one.entries_before:,}", *more(one).values(), *cells)
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, keep; exit status 1 when what stands in the tables is not right."""
    asked = arguments(words)
    if not has_wrk():
        console.print("wrk is not installed (make curve does it where it may)")
        return 2
    asked.people = asked.people or people_needed(asked)
    busy = times_for(asked.people)
    with home_of(asked.home) as home, prepared(home, asked.people, busy) as found:
        facts = about(home)
        points, counted = curve(found, asked)
    show(points)
    for word in counted.wrong:
        console.print(f"[bold red]wrong:[/] {word}", soft_wrap=True)
    path = asked.out / f"curve-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    told = {"about": facts, "busy": busy, "asked": {k: str(v) for k, v in vars(asked).items()}}
    keep(path, {**told, "points": [vars(one) for one in points], "wrong": list(counted.wrong)})
    console.print(f"the same as JSON: {path}")
    return 1 if counted.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
