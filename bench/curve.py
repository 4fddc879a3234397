"""python -m bench.curve: does a draw cost more as the day fills, does memory grow?  成本曲线

fill to a mark -> all drawn -> a quiet minute: what the house does by itself
    -> some seconds of complete draws through the door, until the last is drawn -> next mark
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from rich.table import Table

from bench import counts
from bench.__main__ import RESULTS, console, home_of, prepared, progress
from bench.busy import times_for
from bench.checking import Asked, ask_checks
from bench.contenders import ENTERING, OUTCOME, Running, running_ours
from bench.filling import fill
from bench.house import JUST_OPEN, House, Prepared, running_house
from bench.load import Load, Measured, has_wrk, run_wrk
from bench.machine import SERVER, about, used_by
from bench.runs import PACE_S
from bench.table import keep
from bench.taps import CrowdTooSmallError
from huiquan.cli.starts import LOOPS

DOOR_FILL = 60_000
DOOR_FILL_S = 20
WARM = 5_000
DRAWN_WITHIN_S = 900.0
FASTEST = 20_000
MIB = 2**20
BY_THE_MINUTE = ("jobs", f"{SERVER} for jobs")
DEAREST = 6

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point: how full the day was, what a draw cost there, and how large the processes were.

    A draw is an entry and its known outcome, through the door. cpu_us: CPU in microseconds a draw,
    until the last of them was drawn, by part; filled_us: the same for each entry of the `filled`
    that came since the last point, always in full batches. rounds: how many rounds the draws were
    drawn in; kept: how many of them won. checks:
    what each question of the checks costs here. Memory in MiB, after the draws: own (USS) and
    resident (RSS).
    """

    entries_before: int
    filled: int
    filled_s: float
    filled_us: dict[str, float]
    draws: int
    rounds: int
    kept: int
    each_second: float
    drawn_after_s: float
    cpu_us: dict[str, float]
    checks: list[Asked]
    own_mib: dict[str, float]
    resident_mib: dict[str, float]

    @property
    def draw_us(self) -> float:
        """All that a draw costs, without what jobs does by the minute and not by the draw."""
        return _without_jobs(self.cpu_us)

    @property
    def checks_s(self) -> float:
        """CPU seconds of PostgreSQL for all questions together."""
        return sum(one.cpu_s for one in self.checks)


def _without_jobs(cpu: Mapping[str, float]) -> float:
    return sum(each for name, each in cpu.items() if name not in BY_THE_MINUTE)


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
    asked.add_argument("--batches-after", type=int, help="above so many entries fill in batches")
    when = ("always", "last", "never")
    asked.add_argument("--checks", choices=when, default=when[0], help="at which marks, asked")
    asked.add_argument(
        "--no-jobs",
        action="store_true",
        help="leave out the jobs process: checks each minute, messages to winners",
    )
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


def loops_of(asked: argparse.Namespace) -> Sequence[str]:
    """The loops that run besides web and signers."""
    return [name for name in LOOPS if name != "jobs" or not asked.no_jobs]


def marks_of(asked: argparse.Namespace) -> list[int]:
    """The marks, from the least."""
    return sorted(int(one) for one in asked.marks.split(","))


def is_by_door(asked: argparse.Namespace, mark: int) -> bool:
    """Whether the day fills up to this mark through the door."""
    return asked.fill == "door" and (asked.batches_after is None or mark <= asked.batches_after)


def people_needed(asked: argparse.Namespace) -> int:
    """Enough for the last mark and every measurement."""
    marks = marks_of(asked)
    most: int = marks[-1] + marks[-1] // 20 + len(marks) * asked.seconds * FASTEST // 4 + 2 * WARM
    return most


class Filled(NamedTuple):
    """What filling up to a mark took: how many entries, seconds, and CPU seconds by part."""

    entries: int
    took_s: float
    cpu_s: dict[str, float]


@dataclass
class Day:
    """One day that fills up, in one house that is never restarted."""

    house: House
    running: Running
    asked: argparse.Namespace
    say: Say
    came: int = 0
    door_most: int = DOOR_FILL

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

    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self._ask("select coalesce(sum(next_seq), 0) from lanes"))

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

    def fill_to(self, mark: int) -> Filled:
        """Let people enter until the day has so many entries, the way that was asked for."""
        had, began, own = self.entries(), time.monotonic(), time.process_time()
        before = used_by(self.running.family())
        by_door = is_by_door(self.asked, mark)
        # Through the door the last few would be cut off by the end of a load again and again.
        near = 4 * self.asked.connections if by_door else 1
        while (missing := mark - self.entries()) >= near:
            if by_door:
                most = min(self.door_most, missing)
                taken = self.load("enter", DOOR_FILL_S, most).accepted
                # As many as are likely to come, and half as many again: each is written first.
                self.door_most = max(WARM, taken + taken // 2)
                self.say(f"{self.entries():,} of {mark:,} entries, through the door")
            else:
                self._fill_in_batches(missing, mark)
        counts.wait_drawn(self.address, DRAWN_WITHIN_S)
        cpu_s = used_by(self.running.family()).since(before)
        if not by_door:
            cpu_s["filling"] = time.process_time() - own
        return Filled(self.entries() - had, time.monotonic() - began, cpu_s)

    def _fill_in_batches(self, missing: int, mark: int) -> None:
        if missing > self.asked.people - self.came:
            raise CrowdTooSmallError(missing, self.asked.people - self.came, f"mark {mark:,}")
        began, before = time.monotonic(), mark - missing

        def on(entered: int) -> None:
            pace = entered / (time.monotonic() - began)
            self.say(f"{before + entered:,} of {mark:,} entries, {pace:,.0f} a second")

        asyncio.run(fill(self.house.settings, self.came, missing, on))
        self.came += missing

    def point(self, filled: Filled, *, with_checks: bool) -> Point:
        """Measure here."""
        checks = self._checks() if with_checks else []
        before, had, won = used_by(self.running.family()), self.entries(), self.kept()
        rounds = self.rounds()
        self.say("complete draws through the door")
        most = self.asked.seconds * FASTEST
        measured = self.load("draw", self.asked.seconds, most, OUTCOME, str(PACE_S))
        drawn_s = counts.wait_drawn(self.address, DRAWN_WITHIN_S)
        after = used_by(self.running.family())
        draws = self.entries() - had
        return Point(
            entries_before=had,
            filled=filled.entries,
            filled_s=filled.took_s,
            filled_us=_each(filled.cpu_s, filled.entries),
            draws=draws,
            rounds=self.rounds() - rounds,
            kept=self.kept() - won,
            each_second=measured.known / measured.seconds,
            drawn_after_s=drawn_s,
            cpu_us=_each(after.since(before), draws),
            checks=checks,
            own_mib=_mib(after.memory),
            resident_mib=_mib(after.resident),
        )

    def _checks(self) -> list[Asked]:
        self.say("putting the questions of the checks")
        return ask_checks(self.address, self.house.settings.clock_offset_s)


def _each(cpu_s: Mapping[str, float], count: int) -> dict[str, float]:
    return {part: used * 1e6 / max(1, count) for part, used in cpu_s.items()}


def _mib(found: Any) -> dict[str, float]:
    return {name: size / MIB for name, size in found.items()}


def curve(
    found: Prepared, asked: argparse.Namespace, keep_so_far: Callable[[list[Point]], None]
) -> tuple[list[Point], counts.Counted]:
    """A point at every mark, and at the end the count of everything.

    keep_so_far hears of all points when another is there: a long run may be cut short.
    """
    points: list[Point] = []
    with (
        running_house(found, workers=asked.workers, at=JUST_OPEN, loops=loops_of(asked)) as house,
        progress() as say,
    ):
        day = Day(house, running_ours(house), asked, say)
        day.load("enter", 2, WARM)
        marks = marks_of(asked)
        for mark in marks:
            with_checks = asked.checks == "always" or (asked.checks, mark) == ("last", marks[-1])
            points.append(day.point(day.fill_to(mark), with_checks=with_checks))
            keep_so_far(points)
            console.print(f"{datetime.now(UTC):%H:%M:%S} {mark:,} entries: {_line(points[-1])}")
        say("counting")
        return points, running_ours(house).count(day.entries(), 0)


def _line(one: Point) -> str:
    return (
        f"{one.draw_us:,.0f} µs a draw through the door, {_without_jobs(one.filled_us):,.0f} µs an"
        f" entry of {one.filled:,}; checks {one.checks_s:,.1f} CPU s;"
        f" memory {sum(one.own_mib.values()):,.0f} MiB"
    )


def show(points: Sequence[Point]) -> None:
    """What a draw costs, what an entry cost while the day filled, memory, and the checks."""
    _show("Complete draws through the door: CPU µs each", points, lambda one: one.cpu_us, _draws)
    _show("While the day filled: CPU µs an entry", points, lambda one: one.filled_us, _filled)
    _show("MiB of its own (USS)", points, lambda one: one.own_mib, lambda _: {})
    _show("MiB resident (RSS)", points, lambda one: one.resident_mib, lambda _: {})
    table = Table(title="One run of the checks: CPU s of PostgreSQL", title_justify="left")
    dearest = [one.name for one in points[-1].checks[:DEAREST]]
    for name in ("entries before", "together", *dearest):
        table.add_column(name, justify="right")
    for one in points:
        cost = {
            each.name: f"{each.cpu_s:,.2f}{'' if each.answered else ' +'}" for each in one.checks
        }
        cells = [cost.get(name, "") for name in dearest]
        table.add_row(f"{one.entries_before:,}", f"{one.checks_s:,.1f}", *cells)
    console.print(table)


_more = {True: "", False: " and more"}


def _draws(one: Point) -> dict[str, str]:
    return {
        "draws": f"{one.draws:,}",
        "a round": f"{one.draws / max(1, one.rounds):,.0f}",
        "won": f"{one.kept / max(1, one.draws):.1%}",
        "known/s": f"{one.each_second:,.0f}",
        "together, jobs left out": f"{one.draw_us:,.0f}",
    }


def _filled(one: Point) -> dict[str, str]:
    return {
        "filled": f"{one.filled:,}",
        "a second": f"{one.filled / max(one.filled_s, 1e-9):,.0f}",
        "together, jobs left out": f"{_without_jobs(one.filled_us):,.0f}",
    }


def _show(
    title: str,
    points: Sequence[Point],
    of: Callable[[Point], dict[str, float]],
    more: Callable[[Point], dict[str, str]],
) -> None:
    parts = list(dict.fromkeys(part for one in points for part in of(one)))
    table = Table(title=title, title_justify="left")
    for name in ("entries before", *more(points[0]), *parts):
        table.add_column(name, justify="right")
    for one in points:
        cells = [f"{of(one).get(part, 0.0):,.0f}" for part in parts]
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
    path = asked.out / f"curve-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    told: dict[str, Any] = {"busy": busy, "asked": {k: str(v) for k, v in vars(asked).items()}}

    def keep_so_far(points: list[Point]) -> None:
        keep(path, {**told, "points": [asdict(one) for one in points]})

    try:
        with home_of(asked.home) as home, prepared(home, asked.people, busy) as found:
            told["about"] = about(home)
            points, counted = curve(found, asked, keep_so_far)
    except CrowdTooSmallError as small:
        console.print(f"[bold red]no curve:[/] {small}", soft_wrap=True)
        return 3
    show(points)
    for word in counted.wrong:
        console.print(f"[bold red]wrong:[/] {word}", soft_wrap=True)
    told["wrong"] = list(counted.wrong)
    keep_so_far(points)
    console.print(f"the same as JSON: {path}")
    return 1 if counted.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
