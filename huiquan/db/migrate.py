"""Bring a database to the shape this version needs.  数据库迁移

The migrations are plain SQL, numbered, each with a header that says what it locks. The library
yoyo-migrations applies each one once and in order, and keeps two processes from doing it at once.
"""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import procrastinate
import psycopg
import yoyo

QUEUE_GRANTS = """
do $$
declare
    name text;
begin
    for name in select tablename from pg_tables where tablename like 'procrastinate_%' loop
        execute format('grant select, insert, update, delete on %I to huiquan_app', name);
    end loop;
    grant usage on all sequences in schema public to huiquan_app;
end $$
"""

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> list[str]:
    """Apply what is not applied yet; gives the names of what was applied now."""
    backend = yoyo.get_backend(_for_psycopg(url))
    try:
        migrations = yoyo.read_migrations(str(MIGRATIONS))
        with backend.lock():
            waiting = backend.to_apply(migrations)
            backend.apply_migrations(waiting)
            _ensure_queue(url)
            return [migration.id for migration in waiting]
    finally:
        backend.connection.close()


def _ensure_queue(url: str) -> None:
    """The tables of procrastinate, which keeps the regular work; the program may use them all."""
    queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=url))
    with queue.open(), psycopg.connect(url) as connection:
        found = connection.execute("select to_regclass('procrastinate_jobs')").fetchone()
        if found is not None and found[0] is None:
            queue.schema_manager.apply_schema()
        connection.execute(QUEUE_GRANTS)


def _for_psycopg(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg"))
