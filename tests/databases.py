"""A fresh copy of a database for a test: of the migrated template, or of a season.

Where HUIQUAN_TEST_CITUS_URL names an empty database on the coordinator of a Citus cluster, copies
are made there, on every machine of it: then whatever a test asks of a database, it asks a cluster.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import NoReturn
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest
from psycopg import sql

from huiquan.db.connection import READER, WRITER
from huiquan.db.distribute import distribute, settings_for
from huiquan.db.embedded import Embedded, create_database
from huiquan.db.migrate import migrate

SHARDS = 16
TRIES = 10


@dataclass(frozen=True)
class Cluster:
    """Several servers that are one database; `empty` is the address of the one to begin from."""

    empty: str

    def url(self, database: str) -> str:
        """The coordinator's address of a database."""
        return _at(self.empty, database)

    @property
    def servers(self) -> list[str]:
        """Every machine, the coordinator first: where databases are made."""
        return _servers(self.empty)

    @property
    def server(self) -> NoReturn:
        """Whoever reaches for a server's own tools needs one of their own."""
        pytest.skip("needs a PostgreSQL of its own, not a cluster")

    @property
    def pid(self) -> NoReturn:
        """Whoever kills a server needs one of their own."""
        pytest.skip("needs a PostgreSQL of its own, not a cluster")


Server = Embedded | Cluster


def made(server: Server, name: str, *, template: str) -> str:
    """The address of a database that is a copy of another, which nobody is connected to."""
    if isinstance(server, Embedded):
        return create_database(server, name, template=template)
    dropped(server, name)  # of a run before: a cluster outlives the tests
    return _made_everywhere(server, name, template)


def copy_of(server: Server, template: str, name: str = "test") -> str:
    """The address of a copy. Its files are copied: nothing of it has to be in the log."""
    fresh = f"{name}_{secrets.token_hex(6)}"
    if isinstance(server, Cluster):
        return _made_everywhere(server, fresh, template)
    make = sql.SQL("create database {} template {} strategy file_copy")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(make.format(sql.Identifier(fresh), sql.Identifier(template)))
    return server.url(fresh)


def dropped(server: Server, name: str) -> None:
    """Take a database away, whoever is still connected to it."""
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    servers = server.servers if isinstance(server, Cluster) else [server.url("postgres")]
    for address in servers:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(drop)


def name_in(url: str) -> str:
    """The name of the database an address leads to."""
    return url.partition("?")[0].rsplit("/", 1)[1]


def spread_out(cluster: Cluster, name: str) -> None:
    """Make a template on the cluster: migrated, and every table spread by lane."""
    url = made(cluster, name, template=name_in(cluster.empty))
    migrate(url)
    asyncio.run(_distribute(url))


async def _distribute(url: str) -> None:
    owner = await asyncpg.connect(url)
    try:
        for role in (WRITER, READER):
            await owner.execute(f"alter role {role} login")
        async for _ in distribute(owner, shards=SHARDS):
            pass
    finally:
        await owner.close()


def _made_everywhere(cluster: Cluster, name: str, template: str) -> str:
    """A database of the same name on each machine, each a copy of what that machine has.

    What says where shards are stands in the database itself and is copied with it; what the
    database was set to does not.
    """
    make = sql.SQL("create database {} template {} strategy file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    # Citus looks after each database over connections of its own, which would be in the way.
    leave = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
    for address in cluster.servers:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("set citus.enable_create_database_propagation = off")
            for _ in range(TRIES):
                connection.execute(leave, [template])
                with suppress(psycopg.errors.ObjectInUse):
                    connection.execute(make)
                    break
    with psycopg.connect(cluster.servers[0], autocommit=True) as connection:
        for statement in settings_for(name):
            connection.execute(statement)
    return cluster.url(name)


@cache
def _servers(empty: str) -> list[str]:
    with psycopg.connect(empty) as connection:
        nodes = connection.execute(
            "select nodename, nodeport from pg_dist_node where isactive order by groupid"
        ).fetchall()
    who = urlsplit(empty).netloc.rpartition("@")[0]
    return [f"postgresql://{who}@{host}:{port}/postgres" for host, port in nodes]


def _at(address: str, database: str) -> str:
    return urlsplit(address)._replace(path=f"/{database}").geturl()
