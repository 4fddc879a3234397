"""The way into PostgreSQL: one pool that writes, one that can only read.  数据库连接

Only an action opens a transaction, and only its `async with` commits. The two pools act under two
database roles, so a view could not write if it tried, and nobody can change a booked transfer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import msgspec

Tx: TypeAlias = asyncpg.Connection
Row: TypeAlias = asyncpg.Record

WRITER = "huiquan_app"
READER = "huiquan_view"

# A plan that was made on a table of a few rows stays with its connection while the table fills, and
# a few rows are quickest read whole. Whoever answers one person never reads a table whole.
_BY_KEY = {"enable_seqscan": "off"}


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is given back as it is: nobody here changes a session's settings.

    asyncpg would ask the server to reset them after every transaction, one more journey each time.
    """

    is_cluster = False

    def get_reset_query(self) -> str:
        """Nothing is asked when a connection goes back to its pool."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Database:
    """The open database of a process: who writes, who reads much, who asks for single things."""

    writer: asyncpg.Pool
    reader: asyncpg.Pool
    asker: asyncpg.Pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One transaction; leaving the block commits it, an exception rolls it back."""
        async with self.writer.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def in_turn(self, turn: int) -> AsyncIterator[Tx]:
        """One transaction that first waits for its turn: all with the same number follow one
        another. To begin and to wait are one journey; the number is 64 bits with a sign."""
        async with self.writer.acquire() as connection:
            await connection.execute(f"begin; select pg_advisory_xact_lock({int(turn)})")
            try:
                yield connection
            except BaseException:
                await connection.execute("rollback")
                raise
            await connection.execute("commit")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """One read-only transaction that sees a single moment of the database."""
        async with (
            self.reader.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Tx]:
        """For a single question that is answered by keys: it sees one moment of the database
        without a transaction around it, which would cost two more journeys."""
        async with self.asker.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def one_statement(self) -> AsyncIterator[Tx]:
        """For a single statement that writes: it commits by itself, or does nothing."""
        async with self.writer.acquire() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back."""
        await self.writer.close()
        await self.reader.close()
        await self.asker.close()


async def open_database(url: str, *, connections: int = 8, writes_by_key: bool = False) -> Database:
    """Open the pools on a migrated database; a wrong address raises what asyncpg raises.

    A process that answers people or draws rounds writes by keys only; one that settles a whole day
    does not.
    """
    some = max(2, connections // 2)
    return Database(
        writer=await _open_pool(url, WRITER, connections, _BY_KEY if writes_by_key else {}),
        reader=await _open_pool(url, READER, some, {}),
        asker=await _open_pool(url, READER, some, _BY_KEY),
    )


async def _open_pool(
    url: str, role: str, connections: int, settings: dict[str, str]
) -> asyncpg.Pool:
    who = {"role": role, "timezone": "Asia/Shanghai", "application_name": "huiquan"}
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections,
        init=_prepare,
        connection_class=_Connection,
        server_settings=who | settings,
        command_timeout=60,
    )


def is_cluster(tx: Tx) -> bool:
    """True where the tables are spread over several machines."""
    found: bool = tx.is_cluster
    return found


async def _prepare(connection: Any) -> None:
    """Let jsonb columns come and go as plain Python values; see what kind of database it is."""
    connection.is_cluster = await connection.fetchval(
        "select exists (select from pg_extension where extname = 'citus')"
    )
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=lambda text: msgspec.json.decode(text),
        schema="pg_catalog",
    )
