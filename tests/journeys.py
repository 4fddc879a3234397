"""The journeys of a deed to the database: each statement that was sent, in its order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huiquan.db.connection import Database


@contextmanager
def journeys(database: Database) -> Iterator[list[str]]:
    """Every statement that this database is sent within the block, in order.

    Whoever counts does once before what is counted: a statement that a connection has never sent
    is prepared first, and that is a journey of its own.
    """
    sent: list[str] = []

    def note(said: Any) -> None:
        sent.append(" ".join(said.query.split()))

    pools = (database.writer, database.reader, database.asker)
    holders = [one for pool in pools for one in pool._holders]
    connections = [one._con for one in holders if one._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield sent
    finally:
        for connection in connections:
            connection.remove_query_logger(note)
