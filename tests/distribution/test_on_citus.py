"""The house on a real Citus cluster: spread by lane, a season is played there, every promise holds.

HUIQUAN_TEST_CITUS_URL names an empty database on a coordinator, as the owner, with the extension
there and the nodes added; `docs/operating/scale.md` says how it is prepared.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from huiquan.db.connection import Database, open_database
from huiquan.db.distribute import cluster_of, distribute
from huiquan.db.migrate import migrate
from tests.seasons import Season, open_season, play

DAYS = 5
URL = os.environ.get("HUIQUAN_TEST_CITUS_URL", "")

pytestmark = [
    pytest.mark.skipif(
        not URL, reason="HUIQUAN_TEST_CITUS_URL names no empty database of a Citus coordinator"
    ),
    pytest.mark.xdist_group("citus"),
]


async def _prepare() -> None:
    """Migrate and distribute the empty database, once for all tests of this process."""
    owner = await asyncpg.connect(URL)
    try:
        await cluster_of(owner)
        assert await owner.fetchval("select to_regclass('public.lanes')") is None, "not empty"
        await asyncio.to_thread(migrate, URL)
        for role in ("huiquan_app", "huiquan_view"):
            await owner.execute(f"alter role {role} login")
        async for _ in distribute(owner, shards=16):
            pass
    finally:
        await owner.close()


async def _play() -> Season:
    database = await open_database(URL)
    season = await open_season(database)
    await play(season, DAYS)
    season.house.clock.now += timedelta(minutes=1)
    await database.close()
    return season


@pytest.fixture(scope="module")
def season() -> Season:
    """A season that was played on the cluster."""
    asyncio.run(_prepare())
    return asyncio.run(_play())


@pytest.fixture
async def owner() -> AsyncIterator[asyncpg.Connection]:
    """The owner of the tables."""
    connection = await asyncpg.connect(URL)
    yield connection
    await connection.close()


@pytest.fixture
async def cluster(season: Season) -> AsyncIterator[Database]:
    """The cluster's database, open, after the season."""
    opened = await open_database(URL)
    season.house.app = season.house.app.__replace__(db=opened)
    yield opened
    await asyncio.wait_for(opened.close(), 10)
