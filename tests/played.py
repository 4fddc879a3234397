"""One small true season, played once a test process; each test gets its own copy to spoil."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from huiquan.db.connection import open_database
from tests import databases
from tests.conftest import TEMPLATE
from tests.seasons import open_season, play

DAYS = 5


@dataclass(frozen=True, kw_only=True)
class Played:
    """A database in which a season was played, and the moment at which it stands."""

    name: str
    url: str
    now: datetime


@cache
def played_season(postgres: databases.Server) -> Played:
    """Five days of draws, redemptions, refunds, expiries, settlements and payments."""
    name = "season"
    url = databases.made(postgres, name, template=TEMPLATE)
    return Played(name=name, url=url, now=asyncio.run(_play(url)))


async def _play(url: str) -> datetime:
    database = await open_database(url)
    season = await open_season(database)
    await play(season, DAYS)
    season.house.clock.now += timedelta(minutes=1)
    await database.close()
    return season.house.clock.now


def copy_of(postgres: databases.Server, played: Played) -> str:
    """The address of a fresh copy of the season."""
    return databases.copy_of(postgres, played.name)
