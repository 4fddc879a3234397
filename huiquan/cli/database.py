"""huiquan db: spread the database over several machines.  数据库分布"""

import asyncio
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from huiquan.cli.house import database_address, settings_from_environment
from huiquan.db.distribute import Cluster, Move, Place, cluster_of, distribute, probe

app = typer.Typer(help="Spread the database over the machines of a Citus cluster.")
console = Console(highlight=False)


@app.callback()
def _group() -> None:
    """Keep `distribute` a word of its own while it is the only one."""


@app.command("distribute")
def distribute_database(
    shards: Annotated[
        int, typer.Option(min=1, max=1024, help="pieces in which each lane table is kept")
    ] = 64,
) -> None:
    """Put every table where it belongs in a Citus cluster (HUIQUAN_DATABASE_URL: its owner)."""
    cluster, moves = asyncio.run(_run(database_address(settings_from_environment()), shards))
    moved = [move for move in moves if not move.is_done]
    for move in moves:
        how = "on every machine" if move.place is Place.EVERYWHERE else "spread by lane"
        console.print(f"{move.table:<16} {how}{', already so' if move.is_done else ''}")
    done = f"{len(moved)} moved" if moved else "nothing to do"
    console.print(f"{done}; Citus {cluster.version}, {cluster.holders} hold shards")


async def _run(url: str, shards: int) -> tuple[Cluster, list[Move]]:
    connection = await asyncpg.connect(url)
    try:
        cluster = await cluster_of(connection)
        moves = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("distributing", total=None)
            async for number, total, move in distribute(connection, shards=shards):
                progress.update(task, completed=number, total=total, description=move.table)
                moves.append(move)
            progress.update(task, description="asking every shard under both roles")
            await probe(connection)
        return cluster, moves
    finally:
        await connection.close()
