"""Checking each minute, as much as fits: a costly question is asked more seldom.  按成本核对

    due --asked, holds--> resting 500 times as long as the answer took, an hour at most --> due
         \\--asked, does not hold--> due again the next minute, until it holds

So no question takes more than a five-hundredth of the time, however large the tables become, and a
busy machine, which answers slowly, is asked less. Questions that read every person and every entry
are asked about everything every six hours, and in between about what is new since they held: what
is written now is looked at soon, however many have registered before. What stands here is
forgotten when the process ends: the next one begins with every question about everything.
`huiquan check` always asks all about everything.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huiquan.actions.run_checks import CheckRun, run_checks
from huiquan.app import App

REST = 500
REST_MAX_S = 3600.0
EVERYTHING_EVERY_S = 6 * 3600.0
# What began before an answer and was committed after it bears an earlier time; no statement may
# last longer than a minute.
MARGIN = timedelta(minutes=10)


@dataclass
class Checking:
    """What is remembered of each question, by its name; seconds of a clock that never jumps.

    Until when it rests; when, by the house's clock, it held last; until when it need not be asked
    about everything.
    """

    monotonic: Callable[[], float] = time.monotonic
    rests_until: dict[str, float] = field(default_factory=dict)
    held_at: dict[str, datetime] = field(default_factory=dict)
    whole_until: dict[str, float] = field(default_factory=dict)

    async def run(self, app: App) -> CheckRun:
        """Ask what is due."""
        began = self.monotonic()
        resting = {name for name, until in self.rests_until.items() if until > began}
        whole = {name for name, until in self.whole_until.items() if until > began}
        since = {name: at - MARGIN for name, at in self.held_at.items() if name in whole}
        marks: list[tuple[str, float]] = []
        run = await run_checks(
            app,
            resting=resting,
            since=since,
            on_check=lambda name: marks.append((name, self.monotonic())),
        )
        ends = [at for _, at in marks[1:]] + [self.monotonic()]
        for (name, at), end in zip(marks, ends, strict=True):
            self.rests_until[name] = end + min(REST * (end - at), REST_MAX_S)
            self.held_at[name] = run.ran_at
            if name not in since:
                self.whole_until[name] = began + EVERYTHING_EVERY_S
        for failed in run.failed:
            self.rests_until.pop(failed.name, None)
            self.whole_until.pop(failed.name, None)
        return run
