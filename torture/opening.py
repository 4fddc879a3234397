"""Building the house of a run: a database of its own, keys, lines, everything started.  搭建"""

import asyncio
import os
import random
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.cli.starts import SIGNERS
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.days import SHANGHAI
from huiquan.gateways.keys import make_keys
from huiquan.settings import Settings, write_settings
from simulation.household import local_settings
from simulation.ports import free_ports
from torture.clock import Timekeeper
from torture.disk import SmallDisk, may_mount, mount_log
from torture.house import (
    WEBS,
    Children,
    House,
    start_house,
    start_outsiders,
    start_signers,
)
from torture.lines import Line, Way, open_line
from torture.prepare import CAMPAIGN, Prepared, prepare

FIRST_DAY = datetime(2026, 2, 6, 9, 59, 58, tzinfo=SHANGHAI)
EVE = FIRST_DAY.replace(hour=10, minute=0, second=0) - timedelta(days=1)
COMMITS = (b"COMMIT",)
WRITES = (b"POST /",)


@dataclass(frozen=True, kw_only=True)
class Seam:
    """Where somebody who tests this harness may put a mistake into the house, from outside.

    environment reaches every process of the house (a `sitecustomize` on PYTHONPATH can change the
    program), schema is SQL that is carried out once the tables are there.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""


HONEST = Seam()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A running house, its lines, and what its people know."""

    house: House
    lines: Mapping[str, Line]
    prepared: Prepared

    @property
    def front(self) -> str:
        """Where everybody comes in."""
        return f"http://127.0.0.1:{self.lines['front'].port}"


def settings_of(
    home: Path, clock: Timekeeper, database_url: str
) -> tuple[Settings, str, list[int]]:
    """Settings with ports of their own, the acquirers' address, and the two web ports."""
    ears, second, *ports = free_ports(8)
    settings = local_settings(
        home,
        ports=ports,
        database_url=database_url,
        campaign=CAMPAIGN,
        clock_file=clock.file_for("command"),
        demo=True,
    )
    return settings, f"http://127.0.0.1:{ears}", [settings.web_port, second]


@asynccontextmanager
async def open_tortured(
    home: Path, seed: int, seam: Seam = HONEST, on: Callable[[str], None] = lambda step: None
) -> AsyncIterator[Opened]:
    """Build everything in a new directory; at the end stop all of it and give the disk back."""
    on("starting PostgreSQL")
    clock = Timekeeper(home / "clock", EVE)
    embedded = await asyncio.to_thread(start_embedded, home / "postgres")
    disk: SmallDisk | None = None
    processes = Children(logs=home / "logs", environment={})
    try:
        disk = mount_log(embedded, home / "postgres") if may_mount() else None
        async with AsyncExitStack() as stack:
            yield await _open(stack, home, seed, seam, on, clock, embedded, disk, processes)
    finally:
        await asyncio.to_thread(processes.stop)
        clock.stop()
        if disk is not None:
            disk.free()
        embedded.start()  # only a running server can be stopped in order
        embedded.stop()
        if disk is not None:
            disk.give_back(home / "postgres")


async def _open(
    stack: AsyncExitStack,
    home: Path,
    seed: int,
    seam: Seam,
    on: Callable[[str], None],
    clock: Timekeeper,
    embedded: Embedded,
    disk: SmallDisk | None,
    processes: Children,
) -> Opened:
    address = create_database(embedded, "huiquan")
    await asyncio.to_thread(migrate, address)
    settings, ears_url, webs = settings_of(home, clock, address)
    make_keys(settings.keys, (CAMPAIGN,), os.urandom)
    processes.own = _own_settings(clock, webs, seam)
    processes.environment = write_settings(settings)
    on("starting outsiders and signers")
    await asyncio.to_thread(start_outsiders, processes, settings, ears_url, seed)
    await asyncio.to_thread(start_signers, processes, settings)
    on("publishing, funding, opening stores, letting acquirers in")
    prepared = await prepare(settings, seed, ears_url)
    if seam.schema:
        _change_schema(embedded, seam.schema)
    dice = random.Random(f"lines/{seed}")
    ways = [_to_postgres(home)]
    database = Line(name="database", ways=ways, cues=COMMITS, dice=dice, is_read=True)
    front = Line(name="front", ways=[_to_port(port) for port in webs], cues=WRITES, dice=dice)
    await stack.enter_async_context(open_line(database))
    await stack.enter_async_context(open_line(front))
    clock.jump_to(FIRST_DAY)
    on("starting web, rounds and jobs")
    await asyncio.to_thread(start_house, processes, settings, database)
    house = House(
        settings=settings,
        embedded=embedded,
        processes=processes,
        clock=clock,
        stores=prepared.stores,
        ears_url=ears_url,
        disk=disk,
    )
    return Opened(house=house, lines={"database": database, "front": front}, prepared=prepared)


def _own_settings(
    clock: Timekeeper, webs: list[int], seam: Seam
) -> Mapping[str, Mapping[str, str]]:
    """Each process has a clock of its own, and each web process a port of its own."""
    found: dict[str, dict[str, str]] = {}
    for name in (*WEBS, *SIGNERS, "rounds", "jobs"):
        found[name] = {**seam.environment, "HUIQUAN_CLOCK_FILE": str(clock.file_for(name))}
    for name, port in zip(WEBS, webs, strict=True):
        found[name]["HUIQUAN_WEB_PORT"] = str(port)
    return found


def _change_schema(embedded: Embedded, statements: str) -> None:
    psql = embedded.server.bin_path / "psql"
    words = [str(psql), embedded.url("huiquan"), "-v", "ON_ERROR_STOP=1", "-qc", statements]
    subprocess.run(words, check=True, capture_output=True, text=True)


def _to_postgres(home: Path) -> Callable[[], Awaitable[Way]]:
    async def connect() -> Way:
        return await asyncio.open_unix_connection(f"{home / 'postgres'}/.s.PGSQL.5432")

    return connect


def _to_port(port: int) -> Callable[[], Awaitable[Way]]:
    async def connect() -> Way:
        return await asyncio.open_connection("127.0.0.1", port)

    return connect
