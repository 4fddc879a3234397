"""A season to ask, and copies of it to spoil."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import pytest

from huiquan.db.connection import open_database
from huiquan.db.embedded import Embedded
from tests.houses import House, make_house
from tests.played import Played, copy_of, played_season


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of the season: the house in it, and its owner, whom no right holds back."""

    house: House
    owner: asyncpg.Connection

    @property
    def now(self) -> datetime:
        return self.house.clock.now


@pytest.fixture(scope="session")
def played(postgres: Embedded) -> Played:
    """The season, for everyone to read."""
    return played_season(postgres)


@pytest.fixture
async def spoilt(played: Played) -> AsyncIterator[asyncpg.Connection]:
    """The season in a transaction of its owner, whom no right holds back; taken back at the end."""
    owner = await asyncpg.connect(played.url)
    transaction = owner.transaction()
    await transaction.start()
    yield owner
    await transaction.rollback()
    await owner.close()


@pytest.fixture
async def copy(postgres: Embedded, played: Played) -> AsyncIterator[Copy]:
    """A fresh copy of the season."""
    url = copy_of(postgres, played)
    database = await open_database(url, connections=2)
    owner = await asyncpg.connect(url)
    yield Copy(house=make_house(database, at=played.now), owner=owner)
    await owner.close()
    await asyncio.wait_for(database.close(), 10)
