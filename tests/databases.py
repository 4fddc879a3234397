"""A fresh copy of a database for a test: of the migrated template, or of a season."""

import secrets

import psycopg
from psycopg import sql

from huiquan.db.embedded import Embedded


def copy_of(embedded: Embedded, template: str, name: str = "test") -> str:
    """The address of a copy. Its files are copied: nothing of it has to be in the log."""
    fresh = f"{name}_{secrets.token_hex(6)}"
    make = sql.SQL("create database {} template {} strategy file_copy")
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(make.format(sql.Identifier(fresh), sql.Identifier(template)))
    return embedded.url(fresh)
