"""Real signers for tests: notary, auditor, third witness as processes, on a clock tests move."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from huiquan.cli.processes import answers
from tests.forking import Forked, fork_signer

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
    running: dict[str, Forked] = field(default_factory=dict)

    def url(self, role: str) -> str:
        """Where a signer answers."""
        return f"http://127.0.0.1:{self.ports[role]}"

    def start(self, *roles: str) -> None:
        """Start signers, all at once, and wait until each answers."""
        for role in roles:
            self.ports.setdefault(role, free_port())
            words = ["--role", role, "--home", str(self.home / role)]
            words += ["--port", str(self.ports[role]), "--clock-file", str(self.clock.path)]
            self.running[role] = fork_signer(words)
        deadline = time.monotonic() + 30
        for role in roles:
            while not answers(f"{self.url(role)}/v1/key"):
                assert time.monotonic() < deadline, f"the {role} did not start"
                time.sleep(0.02)

    def kill(self, role: str) -> None:
        """End a signer as a power cut would."""
        self.running[role].kill()
        self.running[role].wait()

    def stop(self) -> None:
        """Stop both."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(10)


@contextmanager
def signers_at(home: Path, at: datetime) -> Iterator[SignerProcesses]:
    """Both signers, running, with their homes in a directory and their clock at a moment."""
    home.mkdir(parents=True, exist_ok=True)
    clock = FileClock(home / "clock")
    clock.now = at
    processes = SignerProcesses(home=home, clock=clock)
    try:
        processes.start(*ROLES)
        yield processes
    finally:
        processes.stop()
