"""The house that is broken: real processes on a PostgreSQL of its own, on its own ports.  真实进程

Two web processes behind one front, rounds, jobs, notary, auditor, witness and the simulated
outsiders, started as `huiquan up` starts them. What is killed is started again a second later; what
is to stay away is named in `away`. The processes reach PostgreSQL over a line, people the front.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import psutil

from huiquan.cli.processes import Processes, answers
from huiquan.cli.starts import (
    LOOPS,
    SIGNERS,
    key_url,
    loops_of,
    outsider,
    outsiders_of,
    signer_urls,
    signers_of,
    web_at,
)
from huiquan.settings import Settings, write_settings
from simulation.household import Household, again_and_again
from simulation.stores import DemoStore
from torture.clock import Timekeeper
from torture.disk import SmallDisk
from torture.lines import Line

WEBS = ("web-1", "web-2")
START_S = 120


@dataclass
class Children(Processes):
    """Processes of which each has settings of its own besides the common ones."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def environment_of(self, name: str) -> Mapping[str, str]:
        """The common settings and its own."""
        return {**self.environment, **self.own.get(name, {})}


@dataclass(kw_only=True)
class House(Household):
    """A running house, its two web processes, and what only a torture does to one."""

    processes: Children
    clock: Timekeeper
    stores: list[DemoStore]
    ears_url: str
    disk: SmallDisk | None
    troubles: list[str] = field(default_factory=list)

    def whose(self, port: int) -> str | None:
        """The process that holds a port of its own as one end of a connection."""
        for child in list(self.processes.children):
            with suppress(psutil.Error):
                ends = psutil.Process(child.process.pid).net_connections(kind="tcp4")
                if any(one.laddr.port == port for one in ends):
                    return child.name
        return None

    async def keep_alive(self) -> None:
        """Look after the house until cancelled; a start that fails is noted and tried again."""
        parts = (self.raise_processes, self.raise_database)
        await asyncio.gather(*(again_and_again(partial(self._try, part)) for part in parts))

    def _try(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as fault:
            self.troubles.append(f"could not be started again: {fault!r}")

    async def stands(self) -> bool:
        """Whether the whole house is at work: everything lives, and whoever is asked answers."""
        living = all(one.process.poll() is None for one in list(self.processes.children))
        return living and await asyncio.to_thread(self.is_ready)

    def is_ready(self) -> bool:
        """Whether both web processes reach the database, and every signer answers."""
        signers = signer_urls(self.settings).values()
        return all(answers(f"{self.web_url(name)}/readyz") for name in WEBS) and all(
            answers(key_url(url)) for url in signers
        )

    def web_url(self, name: str) -> str:
        """Where one of the web processes answers, past the front."""
        return f"http://{self.settings.host}:{_web_port(self.processes, name)}"


def start_outsiders(processes: Children, settings: Settings, ears_url: str, seed: int) -> None:
    """The simulated identity authority and SMS centre, and the ears of the acquirers."""
    more = ("--seed", str(seed))
    ears = outsider("acquirer", ears_url, *more)
    processes.start_all([*outsiders_of(settings, *more), ears], wait_s=START_S)


def start_signers(processes: Children, settings: Settings) -> None:
    """Notary, auditor and witness, each with its own home and its own clock."""
    clocks = {name: Path(processes.own[name]["HUIQUAN_CLOCK_FILE"]) for name in SIGNERS}
    processes.start_all(signers_of(settings, clocks=clocks), wait_s=START_S)


def start_house(processes: Children, settings: Settings, line: Line) -> None:
    """Two web processes, rounds and jobs, all of which reach PostgreSQL over a line."""
    over = f"postgresql://postgres@127.0.0.1:{line.port}/huiquan"
    processes.environment = write_settings(replace(settings, database_url=over))
    webs = [
        web_at(settings, name, port=_web_port(processes, name), ready="readyz") for name in WEBS
    ]
    processes.start_all([*webs, *loops_of(*LOOPS)], wait_s=START_S)


def _web_port(processes: Children, name: str) -> int:
    return int(processes.own[name]["HUIQUAN_WEB_PORT"])


def home_of(path: Path) -> Path:
    """The directory of a run, which must be new: nobody's data are broken by mistake."""
    path.mkdir(parents=True)
    return path.resolve()
