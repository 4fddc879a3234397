"""Our house for the bench: prepared once, then started fresh for every run.  被测的惠券

Real processes, started with the same commands as `huiquan up` starts them, on a database copied
from the prepared one and with signers whose books are copied, too: every run begins alike.
"""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bench.busy import write_busy
from bench.children import Children, make_users
from bench.crowd import SESSION, Progress, settle_in
from bench.machine import Family
from bench.taps import Taps, house_pass
from huiquan.cli.processes import Processes, answers
from huiquan.cli.starts import LOOPS, SIGNERS, loops_of, outsiders_of, signers_of, web_at
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.days import SHANGHAI
from huiquan.gateways.keys import load_keys, make_keys
from huiquan.settings import Settings, write_settings
from simulation.household import Household, command, local_settings, offset_to, until_true

CAMPAIGN = "2026-mashangyouli"
CAMPAIGN_ID = 1
ROOT = Path(__file__).parents[1]
RULEBOOK = ROOT / "campaigns" / f"{CAMPAIGN}.toml"
OPENING = datetime(2026, 2, 6, 10, 0, tzinfo=SHANGHAI)
EVE = OPENING - timedelta(days=1)
HALF_PAST = OPENING + timedelta(minutes=30)
JUST_OPEN = OPENING + timedelta(minutes=1)
DAY = 20260206
BUDGET_YUAN = 100_000_000
CROWD = "crowd"
START_S = 60
OPEN_S = 60
CHECKED_WITHIN_S = 900
TRIES = 30
SERVER_SETTINGS = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What every run starts from: a server with a crowd in it, keys, books, and the taps."""

    home: Path
    embedded: Embedded
    settings: Settings
    people: int

    @property
    def taps(self) -> Taps:
        """A tap for every person, with the passes of our own house."""
        keys = load_keys(self.settings.keys)
        return Taps(home=self.home, mint=house_pass(keys, CAMPAIGN_ID, EVE + SESSION))


@dataclass(kw_only=True)
class House(Household):
    """A running house of ours, with what a measurement may do to it."""

    prepared: Prepared
    workers: int

    @property
    def ahead_s(self) -> int:
        """How far its clock is ahead of ours (a negative number: behind), in seconds."""
        return round(self.settings.clock_offset_s)

    @property
    def family(self) -> Family:
        """Its processes, PostgreSQL among them."""
        found = {one.name: [one.process.pid] for one in self.processes.children}
        signers = [pid for name in SIGNERS for pid in found.pop(name, [])]
        del found["identity"], found["sms"]
        return {**found, "signers": signers, "postgres": [self.embedded.pid]}

    def is_ready(self) -> bool:
        """Whether it can work."""
        return answers(f"{self.url}/readyz")

    def check(self) -> str:
        """What `huiquan check --quick` says; an empty word when every promise holds."""
        told = command(self.settings, "check", "--quick")
        said = (told.stdout + told.stderr).strip()
        return "" if told.returncode == 0 else f"huiquan check: {said}"


def fingerprint(people: int, busy: int) -> str:
    """What a prepared house depends on: its rules, its tables, the code that settled people in."""
    mark = hashlib.sha256(f"{people} {busy}".encode())
    files = [RULEBOOK, *sorted((ROOT / "huiquan/db/migrations").glob("*.sql"))]
    ours = [Path(__file__).with_name(name) for name in ("house.py", "crowd.py", "copying.py")]
    for path in [*files, *ours, Path(__file__).with_name("taps.py")]:
        mark.update(path.read_bytes())
    return mark.hexdigest()


@contextmanager
def prepared_house(home: Path, people: int, on: Progress, busy: int = 0) -> Iterator[Prepared]:
    """Prepare a house with a crowd, or take the one that stands in `home` if it is the same.

    busy: how many times as busy the days are as the rulebook foresees; 0 leaves it as it is.
    """
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != fingerprint(people, busy):
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    embedded = start_embedded(home / "postgres")
    try:
        settings = local_settings(
            home,
            keys_dir=home / "keys",
            database_url=create_database(embedded, CROWD),
            campaign=CAMPAIGN,
        )
        prepared = Prepared(home=home, embedded=embedded, settings=settings, people=people)
        if not ready.exists():
            _prepare(prepared, on, busy)
            ready.write_text(fingerprint(people, busy))
        yield prepared
    finally:
        embedded.start()  # only a running server can be stopped in order
        embedded.stop()


def _prepare(prepared: Prepared, on: Progress, busy: int) -> None:
    """The day before: the campaign is published, its money arrives, people register."""
    settings = replace(prepared.settings, clock_offset_s=offset_to(EVE))
    migrate(str(settings.database_url))
    make_keys(settings.keys, (CAMPAIGN,), os.urandom)
    processes = Processes(logs=prepared.home / "logs", environment=write_settings(settings))
    try:
        processes.start_all(signers_of(settings), wait_s=START_S)
        rules = write_busy(RULEBOOK, prepared.home / "busy.toml", busy) if busy else RULEBOOK
        money = str(BUDGET_YUAN * max(1, busy))
        for words in (
            ("campaign", "publish", str(rules)),
            ("fund", "appropriate", CAMPAIGN, money, "--ref", "bench"),
        ):
            _insist(settings, words)
        asyncio.run(settle_in(settings, prepared.people, EVE, prepared.home, on))
    finally:
        processes.stop()


def _insist(settings: Settings, words: tuple[str, ...]) -> None:
    """Run a command that may be said again until it succeeds: on a busy machine a signer that was
    just started may answer too late at first."""
    for _ in range(TRIES):
        told = command(settings, *words)
        if not told.returncode:
            return
        time.sleep(1)
    raise RuntimeError(f"huiquan {' '.join(words)}: {told.stdout}{told.stderr}")


@contextmanager
def running_house(
    prepared: Prepared,
    *,
    workers: int = 1,
    at: datetime = HALF_PAST,
    loops: Sequence[str] = LOOPS,
    limits: bool = False,
) -> Iterator[House]:
    """A fresh house with the prepared crowd, its clock at a moment, the day's money released.

    loops: the processes besides the web and the signers. limits: whether one person and one device
    may tap only so often, as where people live.
    """
    home = prepared.home / "run"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for name in SIGNERS:
        shutil.copytree(prepared.home / name, home / name)
    make_users(prepared.embedded.url("postgres"))
    drop_database(prepared.embedded, "run")
    address = copy_database(prepared.embedded, CROWD, "run")
    # A copied sequence believes that its next numbers are in the log; they are not, for it was
    # copied without them. After a checkpoint it writes them anew, and a crash does not repeat any.
    level(prepared.embedded)
    settings = replace(
        prepared.settings,
        home=home,
        database_url=address,
        clock_offset_s=offset_to(at),
        rate_limits=limits,
    )
    processes = Children(logs=home / "logs", environment=write_settings(settings))
    house = House(
        settings=settings,
        embedded=prepared.embedded,
        processes=processes,
        prepared=prepared,
        workers=workers,
    )
    try:
        start(house, loops)
        asyncio.run(_opened(address))
        yield house
    finally:
        processes.stop()
        prepared.embedded.start()
        drop_database(prepared.embedded, "run")


def start(house: House, loops: Sequence[str]) -> None:
    """Outsiders, signers, web, and the loops that are wanted."""
    settings, processes = house.settings, house.processes
    processes.start_all([*outsiders_of(settings), *signers_of(settings)], wait_s=START_S)
    web = web_at(settings, workers=house.workers, ready="readyz")
    processes.start_all([web, *loops_of(*loops)], wait_s=START_S)


def wait_until_checked(house: House) -> None:
    """Wait until all questions were put once, as in every house that opened before ten."""
    asked = "select exists (select from check_runs)"
    asyncio.run(until_true(str(house.settings.database_url), asked, within_s=CHECKED_WITHIN_S))


async def _opened(address: str) -> None:
    """Wait until rounds has released the day's money, and every process has seen it."""
    released = "select released_at is not null from config_days where day = $1"
    await until_true(address, released, DAY, within_s=OPEN_S)
    # The web process reads what was released within two seconds.
    await asyncio.sleep(2.5)


def level(embedded: Embedded) -> None:
    """Write out all that waits to be written, so that nobody pays for those before them."""
    asyncio.run(_execute(embedded.url("postgres"), "checkpoint"))


def drop_database(embedded: Embedded, name: str) -> None:
    """Forget a database of a run, whoever is still connected to it."""
    asyncio.run(
        _execute(embedded.url("postgres"), f'drop database if exists "{name}" with (force)')
    )


def copy_database(embedded: Embedded, source: str, name: str) -> str:
    """A copy of a database, file by file, which a large one needs; gives its address."""
    copy = f'create database "{name}" template "{source}" strategy file_copy'
    asyncio.run(_execute(embedded.url("postgres"), copy))
    return embedded.url(name)


async def _execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def server_settings(embedded: Embedded) -> dict[str, str]:
    """What of the server's settings says how durable a commit is."""

    async def ask() -> dict[str, Any]:
        connection = await asyncpg.connect(embedded.url("postgres"))
        try:
            return {one: await connection.fetchval(f"show {one}") for one in SERVER_SETTINGS}
        finally:
            await connection.close()

    return {name: str(value) for name, value in asyncio.run(ask()).items()}
