"""The load: wrk with prepared requests, and what it says about them.  负载

wrk keeps a number of connections busy: each sends its next request when the last is answered. So it
finds what a server can do, and never more than that; for arrivals that do not wait see `arrivals`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "wrk"
TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is asked: a script with its arguments, on so many connections, for so long."""

    url: str
    script: str
    arguments: tuple[str, ...] = ()
    connections: int
    threads: int = 2
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What came back. Times in milliseconds, of single requests.

    broken: no answer, or half of one; refused: answered with 4xx or 5xx. entered, known and
    pending are counted by the script that follows each person; dry: the taps did not last.
    """

    seconds: float
    requests: int
    broken: int
    refused: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    entered: int
    known: int
    pending: int
    dry: int

    @property
    def accepted(self) -> int:
        """Requests that were answered, and not refused."""
        return self.requests - self.refused

    @property
    def each_second(self) -> float:
        """Accepted requests a second."""
        return self.accepted / self.seconds


def percentile_ms(times_s: Sequence[float], percent: int) -> float:
    """The time that so many percent did not exceed, in milliseconds; 0 when there is none."""
    if not times_s:
        return 0.0
    ordered = sorted(times_s)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


def has_wrk() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def run_wrk(load: Load) -> Measured:
    """Put a load on a server and wait for the end; RuntimeError with wrk's own words."""
    words = [
        *("wrk", "--latency", "--timeout", f"{TIMEOUT_S}s", "-d", f"{load.seconds}s"),
        *("-c", str(load.connections), "-t", str(load.threads)),
        *("-s", str(SCRIPTS / f"{load.script}.lua"), load.url, "--", *load.arguments),
    ]
    told = subprocess.run(
        words,
        env={**os.environ, "BENCH_WRK": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in told.stdout.splitlines() if line.startswith("{")]
    if told.returncode or not lines:
        raise RuntimeError(f"wrk: {told.stdout}{told.stderr}")
    return Measured(**json.loads(lines[-1]))
