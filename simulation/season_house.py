"""A whole house for one season: its own database, signers, outsiders and web process.  模拟环境

All of them go by one stopped clock, which the season moves by hand. Every key follows from the
seed, so that the same season is drawn with the same luck.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from huiquan.app import App
from huiquan.cli.house import open_house
from huiquan.cli.processes import Processes, Start
from huiquan.db.embedded import create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.days import moment
from huiquan.domain.money import yuan
from huiquan.domain.rulebook_reading import read_rulebook
from huiquan.domain.rulebooks import Rulebook
from huiquan.gateways.keys import make_keys
from huiquan.gateways.maps import load_regions
from huiquan.settings import Settings, write_settings
from notary.keys import SEED_FILE
from simulation.dice import dice
from simulation.ports import free_ports
from simulation.season_rulebook import season_rulebook
from simulation.stores import DemoStore, make_stores, write_stores

CAMPAIGN = "2026-mashangyouli"
CAMPAIGNS = Path(__file__).parents[1] / "campaigns"
WEB_CONNECTIONS = 8


@dataclass(frozen=True, kw_only=True)
class HandClock:
    """The one clock of all processes: a file that is moved by hand."""

    path: Path

    def move(self, at: datetime) -> None:
        """Set the time; a reader sees the old one or the new one, never half of it."""
        new = self.path.with_suffix(".new")
        new.write_text(at.isoformat())
        new.replace(self.path)


@dataclass(frozen=True, kw_only=True)
class SeasonHouse:
    """Everything a season is played on. The app is for rounds and jobs alone, as their process
    would be; people and tills come in by url."""

    app: App
    clock: HandClock
    rulebook: Rulebook
    stores: list[DemoStore]
    url: str
    directory: Path

    @property
    def sms_url(self) -> str:
        """Where the phones of the crowd are read."""
        return self.app.settings.sms_url


@asynccontextmanager
async def open_season_house(seed: int, people: int, stores: int) -> AsyncIterator[SeasonHouse]:
    """Build the house in a temporary directory, publish and fund the campaign, open the stores;
    at the end everything is stopped and forgotten."""
    with tempfile.TemporaryDirectory(prefix="huiquan-season-") as home:
        directory = Path(home)
        source = season_rulebook((CAMPAIGNS / f"{CAMPAIGN}.toml").read_text(), people)
        rulebook = read_rulebook(source)
        assert isinstance(rulebook, Rulebook), rulebook
        clock = HandClock(path=directory / "clock")
        # The morning before: a config acts twelve and a half hours after it is published, and it
        # has to act before the first draw day begins.
        clock.move(moment(rulebook.starts_on - timedelta(days=1), time(10)))
        embedded = start_embedded(directory / "postgres")
        try:
            settings = _settings(directory, clock, create_database(embedded, "season"))
            migrate(str(settings.database_url))
            make_keys(settings.keys, (CAMPAIGN,), dice(seed, "keys").randbytes)
            processes = Processes(logs=directory / "logs", environment=write_settings(settings))
            try:
                _start_others(processes, settings, seed)
                opened = _prepare(processes, settings, rulebook, source, seed, stores)
                url = f"http://{settings.host}:{settings.web_port}"
                web = ["-m", "huiquan.cli.serving", "web"]
                processes.start("web", web, ready_url=f"{url}/readyz")
                async with open_house(settings) as app:
                    yield SeasonHouse(
                        app=app,
                        clock=clock,
                        rulebook=rulebook,
                        stores=opened,
                        url=url,
                        directory=directory,
                    )
            finally:
                processes.stop()
        finally:
            embedded.stop()


def _settings(directory: Path, clock: HandClock, database_url: str) -> Settings:
    urls = (f"http://127.0.0.1:{port}" for port in free_ports(6))
    web, notary, auditor, witness, identity, sms = urls
    return Settings(
        home=directory,
        database_url=database_url,
        clock_file=clock.path,
        campaign=CAMPAIGN,
        web_port=int(web.rsplit(":", 1)[1]),
        notary_url=notary,
        auditor_url=auditor,
        witness_url=witness,
        identity_url=identity,
        sms_url=sms,
        # All people of a season share one address and one moment.
        rate_limits=False,
        database_connections=WEB_CONNECTIONS,
    )


def _start_others(processes: Processes, settings: Settings, seed: int) -> None:
    """Both signers and the witness with keys of this seed, and the outsiders."""
    starts = []
    for role, url in (
        ("notary", settings.notary_url),
        ("auditor", settings.auditor_url),
        ("witness", settings.witness_url),
    ):
        home = settings.home / role
        home.mkdir(mode=0o700)
        key = os.open(home / SEED_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(key, "w") as file:
            file.write(dice(seed, role).randbytes(32).hex() + "\n")
        words = ["--role", role, "--home", str(home), "--port", _port(url)]
        clock = ["--clock-file", str(settings.clock_file)]
        words = ["-m", "notary", *words, *clock]
        starts.append(Start(name=role, arguments=words, ready_url=f"{url}/v1/key"))
    for who, url in (("identity", settings.identity_url), ("sms", settings.sms_url)):
        words = ["-m", "simulation.outsiders", who, "--port", _port(url)]
        starts.append(Start(name=who, arguments=words, ready_url=f"{url}/control"))
    processes.start_all(starts)


def _port(url: str) -> str:
    return url.rsplit(":", 1)[1]


def _prepare(
    processes: Processes,
    settings: Settings,
    rulebook: Rulebook,
    source: str,
    seed: int,
    count: int,
) -> list[DemoStore]:
    """What officials do before the first day, with the commands they have for it."""
    rules, stores_file = settings.home / "rulebook.toml", settings.home / "stores.csv"
    rules.write_text(source)
    stores = make_stores(load_regions(), seed, count)
    write_stores(stores_file, stores)
    money = ("--ref", "拨款1号", "--by", "商务厅")
    for words in (
        ("campaign", "publish", str(rules), "--by", "商务厅"),
        ("fund", "appropriate", CAMPAIGN, yuan(rulebook.budget_fen), *money),
        ("store", "import", str(stores_file)),
    ):
        told = subprocess.run(
            [sys.executable, "-m", "huiquan", *words],
            env={**os.environ, **processes.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            raise RuntimeError(f"huiquan {' '.join(words)}: {told.stdout}{told.stderr}")
    return stores
