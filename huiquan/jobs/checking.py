"""Checking each minute, as much as fits: a costly question is asked more seldom.  按成本核对

    due --asked, holds--> resting 500 times as long as the answer took, an hour at most --> due
         \\--asked, does not hold--> due again the next minute, until it holds

So no question takes more than a five-hundredth of the time, however large the tables become, and a
busy machine, which answers slowly, is asked less. What stands here is forgotten when the process
ends: the next one begins with every question. `huiquan check` always asks all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from huiquan.actions.run_checks import CheckRun, run_checks
from huiquan.app import App

REST = 500
REST_MAX_S = 3600.0


@dataclass
class Checking:
    """Until when each question rests, by its name; seconds of a clock that never jumps."""

    monotonic: Callable[[], float] = time.monotonic
    rests_until: dict[str, float] = field(default_factory=dict)

    async def run(self, app: App) -> CheckRun:
        """Ask what is due."""
        began = self.monotonic()
        resting = {name for name, until in self.rests_until.items() if until > began}
        marks: list[tuple[str, float]] = []
        run = await run_checks(
            app,
            resting=resting,
            on_check=lambda name: marks.append((name, self.monotonic())),
        )
        ends = [at for _, at in marks[1:]] + [self.monotonic()]
        for (name, at), end in zip(marks, ends, strict=True):
            self.rests_until[name] = end + min(REST * (end - at), REST_MAX_S)
        for failed in run.failed:
            self.rests_until.pop(failed.name, None)
        return run
