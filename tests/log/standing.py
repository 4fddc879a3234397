"""A house with real signers and a third witness, and a public log that grows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from huiquan.db.connection import Database
from tests.houses import CAMPAIGN
from tests.stories.test_todays_draw import DrawHouse, draw_and_log, draw_house, enter

LOG = f"/log/{CAMPAIGN}"


@asynccontextmanager
async def logged_house(
    database: Database, home: Path, people: int = 12
) -> AsyncIterator[DrawHouse]:
    """Everyone has entered and was drawn, and a checkpoint covers it."""
    async with draw_house(database, home, people) as standing:
        await enter_some(standing, standing.tokens)
        yield standing


async def enter_some(standing: DrawHouse, tokens: Sequence[str]) -> None:
    """These people enter, are drawn and logged, and a checkpoint is published."""
    for token in tokens:
        await enter(standing.house, standing.client, token)
    await draw_and_log(standing)


async def fetch(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """One address of the log."""
    return await client.get(f"{LOG}/{path}")
