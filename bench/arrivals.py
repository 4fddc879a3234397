"""Arrivals: people who come when they come, whether or not those before them were answered.  到达

An open loop: a slow server does not slow down its visitors. Each person's time counts from the
moment they meant to tap, so that waiting for our own connections counts, too. What the generator
could not keep up with is reported beside the figures, for then they are its own.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.client import Answer, BrokenLineError, Lines, NoLineError, get, post
from bench.load import percentile_ms
from bench.taps import Tap

TICK_S = 0.002
BROKEN_PAUSE_S = 1.0
LATE_S = 0.05
ANSWER_WITHIN_S = 10.0
ASK_AGAIN = {429, 503}
# Refused today, but not for ever: before ten o'clock everybody is told that the draw is not open.
NOT_YET = (b'"not_yet_open"',)


@dataclass
class Seen:
    """What a crowd saw, kept outside the database: who asked, who was told yes, and how it took.

    Times in seconds. entered: how long until a person had a receipt, from when they first meant to
    tap; admitted: how long the server took for it, at the try that was let in; known: until they
    knew what they drew. statuses counts every answer; late and the CPU are those of the generator.
    """

    asked: set[str] = field(default_factory=set)
    told: dict[str, float] = field(default_factory=dict)
    entered_s: list[float] = field(default_factory=list)
    admitted_s: list[float] = field(default_factory=list)
    known_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    gave_up: int = 0
    no_line: int = 0
    late: int = 0
    ran_out: bool = False
    arrived: int = 0
    seconds: float = 0.0
    own_cpu_s: float = 0.0
    faults: list[str] = field(default_factory=list)

    def told_between(self, first: float, last: float) -> int:
        """How many were told yes between two moments of the monotonic clock."""
        return sum(first <= at < last for at in self.told.values())

    def summary(self) -> dict[str, float | int]:
        """The figures of a table."""
        return {
            "arrived": self.arrived,
            "arrivals_each_second": round(self.arrived / self.seconds) if self.seconds else 0,
            "entered": len(self.told),
            "refused_answers": sum(n for code, n in self.statuses.items() if code in ASK_AGAIN),
            "broken": self.broken,
            "gave_up": self.gave_up,
            "admitted_p99_ms": percentile_ms(self.admitted_s, 99),
            "entered_p50_ms": percentile_ms(self.entered_s, 50),
            "entered_p99_ms": percentile_ms(self.entered_s, 99),
            "known_p50_ms": percentile_ms(self.known_s, 50),
            "known_p99_ms": percentile_ms(self.known_s, 99),
            "generator_late": self.late,
            "never_left": self.no_line,
            "crowd_ran_out": self.ran_out,
            "generator_cores": round(self.own_cpu_s / self.seconds, 2) if self.seconds else 0.0,
        }


@dataclass(kw_only=True)
class Street:
    """The way to one server, and how people walk it.

    name_of says under which name an answer is kept; outcome and pace_s say where and how often a
    page asks what came of it; patience_s is how long somebody keeps tapping.
    """

    lines: Lines
    seen: Seen
    ahead_s: int
    entering: str
    name_of: Callable[[Tap], str]
    outcome: str | None = None
    pace_s: float = 0.25
    patience_s: float = 60.0
    obeys: bool = True
    _second: int = 0
    _fix: str = ""

    async def person(self, tap: Tap, due: float) -> None:
        """Tap until there is a receipt, then ask until the outcome is known."""
        name = self.name_of(tap)
        self.seen.asked.add(name)
        if await self._enter(tap, name, due) and self.outcome is not None:
            await self._wait_known(tap, due)

    async def _enter(self, tap: Tap, name: str, due: float) -> bool:
        while True:
            try:
                raw = post(self.lines.host, self.entering, tap.token, tap.body + self._now())
                answer = await self.lines.ask(raw, ANSWER_WITHIN_S)
            except NoLineError:
                self.seen.no_line += 1
                return False
            except BrokenLineError:
                self.seen.broken += 1
                wait_s = BROKEN_PAUSE_S * (0.5 + random.random())
            else:
                self.seen.statuses[answer.status] += 1
                if answer.status == 200:
                    self._keep(name, due, answer.took_s)
                    return True
                if not _may_ask_again(answer):
                    self.seen.refusals[answer.body[:60].decode("utf-8", "replace")] += 1
                    return False
                wait_s = self._pause_s(answer)
            if time.monotonic() - due + wait_s > self.patience_s:
                self.seen.gave_up += 1
                return False
            await asyncio.sleep(wait_s)

    def _pause_s(self, answer: Answer) -> float:
        """A page waits as long as it is asked to, and a little more; a bot does not wait."""
        if not self.obeys:
            return 0.0
        asked = answer.retry_after_s
        return (BROKEN_PAUSE_S if asked is None else asked) * (1 + random.random() / 2)

    def _keep(self, name: str, due: float, took_s: float) -> None:
        now = time.monotonic()
        self.seen.admitted_s.append(took_s)
        self.seen.told.setdefault(name, now)
        self.seen.entered_s.append(now - due)

    async def _wait_known(self, tap: Tap, due: float) -> None:
        assert self.outcome is not None
        raw = get(self.lines.host, self.outcome, tap.token)
        while time.monotonic() - due < self.patience_s:
            await asyncio.sleep(self.pace_s)
            try:
                answer = await self.lines.ask(raw, ANSWER_WITHIN_S)
            except (BrokenLineError, NoLineError):
                self.seen.broken += 1
                continue
            if answer.status == 200 and b'"state":"pending"' not in answer.body:
                self.seen.known_s.append(time.monotonic() - due)
                return
        self.seen.gave_up += 1

    def _now(self) -> str:
        """The end of a body: a fix of the place taken this second, by the server's clock."""
        second = int(time.time())
        if second != self._second:
            at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=self.ahead_s)
            self._second, self._fix = second, f'{at.isoformat()}"}}}}'
        return self._fix


def _may_ask_again(answer: Answer) -> bool:
    return answer.status in ASK_AGAIN or any(code in answer.body for code in NOT_YET)


Coming = Callable[[Tap, float], Coroutine[Any, Any, None]]


async def arrive(
    taps: Iterable[Tap], each_second: float, seconds: float, coming: Coming, seen: Seen
) -> list["asyncio.Task[None]"]:
    """Let people come at a rate for some seconds; gives those who are still under way.

    Somebody who starts more than `LATE_S` after their moment is counted as late: the generator is
    then the limit.
    """
    began, cpu = time.monotonic(), time.process_time()
    under_way: set[asyncio.Task[None]] = set()

    def done(task: "asyncio.Task[None]") -> None:
        under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            seen.faults.append(repr(task.exception()))

    people = iter(taps)
    turn = 0
    while (now := time.monotonic()) - began < seconds:
        while (due := began + turn / each_second) <= now:
            tap = next(people, None)
            if tap is None:
                seen.ran_out = True
                break
            task = asyncio.create_task(coming(tap, due))
            under_way.add(task)
            task.add_done_callback(done)
            seen.late += now - due > LATE_S
            turn += 1
        await asyncio.sleep(TICK_S)
    seen.arrived += turn
    seen.seconds += time.monotonic() - began
    seen.own_cpu_s += time.process_time() - cpu
    return list(under_way)


async def all_home(under_way: Iterable["asyncio.Task[None]"], within_s: float, seen: Seen) -> int:
    """Wait for those under way; gives how many were not done in time, and ends them.

    Raises RuntimeError if a person of ours stumbled: then the figures are worth nothing.
    """
    left = set(under_way)
    if left:
        _, left = await asyncio.wait(left, timeout=within_s)
    for task in left:
        task.cancel()
    if seen.faults:
        raise RuntimeError(f"{len(seen.faults)} people stumbled: {seen.faults[0]}")
    return len(left)
