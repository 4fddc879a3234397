"""What the tests of kept sums share: a season of which nothing is counted yet."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from huiquan.db.connection import open_database
from huiquan.db.embedded import Embedded
from tests.houses import House, make_house
from tests.played import copy_of, played_season


@pytest.fixture
async def season(postgres: Embedded) -> AsyncIterator[tuple[str, House]]:
    """A copy of the season, nothing of it counted yet, and a house in it."""
    played = await asyncio.to_thread(played_season, postgres)
    url = copy_of(postgres, played)
    database = await open_database(url, connections=2)
    yield url, make_house(database, at=played.now)
    await asyncio.wait_for(database.close(), 10)
