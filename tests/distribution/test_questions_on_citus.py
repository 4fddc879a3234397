"""What the house asks its database, each statement by itself: a cluster takes it.

A story proves what it happens to ask. Here every statement that stands whole in the source is put
once, with made-up values, and taken back; what a cluster would not plan is named with its place.
"""

import ast
import importlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from huiquan.db.connection import Database, Tx
from tests.conftest import CITUS_URL
from tests.tidy.source import ROOT, tree_of

pytestmark = [
    pytest.mark.skipif(not CITUS_URL, reason="HUIQUAN_TEST_CITUS_URL names no empty database"),
    pytest.mark.xdist_group("citus"),
]

VERBS = ("select ", "with ", "insert into ", "update ", "delete from ")
FILES = sorted([*(ROOT / "huiquan/db").glob("*.py"), *(ROOT / "huiquan/views").glob("*.py")])
VALUES: dict[str, Any] = {
    "bool": True,
    "int2": 1,
    "int4": 20260206,
    "int8": 1,
    "numeric": 1,
    "text": "1",
    "name": "1",
    "varchar": "1",
    "bytea": bytes(32),
    "jsonb": {},
    "date": date(2026, 2, 6),
    "timestamptz": datetime(2026, 2, 6, 4, tzinfo=UTC),
    "interval": timedelta(hours=1),
    "float8": 1.0,
}
REFUSED = (
    asyncpg.FeatureNotSupportedError,
    asyncpg.InternalServerError,
    asyncpg.DatatypeMismatchError,
)


def questions_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every statement of a file that stands whole there or is put together from its constants."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    tree = tree_of(path)
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in parts or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        try:
            text = eval(compile(ast.Expression(node), str(path), "eval"), vars(module))
        except NameError:
            continue  # it is put together from what a function is given
        if isinstance(text, str) and " ".join(text.split()).lower().startswith(VERBS):
            yield node.lineno, text


async def refusal_of(tx: Tx, question: str) -> str | None:
    """What the database says when it does not take a statement as it stands; None if it does."""
    attempt = tx.transaction()
    await attempt.start()
    try:
        asked = await tx.prepare(question)
        values = [value_of(parameter) for parameter in asked.get_parameters()]
        await asked.fetch(*values, timeout=60)
    except REFUSED as refused:
        return str(refused)
    except asyncpg.PostgresError:
        return None  # made-up values break a promise, or a part of it alone is no statement
    finally:
        await attempt.rollback()
    return None


def value_of(parameter: asyncpg.Type) -> Any:
    """A made-up value of a type; arrays have one of them."""
    if parameter.kind == "array":
        return [VALUES[parameter.name.removesuffix("[]")]]
    return VALUES[parameter.name]


async def test_each_statement_of_the_house_is_taken(database: Database) -> None:
    refused, asked = [], 0
    for path in FILES:
        for line, question in questions_of(path):
            room = database.reading if path.parent.name == "views" else database.transaction
            async with room() as tx:
                said = await refusal_of(tx, question)
            asked += 1
            if said is not None:
                refused.append(f"{path.relative_to(ROOT)}:{line}: {said}")
    assert asked > 300
    assert refused == []
