"""What is asked at ten o'clock is looked up by its key, even on the first day's empty tables.

A plan stays with its connection while the table fills. Made on a table of no rows it is a toss
between reading the table whole and any index that begins with the lane, and each of those is as
slow as the day is old.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from huiquan.db import entries, rounds
from huiquan.db.connection import Database, open_database
from huiquan.views import outcome_batches
from tests.conftest import CITUS_URL

pytestmark = pytest.mark.skipif(bool(CITUS_URL), reason="reads the plans of one server")

PID = bytes(16)
YOUNG = "entries, rounds, vouchers, lanes, exclusions, lists"


class Overhearing:
    """Stands for a transaction, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked = ""

    async def fetch(self, question: str, *_: object) -> list[Any]:
        """Remember; nothing is there."""
        self.asked = question
        return []

    async def fetchrow(self, question: str, *_: object) -> None:
        """Remember; nothing is there."""
        self.asked = question

    fetchval = fetchrow

    def house(self) -> Any:
        """An app whose database is this."""

        @asynccontextmanager
        async def asking() -> AsyncIterator[Overhearing]:
            yield self

        return SimpleNamespace(db=SimpleNamespace(asking=asking))


Ask = Callable[[Overhearing], Awaitable[Any]]

# Which index each of the question's tables, by its short name, is looked up with.
WRITING: list[tuple[str, Ask, dict[str, str]]] = [
    (
        "standings",
        lambda tx: entries.standings(
            tx, campaign_id=1, lane=0, day=20260704, final_idx=0, pids=[PID]
        ),
        {"r": "registrations_pkey", "e": "entries_one_a_day", "u": "entries_pkey"},
    ),
    ("run to seal", lambda tx: entries.run_between(tx, 1, 0, 0, 9), {"e": "entries_pkey"}),
    ("places drawn", lambda tx: entries.at_places(tx, 1, 0, [1]), {"e": "entries_pkey"}),
    ("one's entry", lambda tx: entries.of_person(tx, 1, 0, PID, 1), {"e": "entries_one_a_day"}),
    ("round before", lambda tx: rounds.last_round(tx, 1, 0), {"r": "rounds_pkey"}),
    ("open round", lambda tx: rounds.open_round(tx, 1, 0), {"r": "rounds_one_open"}),
]

ASKING: list[tuple[str, Ask, dict[str, str]]] = [
    (
        "entries",
        lambda tx: outcome_batches.entries_of(tx.house(), 1, [(0, PID, 20260704)]),
        {"e": "entries_one_a_day"},
    ),
    (
        "rounds after",
        lambda tx: outcome_batches.finals_after(tx.house(), 1, {0: 0}, 9),
        {"r": "rounds_pkey"},
    ),
    (
        "vouchers won",
        lambda tx: outcome_batches.vouchers_won(tx.house(), 1, [(0, 1)]),
        {"v": "vouchers_pkey"},
    ),
]


def _named(cases: list[tuple[str, Ask, dict[str, str]]]) -> list[Any]:
    return [pytest.param(ask, indexes, id=name) for name, ask, indexes in cases]


@pytest.mark.parametrize(("ask", "indexes"), _named(WRITING))
async def test_whoever_enters_or_draws_is_looked_up_by_the_key_on_an_empty_table(
    database_url: str, ask: Ask, indexes: dict[str, str]
) -> None:
    """The writer of a process that answers people."""
    house = await open_database(database_url, writes_by_key=True)
    try:
        async with house.writer.acquire() as connection:
            await _held(connection, ask, indexes)
    finally:
        await house.close()


@pytest.mark.parametrize(("ask", "indexes"), _named(ASKING))
async def test_whoever_asks_for_an_outcome_is_looked_up_by_the_key_on_an_empty_table(
    database: Database, ask: Ask, indexes: dict[str, str]
) -> None:
    """The pool for single questions."""
    async with database.asker.acquire() as connection:
        await _held(connection, ask, indexes)


async def test_a_process_that_settles_a_day_may_read_a_table_whole(database: Database) -> None:
    """Without the word, the writer plans as PostgreSQL does; readers always do."""
    for pool in (database.writer, database.reader):
        async with pool.acquire() as connection:
            assert await connection.fetchval("show enable_seqscan") == "on"


async def _held(connection: asyncpg.Connection, ask: Ask, indexes: dict[str, str]) -> None:
    """The plan that stays, made while nothing is there and the tables are known to be empty."""
    overheard = Overhearing()
    await ask(overheard)
    await connection.execute(f"reset role; analyze {YOUNG}")
    plan = await _kept_plan(connection, overheard.asked)
    assert "Seq Scan" not in plan, plan
    for name, index in indexes.items():
        used = re.findall(rf"using (\w+) on (?:\w+ )?{name}(?:_\d)?$", plan, re.MULTILINE)
        assert used == [index], plan


async def _kept_plan(connection: asyncpg.Connection, question: str) -> str:
    """The plan for whatever is asked, as PostgreSQL keeps it after some turns."""
    count = max(int(number) for number in re.findall(r"\$(\d+)", question))
    await connection.execute(f"prepare question as {question}")
    await connection.execute("set plan_cache_mode = force_generic_plan")
    nothing = ", ".join(["null"] * count)
    rows = await connection.fetch(f"explain (costs off) execute question ({nothing})")
    return "\n".join(row[0] for row in rows)
