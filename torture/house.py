"""The house that is broken: real processes on a PostgreSQL of its own, on its own ports.  真实进程

Two web processes behind one front, rounds, jobs, notary, auditor, witness and the simulated
outsiders, started as `huiquan up` starts them. What is killed is started again a second later; what
is to stay away is named in `away`. The processes reach PostgreSQL over a line, people the front.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from huiquan.cli.processes import Child, Processes, answers
from huiquan.db.embedded import Embedded
from huiquan.settings import Settings, write_settings
from simulation.stores import DemoStore
from torture.clock import Timekeeper
from torture.disk import SmallDisk
from torture.lines import Line

WEBS = ("web-1", "web-2")
SIGNERS = ("notary", "auditor", "witness")
DATABASE = "database"
LOOK_S = 0.1
START_S = 120
COMMAND_S = 300
DIE_WITHIN_S = 10


@dataclass
class Children(Processes):
    """Processes of which each has settings of its own besides the common ones."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def _spawn(self, name: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        shared = self.environment
        self.environment = {**shared, **self.own.get(name, {})}
        try:
            return super()._spawn(name, arguments)
        finally:
            self.environment = shared


@dataclass
class House:
    """A running house, and what may be done to it.

    settings lead straight to the database, for commands and looks from outside.
    """

    settings: Settings
    embedded: Embedded
    processes: Children
    clock: Timekeeper
    stores: list[DemoStore]
    ears_url: str
    disk: SmallDisk | None
    away: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        """Where the tables are, past the line that breaks."""
        return str(self.settings.database_url)

    def child(self, name: str) -> Child:
        """One of the processes."""
        return next(one for one in self.processes.children if one.name == name)

    def is_alive(self, name: str) -> bool:
        """Whether there is something to kill."""
        if name == DATABASE:
            return self.embedded.is_running()
        return self.child(name).process.poll() is None

    def kill(self, name: str) -> bool:
        """End a process as a power cut would; False if it was dead already."""
        if not self.is_alive(name):
            return False
        if name == DATABASE:
            self._kill_database()
        else:
            process = self.child(name).process
            process.kill()
            process.wait()
        return True

    def whose(self, port: int) -> str | None:
        """The process that holds a port of its own as one end of a connection."""
        for child in list(self.processes.children):
            with suppress(psutil.Error):
                ends = psutil.Process(child.process.pid).net_connections(kind="tcp4")
                if any(one.laddr.port == port for one in ends):
                    return child.name
        return None

    def _kill_database(self) -> None:
        with suppress(psutil.NoSuchProcess, AssertionError):
            master = psutil.Process(self.embedded.pid)
            family = [master, *master.children(recursive=True)]
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            deadline = time.monotonic() + DIE_WITHIN_S
            while any(map(_runs, family)) and time.monotonic() < deadline:
                time.sleep(0.02)

    def look_after(self) -> None:
        """Start again what died, once; what is away stays away."""
        resting = [one for one in self.processes.children if one.name in self.away]
        for child in resting:
            self.processes.children.remove(child)
        try:
            self.processes.revive()
        finally:
            self.processes.children.extend(resting)

    def raise_database(self) -> None:
        """Start PostgreSQL again if it died and may stand up."""
        if DATABASE not in self.away and not self.embedded.is_running():
            self.embedded.start()

    async def keep_alive(self) -> None:
        """Look after the house until cancelled; a start that fails is noted and tried again."""
        await asyncio.gather(self._again(self.look_after), self._again(self.raise_database))

    async def _again(self, look: "object") -> None:
        while True:
            try:
                await asyncio.to_thread(look)  # type: ignore[arg-type]
            except Exception as fault:
                self.troubles.append(f"could not be started again: {fault!r}")
            await asyncio.sleep(LOOK_S)

    def is_ready(self) -> bool:
        """Whether both web processes reach the database, and every signer answers."""
        settings = self.settings
        signers = (settings.notary_url, settings.auditor_url, settings.witness_url)
        return all(answers(f"{self.web_url(name)}/readyz") for name in WEBS) and all(
            answers(f"{url}/v1/key") for url in signers
        )

    def web_url(self, name: str) -> str:
        """Where one of the web processes answers, past the front."""
        port = self.processes.own[name]["HUIQUAN_WEB_PORT"]
        return f"http://{self.settings.host}:{port}"

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        return {one.name: one.restarts for one in self.processes.children}

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a huiquan command against this house, past the lines."""
        return subprocess.run(
            [sys.executable, "-m", "huiquan", *words],
            env={**os.environ, **write_settings(self.settings)},
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )


def start_outsiders(processes: Children, settings: Settings, ears_url: str, seed: int) -> None:
    """The simulated identity authority and SMS centre, and the ears of the acquirers."""
    urls = {"identity": settings.identity_url, "sms": settings.sms_url, "acquirer": ears_url}
    for name, url in urls.items():
        words = ["-m", "simulation.outsiders", name, "--port", port_of(url), "--seed", str(seed)]
        processes.start(name, words, ready_url=f"{url}/control", wait_s=START_S)


def start_signers(processes: Children, settings: Settings) -> None:
    """Notary, auditor and witness, each with its own home."""
    urls = (settings.notary_url, settings.auditor_url, settings.witness_url)
    for name, url in zip(SIGNERS, urls, strict=True):
        words = ["-m", "huiquan", "serve", name, "--home", str(settings.home / name)]
        ready = f"{url}/v1/key"
        processes.start(name, [*words, "--port", port_of(url)], ready_url=ready, wait_s=START_S)


def start_house(processes: Children, settings: Settings, line: Line) -> None:
    """Two web processes, rounds and jobs, all of which reach PostgreSQL over a line."""
    over = f"postgresql://postgres@127.0.0.1:{line.port}/huiquan"
    processes.environment = write_settings(replace(settings, database_url=over))
    for name in WEBS:
        ready = f"http://{settings.host}:{processes.own[name]['HUIQUAN_WEB_PORT']}/readyz"
        words = ["-m", "huiquan.cli.serving", "web"]
        processes.start(name, words, ready_url=ready, wait_s=START_S)
    for name in ("rounds", "jobs"):
        processes.start(name, ["-m", "huiquan.cli.serving", name])


def _runs(process: psutil.Process) -> bool:
    """Whether it can still do something; one that waits for its funeral cannot."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def port_of(url: str) -> str:
    """The port at the end of an address."""
    return url.rsplit(":", 1)[1]


def home_of(path: Path) -> Path:
    """The directory of a run, which must be new: nobody's data are broken by mistake."""
    path.mkdir(parents=True)
    return path.resolve()
