"""Whoever lies in wait for a statement meets it on real lines, before it arrives or once done."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psycopg
import pytest

from huiquan.db.embedded import Embedded
from torture.lines import Line, Side, Trap, Way, open_line
from torture.statements import Statements

Ask = Callable[[str, str], Awaitable[None]]


async def by_asyncpg(address: str, statement: str) -> None:
    line = await asyncpg.connect(address, timeout=10)
    try:
        async with line.transaction():
            # Said once with its text, and then by its name alone.
            for number in range(3):
                await line.execute("select $1::int", number)
            await line.execute(statement, 7)
    finally:
        line.terminate()


async def by_psycopg(address: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(address) as line:
        await line.execute(statement.replace("$1", "%s").encode(), [7])


@asynccontextmanager
async def line_to(postgres: Embedded) -> AsyncIterator[tuple[Line, str, asyncpg.Connection]]:
    """A line to the server, an address over it, and somebody who looks past it."""
    folder = parse_qs(urlsplit(postgres.url("postgres")).query)["host"][0]
    database = f"torture_{random.randrange(10**9)}"

    async def connect() -> Way:
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")

    owner = await asyncpg.connect(postgres.url("postgres"))
    await owner.execute(f"create database {database}")
    past = await asyncpg.connect(postgres.url(database))
    await past.execute("create table money (n int); create table paper (n int)")
    line = Line(name="x", ways=[connect], cues=(b"COMMIT",), dice=random.Random(1), is_read=True)
    try:
        async with open_line(line):
            yield line, f"postgresql://postgres@127.0.0.1:{line.port}/{database}", past
    finally:
        await past.close()
        await owner.execute(f"drop database {database} with (force)")
        await owner.close()


@pytest.mark.parametrize("ask", [by_asyncpg, by_psycopg])
@pytest.mark.parametrize("side", [Side.BEFORE, Side.ANSWERED])
async def test_a_trap_at_a_table_springs_at_the_statement_that_writes_it_and_at_no_other(
    postgres: Embedded, ask: Ask, side: Side
) -> None:
    async with line_to(postgres) as (line, address, past):
        seen: list[bool] = []

        async def look(port: int) -> None:
            seen.append(await past.fetchval("select pg_relation_size('money') > 0"))

        line.traps.append(Trap(waits_for="money", side=side, act=look))
        await ask(address, "insert into paper values ($1)")
        assert (seen, len(line.traps)) == ([], 1)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError, psycopg.Error)):
            await ask(address, "with one as (insert into money values ($1) returning n) table one")
        assert line.traps == []
        # At that moment the server had not heard of it, or it was written and not committed.
        assert seen == [side is Side.ANSWERED]
        assert await past.fetchval("select count(*) from money") == 0
        await ask(address, "insert into money values ($1)")
        assert await past.fetchval("select count(*) from money") == 1


def message(letter: bytes, said: bytes) -> bytes:
    return letter + (len(said) + 4).to_bytes(4) + said


def test_statements_are_known_by_name_and_told_once_their_last_byte_has_passed() -> None:
    start = message(b"", (196608).to_bytes(4) + b"user\0postgres\0\0")
    parse = message(
        b"P", b"s1\0with a as (update Locks set n = 1) insert into refunds select 1\0\0\0"
    )
    bind = message(b"B", b"\0s1\0\0\0\0\0\0\0")
    simple = message(b"Q", b"delete from codes; select 1\0")
    both = {"locks", "refunds"}
    asked = Statements()
    ciphered = message(b"", (80877103).to_bytes(4))
    assert asked.tables_written(ciphered + start + parse) == set()
    assert asked.tables_written(bind) == both
    assert asked.tables_written(bind[:5]) == set()
    assert asked.tables_written(bind[5:] + simple) == both | {"codes"}
    assert Statements().tables_written(start + bind) == set()
