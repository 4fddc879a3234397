"""python -m bench: the table.  性能对照表"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.status import Status

from bench.contenders import Contender, Ours, Running
from bench.figures import Figure, medians, rate_of
from bench.house import Prepared, level, prepared_house, server_settings
from bench.load import has_wrk
from bench.machine import about, version_of
from bench.others import NGINX, REDIS, Plain, Recipe, has_plain, has_recipe
from bench.powercuts import disk, with_power_cut
from bench.runs import Plan, kill_under_load, measure
from bench.table import keep, show, show_kills

console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
RESULTS = Path(".bench/results")
KILL_SHARE = 0.7
KILL_MOST = 4000
KILL_S = 6
CUT_PEOPLE = 30_000
SAY_EVERY_S = 15.0


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--rounds", type=int, default=3, help="rounds of each contender")
    asked.add_argument("--seconds", type=int, default=8, help="length of each measurement")
    asked.add_argument("--connections", default="64,256,1024,4096", help="with commas")
    asked.add_argument("--people", type=int, default=1_200_000, help="size of the prepared crowd")
    asked.add_argument("--workers", type=int, default=1, help="web processes of ours")
    asked.add_argument("--plain-workers", type=int, default=2, help="web processes of (c)")
    asked.add_argument("--wait", type=int, default=0, help="seconds a question may be held")
    asked.add_argument("--only", default="", help="words of contenders' names, with commas")
    asked.add_argument("--no-kills", action="store_true", help="leave out kill -9")
    asked.add_argument("--home", type=Path, help="prepare the crowd here and keep it")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    return asked.parse_args(words)


@contextmanager
def home_of(wanted: Path | None) -> Iterator[Path]:
    """The directory that was asked for, kept; or one that is forgotten at the end."""
    if wanted is not None:
        yield wanted.resolve()
        return
    home = Path(tempfile.mkdtemp(prefix="huiquan-bench-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Says what is going on: in one line that changes, or, into a file, a line now and then."""
    if console.is_terminal:
        with console.status("…") as status:
            yield lambda word: status.update(f"{word} …")
        return
    last = [0.0]

    def say(word: str) -> None:
        if time.monotonic() - last[0] >= SAY_EVERY_S:
            last[0] = time.monotonic()
            console.print(f"{datetime.now(UTC):%H:%M:%S} {word} …")

    yield say


@contextmanager
def prepared(home: Path, people: int, busy: int = 0) -> Iterator[Prepared]:
    """A prepared house, with what is going on shown."""
    with ExitStack() as stack:
        with progress() as say:
            say("starting PostgreSQL")

            def on(done: int) -> None:
                say(f"registering people: {done:,} of {people:,}")

            found = stack.enter_context(prepared_house(home, people, on, busy))
        yield found


def contenders(found: Prepared, asked: argparse.Namespace) -> list[Contender]:
    """Those that are here and were asked for; who is left out is named."""
    every: list[Contender] = [Ours(prepared=found, workers=asked.workers)]
    if has_plain():
        every.append(Plain(prepared=found, workers=asked.plain_workers))
    else:
        console.print("(c) is left out: install requirements/bench.txt")
    if has_recipe():
        every += [Recipe(prepared=found, fsync=fsync) for fsync in ("everysec", "always")]
    else:
        console.print("(d) is left out: nginx with Lua and Redis are not installed")
    wanted = asked.only.split(",")
    return [one for one in every if any(word in f"{one.name} {one.title}" for word in wanted)]


def _say(status: Status, head: str, word: str) -> None:
    status.update(f"{head}: {word} …")


def _rounds(found: Prepared, every: list[Contender], asked: argparse.Namespace) -> list[Figure]:
    plan = Plan(
        connections=tuple(int(one) for one in asked.connections.split(",")),
        seconds=asked.seconds,
        people=asked.people,
        wait_s=asked.wait,
    )
    figures: list[Figure] = []
    for number in range(asked.rounds):
        # Everybody goes first once: what a neighbour leaves behind hits all alike.
        turn = number % len(every)
        for one in (*every[turn:], *every[:turn]):
            level(found.embedded)
            head = f"round {number + 1} of {asked.rounds}, {one.title}"
            with console.status(f"{head} …") as status:
                figures += measure(one, plan, partial(_say, status, head))
            console.print(f"{head}: done")
    return figures


Kills = dict[str, dict[str, int]]
Hard = Callable[[Running], Running]


def _kills(
    every: list[Contender], figures: list[Figure], people: int, word: str, hard: Hard
) -> Kills:
    """What each contender forgets when what remembers is killed under load."""
    found: Kills = {}
    lines = medians(figures)
    for one in every:
        rate = rate_of(lines, one.name, "entries", lines[0].connections) or 100.0
        rate = min(KILL_MOST, max(20.0, rate * KILL_SHARE))
        with console.status(f"{word} under load, {one.title} …"):
            found[one.title] = kill_under_load(one, rate, KILL_S, people, hard)
    return found


def _as_it_is(running: Running) -> Running:
    return running


def _power_cuts(figures: list[Figure], asked: argparse.Namespace) -> Kills:
    """The same with a power cut, on a disk of its own; nothing where none can be made."""
    with disk() as on:
        if on is None:
            console.print("no power cuts: they need root, and a disk that is a file")
            return {}
        with prepared(on.mount / "home", CUT_PEOPLE) as found:
            hard = partial(with_power_cut, on=on, embedded=found.embedded)
            return _kills(contenders(found, asked), figures, CUT_PEOPLE, "power cut", hard)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, keep; exit status 1 when somebody's tables were wrong."""
    asked = arguments(words)
    if not has_wrk():
        console.print("wrk is not installed (make bench does it where it may)")
        return 2
    with home_of(asked.home) as home, prepared(home, asked.people) as found:
        every = contenders(found, asked)
        facts = about(home)
        settings = server_settings(found.embedded)
        facts["PostgreSQL"] = ", ".join(f"{name} {value}" for name, value in settings.items())
        facts["nginx, Redis"] = f"{version_of(NGINX, '-v')}; {version_of(REDIS, '--version')}"
        facts["load"] = f"{version_of('wrk', '-v')}, on the same machine"
        figures = _rounds(found, every, asked)
        lines = medians(figures)
        show(console, lines, facts)
        # Kept now and again after the kills: a drill that fails takes no figure with it.
        path = asked.out / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
        results = {"about": facts, "figures": [one.plain() for one in lines]}
        keep(path, results)
        kills: Kills = {}
        if not asked.no_kills:
            kills = _kills(every, figures, asked.people, "kill -9", _as_it_is)
            show_kills(console, "kill -9", kills)
    cuts = {} if asked.no_kills else _power_cuts(figures, asked)
    show_kills(console, "power cut", cuts)
    keep(path, results | {"kills": kills, "power_cuts": cuts})
    console.print(f"the same as JSON: {path}")
    return 1 if any(one.wrong for one in lines if one.contender == "ours") else 0


if __name__ == "__main__":
    raise SystemExit(main())
