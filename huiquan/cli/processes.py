"""The processes of a house on one machine: started in order, revived, stopped.  进程"""

import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A slow or busy machine reads our code for the better part of a minute.
READY_WAIT_S = 90.0
STOP_WAIT_S = 10.0
RESTART_WAIT_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Start:
    """One process to start: what it runs, and where it answers once it is ready."""

    name: str
    arguments: Sequence[str]
    ready_url: str | None = None


@dataclass
class Child:
    """One process of ours: what it runs, where it writes, where one asks whether it is ready."""

    name: str
    arguments: Sequence[str]
    ready_url: str | None
    process: subprocess.Popen[bytes]
    restarts: int = 0
    died_at: float | None = None


def _nobody(pids: Sequence[int]) -> None:
    """Nobody is told what runs."""


@dataclass
class Processes:
    """All children of one house, in the order they were started.

    tell hears the pids of what runs, each time they change and at every look.
    """

    logs: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)
    tell: Callable[[Sequence[int]], None] = _nobody

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        ready_url: str | None = None,
        wait_s: float = READY_WAIT_S,
    ) -> Child:
        """Start one Python process of ours and wait until it answers; a failure names its log."""
        one = Start(name=name, arguments=arguments, ready_url=ready_url)
        return self.start_all([one], wait_s=wait_s)[0]

    def start_all(self, starts: Iterable[Start], *, wait_s: float = READY_WAIT_S) -> list[Child]:
        """Start processes at once, for most of a start is reading code; then wait for each."""
        started = []
        for one in starts:
            process = self._spawn(one.name, one.arguments)
            started.append(Child(one.name, one.arguments, one.ready_url, process))
            self.children.append(started[-1])
            self._tell()
        for child in started:
            self.wait_ready(child, wait_s)
        return started

    def wait_ready(self, child: Child, wait_s: float = READY_WAIT_S) -> None:
        """Wait until the child answers at its address; RuntimeError when it does not."""
        deadline = time.monotonic() + wait_s
        while child.ready_url is not None and not answers(child.ready_url):
            if child.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{child.name} did not start; see {self.log_of(child.name)}")
            time.sleep(0.05)

    def revive(self) -> list[str]:
        """Start again whatever has died, a second after it did; gives the names."""
        revived = []
        for child in self.children:
            if child.process.poll() is None:
                continue
            child.died_at = child.died_at or time.monotonic()
            if time.monotonic() - child.died_at >= RESTART_WAIT_S:
                child.process = self._spawn(child.name, child.arguments)
                child.restarts += 1
                child.died_at = None
                revived.append(child.name)
        self._tell()
        return revived

    def stop(self) -> None:
        """Stop every child, the last started first; one that does not listen is killed."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self.children.clear()
        self._tell()

    def log_of(self, name: str) -> Path:
        """Where a child writes."""
        return self.logs / f"{name}.log"

    def environment_of(self, name: str) -> Mapping[str, str]:
        """What a child is told besides what we were told: the same for all, unless somebody who
        starts a house says otherwise."""
        return self.environment

    def _tell(self) -> None:
        self.tell([child.process.pid for child in self.children])

    def _spawn(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log_of(name).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **self.environment_of(name)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches us alone, so that we can stop them in order.
                start_new_session=True,
            )


def answers(url: str) -> bool:
    """Whether something answers at this address with a 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError, http.client.HTTPException):
        return False  # away, or it died in the middle of its answer
