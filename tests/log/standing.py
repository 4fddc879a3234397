"""A house with real signers and a third witness, and a public log that grows."""

import secrets
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from huiquan.db.connection import Database
from huiquan.db.embedded import Embedded, create_database
from tests.houses import CAMPAIGN, House, make_house
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


def restored_copy(postgres: Embedded, url: str) -> str:
    """A backup of the database as it is now, restored beside it under another name."""
    tools = postgres.server.bin_path
    name = f"restored_{secrets.token_hex(4)}"
    dump = subprocess.run([tools / "pg_dump", url], check=True, capture_output=True).stdout
    restored = create_database(postgres, name)
    subprocess.run(
        [tools / "psql", restored, "-q", "-v", "ON_ERROR_STOP=1"],
        input=dump,
        check=True,
        capture_output=True,
    )
    return restored


def beside(standing: DrawHouse, database: Database, **parts: Any) -> House:
    """The same house, with the same signers, on another database."""
    app = standing.house.app
    return make_house(
        database,
        **{"notary": app.notary, "auditor": app.auditor, "witness": app.witness, **parts},
    )
