"""A season whose books others tell of, one copy a test."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from huiquan.db.connection import open_database
from huiquan.db.embedded import Embedded
from tests.houses import make_house
from tests.played import Played, copy_of, played_season
from tests.reconciliation.bills import FIRST, LAST, Books, facts_of


@pytest.fixture(scope="session")
def played(postgres: Embedded) -> Played:
    """The season, for everyone to read."""
    return played_season(postgres)


@pytest.fixture
async def books(postgres: Embedded, played: Played) -> AsyncIterator[Books]:
    """A fresh copy of the season, at one in the afternoon after its last day."""
    url = copy_of(postgres, played)
    database = await open_database(url, connections=3)
    owner = await asyncpg.connect(url)
    yield Books(
        url=url,
        house=make_house(database, at=played.now.replace(hour=13)),
        owner=owner,
        facts=await facts_of(owner, FIRST, LAST),
    )
    await owner.close()
    await asyncio.wait_for(database.close(), 10)
