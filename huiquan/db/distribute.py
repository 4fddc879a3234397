"""Spread a migrated database over the machines of a Citus cluster, lane by lane.  按通道分布

All tables move in one transaction, so a run that was cut short moved nothing, and a run that was
asked for twice finds everything as it should be.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from huiquan.db import lane_rules
from huiquan.db.connection import READER, WRITER, Tx

OLDEST = (12, 0)
"""The oldest Citus that is accepted: it runs on PostgreSQL 15 and spreads identity columns."""

ANCHOR = "lanes"
"""The table that the others stand beside: a lane's rows of all tables are on one machine."""

SETTINGS = {
    "citus.multi_shard_modify_mode": "sequential",
    "citus.override_table_visibility": "off",
}
"""What the database of a cluster is set to, for every session from then on; a copy of it is not.

A transaction that has read all lanes side by side may not write a table that refers to a table on
every machine; what is read one after another, over one connection to each, stands in nobody's way.
While Citus hides shards from whoever looks into the catalogue, it asks of every table there whether
it is one: a client that opens a connection and asks what a type is waits for seconds.
"""


class Place(StrEnum):
    """Where a table's rows stand."""

    EVERYWHERE = "reference"
    BY_LANE = "distributed"


@dataclass(frozen=True, kw_only=True)
class Move:
    """One table, where it belongs, and whether it is there already."""

    table: str
    place: Place
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What answers at this address: Citus' version, and how many machines hold shards."""

    version: str
    holders: int


async def cluster_of(tx: Tx) -> Cluster:
    """The cluster behind this address. ValueError says what is missing, and what would help."""
    version = await tx.fetchval("select extversion from pg_extension where extname = 'citus'")
    if version is None:
        raise ValueError(
            "this database has no Citus: put citus into shared_preload_libraries, restart, "
            "and run `create extension citus` here and on every worker"
        )
    numbers = tuple(int(part) for part in version.split("-")[0].split(".")[:2])
    if numbers < OLDEST:
        wanted = ".".join(str(number) for number in OLDEST)
        raise ValueError(f"Citus {version} is too old; {wanted} or newer is needed")
    if await tx.fetchval("select groupid from pg_dist_local_group") != 0:
        raise ValueError("this is a worker: give the coordinator's address")
    nodes = await tx.fetch("select groupid, shouldhaveshards from pg_dist_node where isactive")
    if nodes and all(node["groupid"] != 0 for node in nodes):
        raise ValueError(
            "the coordinator does not know itself: run "
            "`select citus_set_coordinator_host('its address', its port)` first"
        )
    holders = sum(node["shouldhaveshards"] for node in nodes)
    return Cluster(version=version, holders=max(1, holders))


async def check_ready(tx: Tx) -> None:
    """ValueError when the tables are missing, break a rule of lanes, or a role cannot be used."""
    if await tx.fetchval("select to_regclass('public.lanes')") is None:
        raise ValueError("the tables are not there yet: run `huiquan migrate` first")
    in_the_way = await lane_rules.obstacles(tx)
    if in_the_way:
        raise ValueError("cannot be spread by lane: " + "; ".join(str(one) for one in in_the_way))
    barred = await tx.fetch(
        "select rolname from pg_roles where rolname = any($1) and not rolcanlogin order by 1",
        [WRITER, READER],
    )
    if barred:
        names = ", ".join(row["rolname"] for row in barred)
        raise ValueError(
            f"the machines speak to each other under the roles of the house, but {names} may not "
            "log in: `alter role … login` on the coordinator, and let pg_hba.conf admit them from "
            "the cluster's own machines only"
        )


async def plan(tx: Tx) -> list[Move]:
    """Every table that has a place in the cluster, in the order in which they can be moved."""
    rows = await tx.fetch(
        """
        select logicalrelid::regclass::text as name
          from pg_dist_partition
         where partmethod = 'h' or (partmethod = 'n' and repmodel = 't')
        """
    )
    there = {row["name"] for row in rows}
    shared = [(name, Place.EVERYWHERE) for name in await lane_rules.reference_tables(tx)]
    by_lane = [(name, Place.BY_LANE) for name in await lane_rules.lane_tables(tx)]
    by_lane.sort(key=lambda move: move[0] != ANCHOR)
    return [
        Move(table=table, place=place, is_done=table in there)
        for table, place in (*shared, *by_lane)
    ]


async def distribute(
    connection: asyncpg.Connection, *, shards: int
) -> AsyncIterator[tuple[int, int, Move]]:
    """Move each table to its place; tells of each, with its number and how many there are.

    Raises ValueError before anything moved when something stands in the way. `connection` belongs
    to the owner of the tables and is in no transaction; all moves stand or fall together.
    """
    await cluster_of(connection)
    await check_ready(connection)
    moves = await plan(connection)
    async with connection.transaction():
        ahead = [move for move in moves if not move.is_done]
        references = await _take_off(connection, ahead) if ahead else []
        for number, move in enumerate(moves, 1):
            yield number, len(moves), move
            if not move.is_done:
                await _carry_out(connection, move, shards)
        for table, name, definition in references:
            await connection.execute(f'alter table {table} add constraint "{name}" {definition}')
        # Tables that foreign keys tie to those that are everywhere were made anew, and their
        # sequences with them: what migrate had granted on those is gone.
        await connection.execute(f"grant usage on all sequences in schema public to {WRITER}")
        for statement in settings_for(await connection.fetchval("select current_database()")):
            await connection.execute(statement)


async def _take_off(
    connection: asyncpg.Connection, ahead: list[Move]
) -> list[tuple[str, str, str]]:
    """Take the foreign keys off the lane tables that are to be moved, to be put on again: table,
    name, definition.

    While only one side of a reference has moved, Citus allows it in neither direction.
    """
    await connection.execute("set local citus.multi_shard_modify_mode = 'sequential'")
    rows = await connection.fetch(
        """
        select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition
          from pg_constraint
         where contype = 'f'
           and conrelid = any($1::text[]::regclass[])
         order by 1, 2
        """,
        [move.table for move in ahead if move.place is Place.BY_LANE],
    )
    for table, name, _ in rows:
        await connection.execute(f'alter table {table} drop constraint "{name}"')
    return [(row["table"], row["conname"], row["definition"]) for row in rows]


def settings_for(database: str) -> list[str]:
    """The statements that set a database as a cluster's is set."""
    name = '"' + database.replace('"', '""') + '"'
    return [f"alter database {name} set {one} = {value}" for one, value in SETTINGS.items()]


async def _carry_out(connection: asyncpg.Connection, move: Move, shards: int) -> None:
    if move.place is Place.EVERYWHERE:
        await connection.execute("select create_reference_table($1::text::regclass)", move.table)
    elif move.table == ANCHOR:
        await connection.execute(
            "select create_distributed_table($1::text::regclass, 'lane', shard_count => $2)",
            move.table,
            shards,
        )
    else:
        await connection.execute(
            "select create_distributed_table($1::text::regclass, 'lane', colocate_with => $2)",
            move.table,
            ANCHOR,
        )


async def probe(connection: asyncpg.Connection) -> None:
    """Ask every shard something under both roles, so that a machine that bars one is found now."""
    for role in (WRITER, READER):
        async with connection.transaction(readonly=True):
            await connection.execute(f"set local role {role}")
            await connection.execute("select count(*) from lanes")
