"""A whole house of real processes for a test: on its own ports, in its own directory.  真实进程

PostgreSQL, both signers, the simulated identity authority and SMS centre, web, rounds and jobs, as
`huiquan up` starts them. Whatever is killed is started again a second later, as `huiquan up` does;
a process that a test wants to stay away is named in `away`.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import psutil

from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.send_configs import send_configs
from huiquan.cli.demo import demo_rulebook
from huiquan.cli.house import open_house
from huiquan.cli.processes import Child, Processes, Start, answers
from huiquan.cli.store import import_stores
from huiquan.clock import make_clock
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.gateways.keys import make_keys
from huiquan.gateways.maps import load_regions
from huiquan.settings import Settings, write_settings
from simulation.stores import DemoStore, make_stores, write_stores
from tests.forking import fork_signer
from tests.houses import CAMPAIGN, OPEN, RULEBOOK
from tests.signers import free_port

STORES = 7  # three online, two of dining, two of retail
BUDGET_FEN = 10_000_000_000
SIGNERS = ("notary", "auditor", "witness")
HOUSE = ("web", "rounds", "jobs")
LOOK_S = 0.1
COMMAND_S = 120
READY_WITHIN_S = 60


async def until(is_so: Callable[[], Awaitable[bool]], wait_s: float = 60) -> float:
    """Wait until something is so; gives how long it took, in seconds. Fails when it is late."""
    began = time.monotonic()
    while not await is_so():
        assert time.monotonic() - began < wait_s, f"not so after {wait_s} seconds"
        await asyncio.sleep(LOOK_S)
    return time.monotonic() - began


def offset_to(at: datetime) -> float:
    """The clock's offset, in whole seconds, that makes it `at` now."""
    return float(round((at - datetime.now(UTC)).total_seconds()))


@dataclass
class RealHouse:
    """A running house, and what a test may do to it."""

    settings: Settings
    embedded: Embedded
    processes: Processes
    stores: list[DemoStore]
    away: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://{self.settings.host}:{self.settings.web_port}"

    @property
    def database_url(self) -> str:
        """Where the tables are, for a look from outside."""
        return str(self.settings.database_url)

    def now(self) -> datetime:
        """What the clock of the house says."""
        return make_clock(self.settings)()

    def child(self, name: str) -> Child:
        """One of the processes."""
        return next(one for one in self.processes.children if one.name == name)

    def kill(self, name: str) -> None:
        """End a process as a power cut would; "database" is the server with all its children."""
        if name == "database":
            self._kill_database()
            return
        process = self.child(name).process
        process.kill()
        process.wait()

    def _kill_database(self) -> None:
        with suppress(psutil.NoSuchProcess):
            master = psutil.Process(self.embedded.pid)
            family = [master, *master.children(recursive=True)]
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, timeout=10)

    def look_after(self) -> None:
        """Start again what died, once; what is away stays away."""
        if "database" not in self.away and not self.embedded.is_running():
            self.embedded.start()
        resting = [one for one in self.processes.children if one.name in self.away]
        for child in resting:
            self.processes.children.remove(child)
        try:
            self.processes.revive()
        finally:
            self.processes.children.extend(resting)

    async def keep_alive(self) -> None:
        """Look after the house until cancelled."""
        while True:
            await asyncio.to_thread(self.look_after)
            await asyncio.sleep(LOOK_S)

    def is_ready(self) -> bool:
        """Whether the web process reaches the database, and both signers answer."""
        return answers(f"{self.url}/readyz") and all(
            answers(f"{url}/v1/key")
            for url in (self.settings.notary_url, self.settings.auditor_url)
        )

    async def until_ready(self, wait_s: float = 60) -> float:
        """Wait until everything answers; gives how long it took, in seconds."""
        return await until(lambda: asyncio.to_thread(self.is_ready), wait_s)

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        return {one.name: one.restarts for one in self.processes.children}

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a huiquan command against this house."""
        return subprocess.run(
            [sys.executable, "-m", "huiquan", *words],
            env={**os.environ, **write_settings(self.settings)},
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )

    def move_to(self, at: datetime) -> None:
        """Stop every process and start all again with the clock at a later moment."""
        self.processes.stop()
        self.settings = replace(self.settings, clock_offset_s=offset_to(at))
        self.processes.environment = write_settings(self.settings)
        start_everything(self.processes, self.settings)


def outsiders_of(settings: Settings) -> list[Start]:
    """The simulated identity authority and SMS centre."""
    return [
        Start(
            name=name,
            arguments=("-m", "simulation.outsiders", name, "--port", _port(url)),
            ready_url=f"{url}/control",
        )
        for name, url in (("identity", settings.identity_url), ("sms", settings.sms_url))
    ]


def signers_of(settings: Settings) -> list[Start]:
    """Notary, auditor and witness, each with its own home."""
    return [
        Start(name=name, arguments=("-m", "notary", *words), ready_url=f"{url}/v1/key")
        for name, url, words in _signers(settings)
    ]


def platform_of(settings: Settings) -> list[Start]:
    """Web, rounds and jobs."""
    page = f"http://{settings.host}:{settings.web_port}/healthz"
    return [
        Start(
            name=name,
            arguments=("-m", "huiquan.cli.serving", name),
            ready_url=page if name == "web" else None,
        )
        for name in HOUSE
    ]


def start_everything(processes: Processes, settings: Settings) -> None:
    """All but the database."""
    starts = [*outsiders_of(settings), *signers_of(settings), *platform_of(settings)]
    processes.start_all(starts, wait_s=READY_WITHIN_S)


def _signers(settings: Settings) -> list[tuple[str, str, list[str]]]:
    """Name, address and command line of each signer."""
    urls = (settings.notary_url, settings.auditor_url, settings.witness_url)
    clock = ["--clock-offset-s", str(round(settings.clock_offset_s))]
    return [
        (
            name,
            url,
            ["--role", name, "--home", f"{settings.home / name}", "--port", _port(url), *clock],
        )
        for name, url in zip(SIGNERS, urls, strict=True)
    ]


def _port(url: str) -> str:
    return url.rsplit(":", 1)[1]


def _settings(home: Path) -> Settings:
    web, notary, auditor, witness, identity, sms = (free_port() for _ in range(6))
    return Settings(
        home=home,
        campaign=CAMPAIGN,
        clock_offset_s=offset_to(OPEN),
        web_port=web,
        notary_url=f"http://127.0.0.1:{notary}",
        auditor_url=f"http://127.0.0.1:{auditor}",
        witness_url=f"http://127.0.0.1:{witness}",
        identity_url=f"http://127.0.0.1:{identity}",
        sms_url=f"http://127.0.0.1:{sms}",
        # Everybody comes from one address here.
        rate_limits=False,
        demo=True,
    )


@contextmanager
def real_house(home: Path) -> Iterator[RealHouse]:
    """A whole house at half past ten on a draw day, with a lively rulebook and a few stores."""
    home.mkdir(parents=True, exist_ok=True)
    embedded = start_embedded(home / "postgres")
    processes = Processes(logs=home / "logs", environment={})
    try:
        address = create_database(embedded, "huiquan")
        settings = replace(_settings(home), database_url=address)
        migrate(address)
        make_keys(settings.keys, (CAMPAIGN,), os.urandom)
        stores = make_stores(load_regions(), 1, STORES)
        _prepare(settings, stores)
        processes.environment = write_settings(settings)
        start_everything(processes, settings)
        asyncio.run(_opened(address))
        yield RealHouse(settings=settings, embedded=embedded, processes=processes, stores=stores)
    finally:
        processes.stop()
        embedded.start()  # only a running server can be stopped in order
        embedded.stop()


def _prepare(settings: Settings, stores: list[DemoStore]) -> None:
    """What officials did the day before: the campaign, its money, its stores."""
    eve = replace(settings, clock_offset_s=settings.clock_offset_s - 86400)
    signers = [fork_signer(words) for _, _, words in _signers(eve)]
    try:
        asyncio.run(_publish(eve, stores))
    finally:
        for signer in signers:
            signer.terminate()
        for signer in signers:
            signer.wait(10)


async def _publish(eve: Settings, stores: list[DemoStore]) -> None:
    list_of_stores = eve.home / "stores.csv"
    write_stores(list_of_stores, stores)
    keys = [f"{url}/v1/key" for _, url, _ in _signers(eve)]

    async def all_answer() -> bool:
        return all([await asyncio.to_thread(answers, key) for key in keys])

    await until(all_answer)
    async with open_house(eve) as house:
        published = await publish_campaign(house, demo_rulebook(RULEBOOK.read_text()), "test")
        assert isinstance(published, Published), published
        funded = await fund_campaign(house, CAMPAIGN, BUDGET_FEN, "appropriation 1", "test")
        assert funded == BUDGET_FEN
        await send_configs(house)
        await import_stores(house, CAMPAIGN, list_of_stores, "test")


async def _opened(address: str) -> None:
    """Wait until rounds has released the day's money, and jobs has done some work."""
    connection = await asyncpg.connect(address)
    try:

        async def is_open() -> bool:
            return bool(
                await connection.fetchval(
                    """
                    select exists (select from config_days where released_at is not null)
                           and exists (select from job_runs where finished_at is not null)
                    """
                )
            )

        await until(is_open)
        # The web process reads what was released within two seconds.
        await asyncio.sleep(2.5)
    finally:
        await connection.close()


MIDNIGHT = OPEN.replace(hour=0, minute=0) + timedelta(days=1)
