"""Real signers for tests: notary, auditor, third witness as processes, on a clock tests move."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

ROLES = ("notary", "auditor", "witness")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class FileClock:
    """A stopped clock in a file: moved here, seen by every process that reads the file."""

    path: Path

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return datetime.fromisoformat(self.path.read_text())

    @now.setter
    def now(self, at: datetime) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(at.isoformat())
        beside.replace(self.path)


@dataclass
class SignerProcesses:
    """Both signers: where they answer, and how to kill and start them."""

    home: Path
    clock: FileClock
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def url(self, role: str) -> str:
        """Where a signer answers."""
        return f"http://127.0.0.1:{self.ports[role]}"

    def start(self, role: str) -> None:
        """Start a signer and wait until it answers."""
        self.ports.setdefault(role, free_port())
        words = ["--role", role, "--home", str(self.home / role)]
        clock = ["--clock-file", str(self.clock.path)]
        self.running[role] = subprocess.Popen(
            [sys.executable, "-m", "notary", *words, "--port", str(self.ports[role]), *clock],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"{self.url(role)}/v1/key", trust_env=False).raise_for_status()
                return
            except httpx.HTTPError:
                assert time.monotonic() < deadline, f"the {role} did not start"
                time.sleep(0.05)

    def kill(self, role: str) -> None:
        """End a signer as a power cut would."""
        self.running[role].kill()
        self.running[role].wait()

    def stop(self) -> None:
        """Stop both."""
        for process in self.running.values():
            process.terminate()
            process.wait(10)


@contextmanager
def signers_at(home: Path, at: datetime) -> Iterator[SignerProcesses]:
    """Both signers, running, with their homes in a directory and their clock at a moment."""
    home.mkdir(parents=True, exist_ok=True)
    clock = FileClock(home / "clock")
    clock.now = at
    processes = SignerProcesses(home=home, clock=clock)
    try:
        for role in ROLES:
            processes.start(role)
        yield processes
    finally:
        processes.stop()
