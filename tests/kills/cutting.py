"""Connections that can be cut at one statement: the real line to a real server, really gone.  断点

Statements are counted from the moment the cutter is armed; begin and commit are statements too. At
even numbers the socket is closed as by a lost process, at odd ones the server ends the session.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from huiquan.db import connection
from huiquan.db.connection import READER, WRITER, Database

BEFORE, AFTER = "before", "after"
ENDED_WITHIN_S = 30


@dataclass
class Cutter:
    """Where the line is cut: at which statement, on which side of it. None: nowhere."""

    owner: asyncpg.Connection
    at: int | None = None
    side: str = BEFORE
    is_armed: bool = False
    has_cut: bool = False
    statements: list[str] = field(default_factory=list)

    def arm(self, at: int | None = None, side: str = BEFORE) -> None:
        """Count from now on, and cut there."""
        self.at, self.side, self.is_armed, self.has_cut = at, side, True, False
        self.statements = []

    def rest(self) -> None:
        """Count no more."""
        self.is_armed = False

    async def step(
        self, line: asyncpg.Connection, text: str, run: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Run one statement, or lose the line before or after it."""
        if not self.is_armed or self.has_cut:
            return await run()
        number = len(self.statements)
        self.statements.append(" ".join(text.split())[:60])
        if number != self.at:
            return await run()
        self.has_cut = True
        if self.side == BEFORE:
            await self._cut(line, number)
            return await run()
        await run()
        await self._cut(line, number)
        raise asyncpg.ConnectionDoesNotExistError("the line was cut, the answer is lost")

    async def _cut(self, line: asyncpg.Connection, number: int) -> None:
        """End the session, and wait until server and client know it.

        Between the server's last word and the end of its socket a pool may lend the line out again;
        whoever asks over it then is told to ask again (tests/web/test_farewells.py), and here a
        second request would fail that no line was cut for.
        """
        pid = line.get_server_pid()
        if number % 2:
            await self.owner.execute("select pg_terminate_backend($1)", pid)
        else:
            line._transport.abort()
        alive = "select count(*) from pg_stat_activity where pid = $1"
        async with asyncio.timeout(ENDED_WITHIN_S):
            while True:
                if not await self.owner.fetchval(alive, pid) and line.is_closed():
                    return
                await asyncio.sleep(0.001)


class _Cuttable(connection._Connection):  # type: ignore[misc]
    cutter: Cutter

    async def execute(self, query: str, *args: Any, **named: Any) -> Any:
        # With arguments it comes by _execute, where it is counted.
        inner = super().execute
        if args:
            return await inner(query, *args, **named)
        return await self.cutter.step(self, query, lambda: inner(query, **named))

    async def _execute(self, query: str, *args: Any, **named: Any) -> Any:
        inner = super()._execute
        return await self.cutter.step(self, query, lambda: inner(query, *args, **named))

    async def _executemany(self, query: str, *args: Any, **named: Any) -> Any:
        inner = super()._executemany
        return await self.cutter.step(self, query, lambda: inner(query, *args, **named))

    async def copy_records_to_table(self, table: str, **named: Any) -> Any:
        inner = super().copy_records_to_table
        return await self.cutter.step(self, f"copy {table}", lambda: inner(table, **named))


async def open_cuttable(url: str, cutter: Cutter) -> Database:
    """The house's pools, over lines that the cutter holds."""
    kind = type("Cuttable", (_Cuttable,), {"cutter": cutter})

    async def pool(role: str) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=4,
            init=connection._prepare,
            connection_class=kind,
            server_settings={
                "role": role,
                "timezone": "Asia/Shanghai",
                "application_name": "huiquan",
            },
            command_timeout=60,
        )

    return Database(writer=await pool(WRITER), reader=await pool(READER), asker=await pool(READER))
