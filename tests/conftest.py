"""What every test may use: a PostgreSQL of its own, a fresh database for each that asks."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from tests.databases import Cluster, Server, copy_of, dropped, name_in, spread_out
from tests.grouping import GroupScheduling

# The machine is shared: no test is judged by its time, and every run tries the same examples.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

# Tables of the command line are as wide as the screen was when their module was loaded, whichever
# test loaded it first: here it is always wide enough for a line.
os.environ["COLUMNS"] = "200"

TEMPLATE = "huiquan_template"
CITUS_URL = os.environ.get("HUIQUAN_TEST_CITUS_URL", "")
HOME = "HUIQUAN_HOME"
_NUMBERS = count()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling | None:
    """With `--dist loadgroup`, groups as `tests/grouping.py` reads them."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session", autouse=True)
def folder_of_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the homes of houses are made whose test names none; what many tests share has one, too.

    A house notes what it saw in its home, and the next house there is held against it: no test may
    leave a word in the home of the house that somebody runs from this folder.
    """
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME, str(folder / "shared"))
        yield folder


@pytest.fixture(autouse=True)
def home_of_the_test(folder_of_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of this test's houses and commands, and of the processes it starts. It is made by
    whoever needs it."""
    home = folder_of_homes / str(next(_NUMBERS))
    monkeypatch.setenv(HOME, str(home))
    return home


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for this test process alone, or the cluster there is; with a migrated template."""
    if CITUS_URL:
        spread_out(Cluster(CITUS_URL), TEMPLATE)
        yield Cluster(CITUS_URL)
        return
    embedded = start_embedded(tmp_path_factory.mktemp("postgres") / "data")
    _spare_the_disk(embedded)
    migrate(create_database(embedded, TEMPLATE))
    yield embedded
    # At once, without writing down what nobody will read.
    os.kill(embedded.pid, signal.SIGQUIT)


def _spare_the_disk(embedded: Embedded) -> None:
    """This server outlives no test and is killed by none: nothing waits for the disk, and nobody
    tidies up hundreds of databases that are used for a second each.

    Whoever proves what survives a kill starts a server of their own.
    """
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.SQL(setting)))
        connection.execute("select pg_reload_conf()")


@pytest.fixture
def database_url(postgres: Server) -> Iterator[str]:
    """The address of a fresh, migrated, empty database."""
    url = copy_of(postgres, TEMPLATE)
    yield url
    if isinstance(postgres, Cluster):  # it outlives the tests, and each database needs workers
        dropped(postgres, name_in(url))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, open."""
    opened = await open_database(database_url)
    yield opened
    await asyncio.wait_for(opened.close(), 10)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).parents[1]
