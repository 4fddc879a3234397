"""Rows as PostgreSQL's binary copy takes them, and keys that wait until a table is full.  大批写入

A row of the crowd is a fixed text with a few gaps, so it is put together from bytes instead of
being encoded value by value.
"""

import struct
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_KEYS = """
select conrelid::regclass::text as table, conname as name, contype as kind,
       pg_get_constraintdef(oid) as text
  from pg_constraint
 where contype in ('p', 'u', 'f')
   and (conrelid = any($1::regclass[]) or confrelid = any($1::regclass[]))
 order by contype <> 'f', conrelid, conname
"""


_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as text
  from pg_index i
 where i.indrelid = any($1::regclass[])
   and not exists (select from pg_constraint where conindid = i.indexrelid)
 order by 1
"""


def value(raw: bytes) -> bytes:
    """One value: its length, then itself."""
    return struct.pack(">i", len(raw)) + raw


def smallint(number: int) -> bytes:
    """A smallint."""
    return value(struct.pack(">h", number))


def integer(number: int) -> bytes:
    """An integer."""
    return value(struct.pack(">i", number))


def text(words: str) -> bytes:
    """A text."""
    return value(words.encode())


def jsonb(words: str) -> bytes:
    """JSON: a version byte stands before it."""
    return value(b"\x01" + words.encode())


def moment(at: datetime) -> bytes:
    """A moment, in microseconds since 2000."""
    return value(struct.pack(">q", (at - _EPOCH) // timedelta(microseconds=1)))


def row(columns: int, *values: bytes) -> bytes:
    """One row, from values that are written already, several together where that is handy."""
    return struct.pack(">h", columns) + b"".join(values)


async def copy_rows(
    connection: "asyncpg.Connection[Any]", table: str, columns: Sequence[str], rows: bytes
) -> None:
    """Copy rows that are written already into a table."""

    async def parts() -> AsyncIterator[bytes]:
        yield HEAD
        yield rows
        yield END

    await connection.copy_to_table(table, source=parts(), columns=columns, format="binary")


@asynccontextmanager
async def keys_laid_aside(
    connection: "asyncpg.Connection[Any]", tables: Iterable[str]
) -> AsyncIterator[None]:
    """Take the keys off some tables while they are filled, and put the same keys on again.

    Each key is then built in one go, and each reference is checked over all rows at once: what does
    not hold is refused as it would have been row by row.
    """
    found = await connection.fetch(_KEYS, list(tables))
    for one in found:
        await connection.execute(f'alter table {one["table"]} drop constraint "{one["name"]}"')
    yield
    await connection.execute("set maintenance_work_mem = '512MB'")
    for one in reversed(found):
        await connection.execute(
            f'alter table {one["table"]} add constraint "{one["name"]}" {one["text"]}'
        )
    await connection.execute("reset maintenance_work_mem")


@asynccontextmanager
async def indexes_laid_aside(
    connection: "asyncpg.Connection[Any]", tables: Iterable[str]
) -> AsyncIterator[None]:
    """The same for indexes that stand for no key."""
    found = await connection.fetch(_INDEXES, list(tables))
    for one in found:
        await connection.execute(f"drop index {one['name']}")
    yield
    await connection.execute("set maintenance_work_mem = '512MB'")
    for one in found:
        await connection.execute(one["text"])
    await connection.execute("reset maintenance_work_mem")


def in_parts(count: int, size: int) -> Iterator[range]:
    """The numbers from 0 to count, in parts of a size."""
    for first in range(0, count, size):
        yield range(first, min(first + size, count))
