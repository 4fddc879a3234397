"""The processes of a house under the bench: each comes to PostgreSQL under its own name.  进程归属

So it can be said for whom the server works. The product needs none of this: all of its processes
take the same two roles, whoever they came as.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from bench.machine import USERS
from huiquan.cli.processes import Processes

ADDRESS = "HUIQUAN_DATABASE_URL"
OWNER = "postgres"


@dataclass
class Children(Processes):
    """Processes whose database user has their own name, where there is such a user."""

    def environment_of(self, name: str) -> Mapping[str, str]:
        """The common settings, but for the user in the database's address."""
        return _as_itself(self.environment, name)


def _as_itself(common: Mapping[str, str], name: str) -> Mapping[str, str]:
    if name not in USERS:
        return common
    return {**common, ADDRESS: common[ADDRESS].replace(f"//{OWNER}:", f"//{name}:", 1)}


def make_users(address: str) -> None:
    """A user for each process; they may do what the owner may.

    What jobs asks is not spread over helpers of PostgreSQL, whose time could not be told from that
    of others; it takes longer and costs the same.
    """
    asyncio.run(_make_users(address))


async def _make_users(address: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for name in USERS:
            if name not in known:
                await connection.execute(f"create role {name} login superuser")
        await connection.execute("alter role jobs set max_parallel_workers_per_gather = 0")
    finally:
        await connection.close()
