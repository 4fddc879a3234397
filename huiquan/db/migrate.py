"""Bring a database to the shape this version needs.  数据库迁移

The migrations are plain SQL, numbered, each with a header that says what it locks. The library
yoyo-migrations applies each one once and in order, and keeps two processes from doing it at once.
"""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import yoyo

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> list[str]:
    """Apply what is not applied yet; gives the names of what was applied now."""
    backend = yoyo.get_backend(_for_psycopg(url))
    try:
        migrations = yoyo.read_migrations(str(MIGRATIONS))
        with backend.lock():
            waiting = backend.to_apply(migrations)
            backend.apply_migrations(waiting)
            return [migration.id for migration in waiting]
    finally:
        backend.connection.close()


def _for_psycopg(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg"))
