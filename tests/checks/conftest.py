"""One small true season, played once; each test gets its own copy to spoil."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import pytest

from huiquan.db.connection import Database, open_database
from huiquan.db.embedded import Embedded, create_database
from tests.conftest import TEMPLATE
from tests.houses import House, make_house
from tests.seasons import open_season, play

DAYS = 5


@dataclass(frozen=True, kw_only=True)
class Played:
    """A database in which a season was played, and the moment at which it stands."""

    name: str
    url: str
    now: datetime


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
    """Five days of draws, redemptions, refunds, expiries, settlements and payments."""
    name = "season"
    url = create_database(postgres, name, template=TEMPLATE)
    return Played(name=name, url=url, now=asyncio.run(_play(url)))


async def _play(url: str) -> datetime:
    database = await open_database(url)
    season = await open_season(database)
    await play(season, DAYS)
    season.house.clock.now += timedelta(minutes=1)
    await database.close()
    return season.house.clock.now


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
    url = create_database(postgres, f"copy_{secrets.token_hex(6)}", template=played.name)
    database: Database = await open_database(url, connections=2)
    owner = await asyncpg.connect(url)
    yield Copy(house=make_house(database, at=played.now), owner=owner)
    await owner.close()
    await asyncio.wait_for(database.close(), 10)
