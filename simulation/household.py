"""A whole house of real processes under somebody's hands: broken, watched, started again.  真实进程

What the bench measures, the torture breaks and the chaos tests shake is one and the same thing: a
PostgreSQL of the house's own and processes started as `huiquan up` starts them. Whatever dies is
started again a second later; what is to stay away is named in `away`.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from huiquan.cli.processes import Child, Processes
from huiquan.db.embedded import Embedded
from huiquan.settings import Settings, write_settings
from simulation.ports import free_ports

DATABASE = "database"
LOOK_S = 0.1
COMMAND_S = 300
DIE_WITHIN_S = 10


@dataclass(kw_only=True)
class Household:
    """A running house, and what may be done to it.

    settings lead straight to the database, for commands and looks from outside.
    """

    settings: Settings
    embedded: Embedded
    processes: Processes
    away: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://{self.settings.host}:{self.settings.web_port}"

    @property
    def database_url(self) -> str:
        """Where the tables are, for a look from outside."""
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
        """End a process with its children as a power cut would; False if it was dead already.

        "database" is the server with all its children.
        """
        if not self.is_alive(name):
            return False
        if name == DATABASE:
            with suppress(AssertionError):  # it died in this moment
                kill_hard(self.embedded.pid)
        else:
            process = self.child(name).process
            kill_hard(process.pid)
            process.wait()
        return True

    def look_after(self) -> None:
        """Start again what died, once; what is away stays away."""
        self.raise_database()
        self.raise_processes()

    def raise_database(self) -> None:
        """Start PostgreSQL again if it died and may stand up."""
        if DATABASE not in self.away and not self.embedded.is_running():
            self.embedded.start()

    def raise_processes(self) -> None:
        """Start again the processes that died and may come back."""
        resting = [one for one in self.processes.children if one.name in self.away]
        for child in resting:
            self.processes.children.remove(child)
        try:
            self.processes.revive()
        finally:
            self.processes.children.extend(resting)

    async def keep_alive(self) -> None:
        """Look after the house until cancelled."""
        await again_and_again(self.look_after)

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        return {one.name: one.restarts for one in self.processes.children}

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a huiquan command against this house."""
        return command(self.settings, *words, within_s=COMMAND_S)


async def again_and_again(look: Callable[[], None]) -> None:
    """Look, and look again, until cancelled."""
    while True:
        await asyncio.to_thread(look)
        await asyncio.sleep(LOOK_S)


def command(
    settings: Settings, *words: str, within_s: float | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a huiquan command for a house; subprocess.TimeoutExpired when it does not end in time."""
    return subprocess.run(
        [sys.executable, "-m", "huiquan", *words],
        env={**os.environ, **write_settings(settings)},
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def kill_hard(pid: int) -> None:
    """End a process and all its children as a power cut would, and wait until none runs."""
    family = members_of(pid)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + DIE_WITHIN_S
    while any(map(_runs, family)) and time.monotonic() < deadline:
        time.sleep(0.02)


def members_of(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it; none if it is gone."""
    try:
        eldest = psutil.Process(pid)
        return [eldest, *eldest.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _runs(process: psutil.Process) -> bool:
    """Whether it can still do something; one that waits for its funeral cannot."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def local_settings(home: Path, *, ports: Sequence[int] = (), **more: Any) -> Settings:
    """Settings of a house on this machine, with six ports of its own, found here unless they are
    given; `more` are other settings."""
    web, notary, auditor, witness, identity, sms = ports or free_ports(6)
    addresses = {
        "notary_url": notary,
        "auditor_url": auditor,
        "witness_url": witness,
        "identity_url": identity,
        "sms_url": sms,
    }
    urls: dict[str, Any] = {name: f"http://127.0.0.1:{port}" for name, port in addresses.items()}
    # Everybody comes from one address here.
    return Settings(home=home, web_port=web, rate_limits=False, **urls, **more)


def offset_to(at: datetime) -> float:
    """The clock's offset, in whole seconds, that makes it `at` now."""
    return float(round((at - datetime.now(UTC)).total_seconds()))


async def until_true(address: str, question: str, *values: object, within_s: float) -> None:
    """Wait until the database says yes; RuntimeError with the question when it does not."""
    connection = await asyncpg.connect(address)
    deadline = time.monotonic() + within_s
    try:
        while not await connection.fetchval(question, *values):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not so after {within_s} seconds: {question}")
            await asyncio.sleep(LOOK_S)
    finally:
        await connection.close()
