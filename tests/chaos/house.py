"""A whole house of real processes for a test: on its own ports, in its own directory.  真实进程

PostgreSQL, the signers, the simulated identity authority and SMS centre, web, rounds and jobs, as
`huiquan up` starts them. Whatever is killed is started again a second later, as `huiquan up` does;
a process that a test wants to stay away is named in `away`.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.publish_campaign import Published, publish_campaign
from huiquan.actions.send_configs import send_configs
from huiquan.cli.demo import demo_rulebook
from huiquan.cli.house import open_house
from huiquan.cli.processes import Processes, Start, answers
from huiquan.cli.starts import (
    LOOPS,
    key_url,
    loops_of,
    outsiders_of,
    signer_urls,
    signers_of,
    web_at,
)
from huiquan.cli.store import import_stores
from huiquan.clock import make_clock
from huiquan.db.embedded import create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.gateways.keys import make_keys
from huiquan.gateways.maps import load_regions
from huiquan.settings import Settings, write_settings
from simulation.household import LOOK_S, Household, local_settings, offset_to, until_true
from simulation.stores import DemoStore, make_stores, write_stores
from tests.forking import fork_signer
from tests.houses import CAMPAIGN, OPEN, RULEBOOK

STORES = 7  # three online, two of dining, two of retail
BUDGET_FEN = 10_000_000_000
HOUSE = ("web", *LOOPS)
# What is in order comes at once; a machine that others keep busy may take its time.
READY_WITHIN_S = 180


async def until(is_so: Callable[[], Awaitable[bool]], wait_s: float = READY_WITHIN_S) -> float:
    """Wait until something is so; gives how long it took, in seconds. Fails when it is late."""
    began = time.monotonic()
    while not await is_so():
        assert time.monotonic() - began < wait_s, f"not so after {wait_s} seconds"
        await asyncio.sleep(LOOK_S)
    return time.monotonic() - began


@dataclass(kw_only=True)
class RealHouse(Household):
    """A running house, and what a test may do to it."""

    stores: list[DemoStore]

    def now(self) -> datetime:
        """What the clock of the house says."""
        return make_clock(self.settings)()

    def is_ready(self) -> bool:
        """Whether the web process reaches the database, and both signers answer."""
        return answers(f"{self.url}/readyz") and all(
            answers(key_url(url)) for url in (self.settings.notary_url, self.settings.auditor_url)
        )

    async def until_ready(self, wait_s: float = READY_WITHIN_S) -> float:
        """Wait until everything answers; gives how long it took, in seconds."""
        return await until(lambda: asyncio.to_thread(self.is_ready), wait_s)

    def move_to(self, at: datetime) -> None:
        """Stop every process and start all again with the clock at a later moment."""
        self.processes.stop()
        self.settings = replace(self.settings, clock_offset_s=offset_to(at))
        self.processes.environment = write_settings(self.settings)
        start_everything(self.processes, self.settings)


def platform_of(settings: Settings) -> list[Start]:
    """Web, rounds and jobs."""
    return [web_at(settings), *loops_of(*LOOPS)]


def start_everything(processes: Processes, settings: Settings) -> None:
    """All but the database."""
    starts = [*outsiders_of(settings), *signers_of(settings), *platform_of(settings)]
    processes.start_all(starts, wait_s=READY_WITHIN_S)


@contextmanager
def real_house(home: Path) -> Iterator[RealHouse]:
    """A whole house at half past ten on a draw day, with a lively rulebook and a few stores."""
    home.mkdir(parents=True, exist_ok=True)
    embedded = start_embedded(home / "postgres")
    processes = Processes(logs=home / "logs", environment={})
    try:
        address = create_database(embedded, "huiquan")
        settings = local_settings(
            home,
            database_url=address,
            campaign=CAMPAIGN,
            clock_offset_s=offset_to(OPEN),
            demo=True,
        )
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
    signers = [fork_signer(one.arguments[2:]) for one in signers_of(eve)]
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
    keys = [key_url(url) for url in signer_urls(eve).values()]

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
    at_work = """
        select exists (select from config_days where released_at is not null)
               and exists (select from job_runs where finished_at is not null)
    """
    await until_true(address, at_work, within_s=READY_WITHIN_S)
    # The web process reads what was released within two seconds.
    await asyncio.sleep(2.5)


MIDNIGHT = OPEN.replace(hour=0, minute=0) + timedelta(days=1)
