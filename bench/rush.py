"""python -m bench.rush: ten o'clock, ten times over.  十点高峰演练"""

import argparse
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from rich.table import Table

from bench.__main__ import RESULTS, console, home_of, prepared, progress
from bench.contenders import running_ours
from bench.goals import Goal, goals_of_outages, goals_of_storms
from bench.house import House, Prepared, running_house, wait_until_checked
from bench.load import has_wrk
from bench.machine import about, used_by
from bench.outages import MOMENTS, PARTS, outage
from bench.slowed import slowed
from bench.storms import BOTS, PROBES, Crowd, capacity, slow_clients, storm
from bench.table import keep
from bench.taps import CrowdTooSmallError

WARM_S = 3
CAPACITY_S = (6, 6, 6)
FASTEST = 12_000  # entries a second that no house on this kind of machine exceeds
CALM_S = 6
CONNECTIONS = 256
SLOW = 300
BOT_LINES = 1000
PATIENCE_S = 20.0
LOOKS = 20


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench.rush", description=__doc__)
    asked.add_argument("--people", type=int, default=1_500_000, help="size of the prepared crowd")
    asked.add_argument("--seconds", type=int, default=60, help="length of the overload")
    asked.add_argument("--times", type=float, default=10, help="how many times the capacity comes")
    asked.add_argument("--most", type=int, default=2000, help="connections of the generator")
    asked.add_argument(
        "--cores", type=float, default=0, help="hold the house to so many cores; 0: all there are"
    )
    asked.add_argument("--connections", type=int, default=CONNECTIONS, help="to find the capacity")
    asked.add_argument("--bots", type=int, default=BOT_LINES, help="connections of the bots")
    asked.add_argument("--workers", type=int, default=1, help="web processes")
    asked.add_argument("--outage-people", type=int, default=1500, help="people of each outage")
    asked.add_argument("--no-outages", action="store_true")
    asked.add_argument("--no-storms", action="store_true")
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


def storms(found: Prepared, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything on one running house, one storm after the other, counted at the end."""
    with running_house(found, workers=asked.workers, limits=True) as house, progress() as say:
        say("the first checks")
        wait_until_checked(house)
        with held_to(house, asked.cores):
            return _storms(house, asked, say)


def _storms(house: House, asked: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    say("capacity")
    running = running_ours(house)
    crowd = Crowd(running, asked.people)
    fastest = FASTEST * (min(1.0, asked.cores) if asked.cores else 1.0)
    # The best of some: what the house can do, and not what something else let it do for a moment.
    able = max(
        capacity(crowd, seconds, asked.connections, int(fastest * seconds))
        for seconds in (WARM_S, *CAPACITY_S)
    )
    told: dict[str, Any] = {"capacity": round(able), "cores": asked.cores}
    enough(crowd, able, asked)
    rows: dict[str, dict[str, Any]] = {}
    for one in weathers(asked):
        say(f"{one.name}: {able * one.times:,.0f} arrivals a second")
        rows[one.name] = uvloop.run(_play(crowd, one, able, asked.most))
        console.print(f"{one.name}: done")
    say("counting")
    told_yes = crowd.told
    counted = running.count(crowd.acknowledged + len(told_yes), crowd.in_flight + _unsure(crowd))
    told["lost"] = len(told_yes - running.stored())
    told["wrong"] = list(counted.wrong)
    told["numbers"] = counted.numbers
    told["storms"] = rows
    return told


@contextmanager
def held_to(house: House, cores: float) -> Iterator[None]:
    """The house held to so many cores; 0 leaves it as it is. RuntimeError where nobody may."""
    if not cores:
        yield
        return
    with slowed(cores) as group:
        if group is None:
            raise RuntimeError("--cores needs root, and control groups of Linux")
        group.take(pid for eldest in house.family.values() for pid in eldest)
        yield


@dataclass(frozen=True, kw_only=True)
class Weather:
    """One storm: how many times the capacity comes, for how long, and who else presses."""

    name: str
    times: float
    seconds: int
    bots: int = 0
    slow: int = 0


def weathers(asked: argparse.Namespace) -> list[Weather]:
    """All storms, in their order."""
    half = max(1, asked.seconds // 2)
    return [
        Weather(name="half of capacity", times=0.5, seconds=CALM_S),
        Weather(name=f"{asked.times:g} × capacity", times=asked.times, seconds=asked.seconds),
        Weather(name="3 × the people, who tap again", times=3.0, seconds=half),
        Weather(name="and bots, who do not wait", times=3.0, seconds=half, bots=asked.bots),
        Weather(name="half of capacity, slow clients", times=0.5, seconds=CALM_S, slow=SLOW),
    ]


def people_needed(able: float, every: Sequence[Weather]) -> int:
    """How many people all storms need after the capacity was found."""
    come = sum(int(able * one.times * one.seconds) + 1 for one in every)
    return come + len(every) * (BOTS + PROBES * LOOKS)


def enough(crowd: Crowd, able: float, asked: argparse.Namespace) -> None:
    """Raises CrowdTooSmallError before the first storm when people would not last to the end."""
    needed, left = people_needed(able, weathers(asked)), crowd.people - crowd.first
    if needed > left:
        raise CrowdTooSmallError(needed, left, f"a capacity of {able:,.0f} entries a second")


async def _play(crowd: Crowd, one: Weather, able: float, most: int) -> dict[str, Any]:
    # A collection among a hundred thousand people takes longer than a moment of theirs.
    gc.collect()
    gc.disable()
    before, began = used_by(crowd.running.family()), time.monotonic()
    async with slow_clients(crowd.running, one.slow):
        found = await storm(
            crowd,
            rate=able * one.times,
            seconds=one.seconds,
            most=most,
            patience_s=PATIENCE_S,
            bots=one.bots,
        )
    used_s = sum(used_by(crowd.running.family()).since(before).values())
    cores = round(used_s / (time.monotonic() - began), 2)
    gc.enable()
    return {"times": one.times, "seconds": one.seconds, "house_cores": cores, **found}


def _unsure(crowd: Crowd) -> int:
    """People who asked and were never told: each of them may have an entry."""
    return sum(len(seen.asked) - len(seen.told) for seen in crowd.seen)


def _show_storms(told: dict[str, Any]) -> None:
    able = told["capacity"]
    held = f" on {told['cores']:g} cores" if told["cores"] else ""
    title = f"Storms; capacity just before{held}: {able:,} entries a second"
    table = Table(title=title, title_justify="left")
    table.add_column("weather")
    for name in (
        "people/s came",
        "answers/s",
        "bots/s",
        "goodput/s",
        "of capacity",
        "admitted p99 ms",
        "calm after s",
        "gave up",
        "cores of the house",
        "generator",
    ):
        table.add_column(name, justify="right")
    for name, one in told["storms"].items():
        late = one["generator_late"] / max(1, one["arrived"])
        table.add_row(
            name,
            f"{one['arrivals_each_second']:,}",
            f"{one['answers_each_second']:,}",
            f"{one['bots_each_second']:,}",
            f"{one['goodput']:,}",
            f"{one['goodput'] / max(1, able):.0%}",
            f"{one['admitted_p99_ms']:,.0f}",
            f"{one['calm_after_s']:.0f}",
            f"{one['gave_up']:,}",
            f"{one['house_cores']:.2f}",
            f"{one['generator_cores']:.2f} cores, {late:.0%} late, "
            f"{one['never_left']:,} never left"
            + (", crowd too small" if one["crowd_ran_out"] else ""),
        )
    console.print(table)
    for word in told["wrong"]:
        console.print(f"[bold red]wrong:[/] {word}", soft_wrap=True)


def outages(found: Prepared, asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Each part, each moment, each in a fresh house."""
    told = {}
    for part in PARTS:
        for moment in MOMENTS:
            name = f"{part} away, {moment}"
            told[name] = outage(found, asked.workers, part, moment, asked.outage_people)
            console.print(f"{name}: done")
    return told


def _show_outages(told: dict[str, dict[str, Any]]) -> None:
    table = Table(title="Outages around ten o'clock", title_justify="left")
    table.add_column("outage")
    names = [name for name in next(iter(told.values())) if name != "wrong"]
    for name in (*names, "counted"):
        table.add_column(name, justify="right")
    for name, one in told.items():
        right = "[red]wrong[/]" if one["wrong"] else "right"
        table.add_row(name, *(str(one[each]) for each in names), right)
    console.print(table)
    for name, one in told.items():
        for word in one["wrong"]:
            console.print(f"[bold red]{name}:[/] {word}", soft_wrap=True)


def main(words: Sequence[str] | None = None) -> int:
    """Play, show, keep; exit status 1 when an entry was lost, doubled or denied."""
    asked = arguments(words)
    if not has_wrk():
        console.print("wrk is not installed (make rush does it where it may)")
        return 2
    told: dict[str, Any] = {}
    with home_of(asked.home) as home, prepared(home, asked.people) as found:
        told["about"] = about(home)
        try:
            if not asked.no_storms:
                told["storms"] = storms(found, asked)
                _show_storms(told["storms"])
        except CrowdTooSmallError as small:
            console.print(f"[bold red]no figures:[/] {small}", soft_wrap=True)
            return 3
        if not asked.no_outages:
            told["outages"] = outages(found, asked)
            _show_outages(told["outages"])
    goals = goals_of_storms(told["storms"]) if "storms" in told else []
    goals += goals_of_outages(told.get("outages", {}))
    _show_goals(goals)
    told["goals"] = [vars(one) for one in goals]
    path = asked.out / f"rush-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    keep(path, told)
    console.print(f"the same as JSON: {path}")
    return 1 if _is_broken(told) else 0


def _show_goals(goals: Sequence[Goal]) -> None:
    table = Table(title="What was promised", title_justify="left")
    for name in ("promise", "measured", ""):
        table.add_column(name)
    for one in goals:
        table.add_row(one.promise, one.measured, "kept" if one.kept else "[red]not kept[/]")
    console.print(table)


def _is_broken(told: dict[str, Any]) -> bool:
    weather = told.get("storms", {"wrong": [], "lost": 0})
    denied = any(not one.kept for one in goals_of_outages(told.get("outages", {})))
    return bool(weather["wrong"] or weather["lost"] or denied)


if __name__ == "__main__":
    raise SystemExit(main())
