"""One round of one contender: warmed up, loaded, counted.  一轮测量"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import uvloop

from bench.arrivals import Seen, Street, all_home, arrive
from bench.client import Lines
from bench.contenders import CONSTANT, ENTERING, OUTCOME, Contender, Running
from bench.counts import Counted
from bench.figures import Figure
from bench.load import Load, Measured, run_wrk
from bench.machine import used_by
from bench.taps import HANDS
from huiquan.cli.starts import port_of

WARM_S = 2
PACE_S = 0.25
# Where questions are held, wrk's people come back when most outcomes are there: a held question
# takes one of its few connections, of which people have one each.
BACK_AFTER_S = 0.5
LINES = 1000
HOME_WITHIN_S = 60

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How it is measured: on how many connections, for how long, with how many people.

    wait_s: how long the server may hold a question for an outcome; 0 if it answers at once.
    """

    connections: tuple[int, ...]
    seconds: int
    people: int
    pace_s: float = PACE_S
    wait_s: int = 0


@dataclass
class Hands:
    """Deals the taps of a crowd, each person once."""

    running: Running
    people: int
    first: int = 0

    def deal(self, share: float) -> str:
        """The next share of the crowd, as files for wrk; gives their name without the number."""
        count = int(self.people * share)
        into = self.running.taps.deal(self.first, count)
        self.first += count
        return into


@dataclass
class Round:
    """What is known while a contender runs: who was acknowledged, and who may have been cut off."""

    running: Running
    contender: Contender
    plan: Plan
    hands: Hands
    say: Say
    acknowledged: int = 0
    in_flight: int = 0
    figures: list[Figure] = field(default_factory=list)

    def enter(
        self, connections: int, share: float, seconds: int
    ) -> tuple[Measured, dict[str, float]]:
        """Everybody enters once; gives what wrk saw and the CPU seconds by part."""
        return self._tap("enter", connections, share, seconds, ())

    def draw(self, connections: int, share: float) -> tuple[Measured, dict[str, float]]:
        """Everybody enters once and asks until the outcome is known, or once if that is held."""
        held = self.plan.wait_s
        path = f"{OUTCOME}?wait={held}" if held else OUTCOME
        back_after_s = BACK_AFTER_S if held else self.plan.pace_s
        more = (path, str(back_after_s))
        return self._tap("draw", connections, share, self.plan.seconds, more)

    def _tap(
        self, script: str, connections: int, share: float, seconds: int, more: tuple[str, ...]
    ) -> tuple[Measured, dict[str, float]]:
        running = self.running
        arguments = (self.hands.deal(share), str(running.ahead_s), ENTERING, *more)
        before = used_by(running.family())
        measured = run_wrk(
            Load(
                url=running.url,
                script=script,
                arguments=arguments,
                connections=connections,
                threads=HANDS,
                seconds=seconds,
            )
        )
        used = used_by(running.family()).since(before)
        self.acknowledged += measured.entered if script == "draw" else measured.accepted
        # Receipts that came in the last moment are not seen by the script either.
        self.in_flight += connections + measured.broken
        return measured, used


def measure(contender: Contender, plan: Plan, say: Say) -> list[Figure]:
    """One round of a contender, from a fresh start to the count."""
    with contender.running() as running:
        hands = Hands(running, plan.people)
        one = Round(running, contender, plan, hands, say)
        _constant(one)
        say("warming up")
        one.enter(plan.connections[0], 0.04, WARM_S)
        _entries(one)
        if contender.name == "ours":
            _draws(one)
            _known(one)
        say("counting")
        counted = running.count(one.acknowledged, one.in_flight)
        return [_with(figure, counted) for figure in one.figures]


def _with(figure: Figure, counted: Counted) -> Figure:
    return figure if figure.what == "constant" else replace(figure, wrong=counted.wrong)


def _constant(one: Round) -> None:
    for connections in one.plan.connections:
        one.say(f"constant answers, {connections} connections")
        before = used_by(one.running.family())
        url, seconds = one.running.url + CONSTANT, one.plan.seconds
        load = Load(url=url, script="constant", connections=connections, seconds=seconds)
        measured = run_wrk(load)
        used = used_by(one.running.family()).since(before)
        one.figures.append(_figure(one, "constant", connections, measured, measured.accepted, used))


def _entries(one: Round) -> None:
    share = 0.46 if one.contender.name == "ours" else 0.9
    for connections in one.plan.connections:
        one.say(f"entries, {connections} connections")
        part = share / len(one.plan.connections)
        measured, used = one.enter(connections, part, one.plan.seconds)
        one.figures.append(_figure(one, "entries", connections, measured, measured.accepted, used))


def _draws(one: Round) -> None:
    for connections in one.plan.connections:
        one.say(f"complete draws, {connections} connections")
        measured, used = one.draw(connections, 0.3 / len(one.plan.connections))
        figure = _figure(one, "draws", connections, measured, measured.known, used)
        polls = measured.pending / max(1, measured.known)
        note = f"{polls:.2f} questions too early for each draw"
        one.figures.append(replace(figure, notes=(*figure.notes, note)))


def _figure(
    one: Round, what: str, connections: int, measured: Measured, done: int, used: dict[str, float]
) -> Figure:
    dry = ("the taps did not last: more --people",) if measured.dry else ()
    return Figure(
        contender=one.contender.name,
        title=one.contender.title,
        what=what,
        connections=connections,
        each_second=done / measured.seconds,
        p50_ms=measured.p50_ms,
        p99_ms=measured.p99_ms,
        cpu_us={name: cpu_s * 1e6 / max(1, done) for name, cpu_s in used.items()},
        refused=measured.refused,
        broken=measured.broken,
        notes=dry,
    )


def _known(one: Round) -> None:
    """At half of what was just found, when does a person know what they drew?"""
    draws = [figure for figure in one.figures if figure.what == "draws"]
    rate = max(figure.each_second for figure in draws) / 2
    if rate < 1:
        return
    one.say(f"time to a known outcome at {rate:.0f} arrivals a second")
    before = used_by(one.running.family())
    seen = uvloop.run(_half(one, rate))
    used = used_by(one.running.family()).since(before)
    told = len(seen.told)
    one.acknowledged += told
    one.in_flight += seen.broken
    summary = seen.summary()
    notes = [f"generator used {summary['generator_cores']} cores"]
    if seen.late:
        notes.append(f"{seen.late} of {seen.arrived} came late: the generator was the limit")
    one.figures.append(
        Figure(
            contender=one.contender.name,
            title=one.contender.title,
            what="known",
            connections=LINES,
            each_second=len(seen.known_s) / max(seen.seconds, 1e-9),
            p50_ms=summary["known_p50_ms"],
            p99_ms=summary["known_p99_ms"],
            cpu_us={name: cpu_s * 1e6 / max(1, told) for name, cpu_s in used.items()},
            refused=int(summary["refused_answers"]),
            broken=seen.broken,
            notes=tuple(notes),
        )
    )


async def _half(one: Round, rate: float) -> Seen:
    count = min(int(one.plan.people * 0.18), int(rate * one.plan.seconds) + 1)
    taps = one.running.taps.some(one.hands.first, count)
    one.hands.first += count
    # A question that is held until the outcome is there needs no pause before the next.
    held = one.plan.wait_s
    outcome, pace_s = (f"{OUTCOME}?wait={held}", 0.0) if held else (OUTCOME, one.plan.pace_s)
    with street(one.running, most=LINES, outcome=outcome, pace_s=pace_s) as walked:
        coming = arrive(taps, rate, one.plan.seconds, walked.person, walked.seen)
        await all_home(await coming, HOME_WITHIN_S, walked.seen)
        return walked.seen


@contextmanager
def street(
    running: Running,
    *,
    most: int,
    pace_s: float = PACE_S,
    outcome: str | None = OUTCOME,
    patience_s: float = 60.0,
) -> Iterator[Street]:
    """The way to a contender for people of our own client."""
    lines = Lines("127.0.0.1", int(port_of(running.url)), most)
    try:
        yield Street(
            lines=lines,
            seen=Seen(),
            ahead_s=running.ahead_s,
            entering=ENTERING,
            name_of=running.name_of,
            outcome=outcome,
            pace_s=pace_s,
            patience_s=patience_s,
        )
    finally:
        lines.close()


def kill_under_load(
    contender: Contender,
    rate: float,
    seconds: int,
    people: int,
    as_killed: Callable[[Running], Running] = lambda running: running,
) -> dict[str, int]:
    """kill -9 what remembers while people enter, start it again, and see who was forgotten.

    as_killed may put something harder in the place of kill -9.
    """
    with contender.running() as found:
        running = as_killed(found)
        seen = uvloop.run(_killed(running, rate, seconds, people))
        running.restart()
        stored = running.stored()
    told = set(seen.told)
    return {
        "acknowledged": len(told),
        "lost": len(told - stored),
        "kept though not acknowledged": len(stored - told),
        "never asked for": len(stored - seen.asked),
    }


async def _killed(running: Running, rate: float, seconds: int, people: int) -> Seen:
    taps = running.taps.some(0, min(people, int(rate * seconds) + 1))
    # Nobody taps twice here: what was acknowledged before the end is what counts.
    with street(running, most=256, outcome=None, patience_s=0) as walked:
        killing = asyncio.create_task(_kill_later(running, seconds * 0.7))
        under_way = await arrive(taps, rate, seconds, walked.person, walked.seen)
        await killing
        await all_home(under_way, 15, walked.seen)
        return walked.seen


async def _kill_later(running: Running, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await asyncio.to_thread(running.kill)
