"""The lane rule, in the source: what belongs to lanes is keyed by lane and written by lane."""

import ast
import re
from pathlib import Path

from tests.tidy.source import ROOT, of_every, tree_of

MIGRATIONS = sorted((ROOT / "huiquan/db/migrations").glob("*.sql"))
SCHEMA = "\n".join(re.sub(r"--.*", "", path.read_text()) for path in MIGRATIONS)

KEYED = re.compile(
    r"(?:create|alter) table (?P<table>\w+)(?:(?!;)[\s\S])*?primary key \(lane\b", re.IGNORECASE
)
LANE_TABLES = {found["table"] for found in KEYED.finditer(SCHEMA)}
WRITTEN = re.compile(r"(?:insert into|update|delete from)\s+(?P<table>\w+)")

# What is decided over all lanes at once, and the table it writes there: each shard does its part.
OVER_ALL_LANES = {("settlements.py", "redemptions")}


def _questions(path: Path) -> list[str]:
    """Every string of a file that may be a question to the database, f-strings in pieces joined."""
    return [
        "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        if isinstance(node, ast.JoinedStr)
        else node.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]


def test_the_lane_tables_are_found() -> None:
    assert {"entries", "vouchers", "objections", "transfers", "lanes"} <= LANE_TABLES
    assert len(LANE_TABLES) == 16


def test_no_migration_makes_a_trigger() -> None:
    assert re.findall(r"create (?:or replace )?(?:constraint )?trigger", SCHEMA, re.I) == []


def test_no_constraint_waits_for_the_commit() -> None:
    assert re.findall(r"\bdeferrable\b", SCHEMA, re.I) == []


@of_every(sorted((ROOT / "huiquan/db").glob("*.py")))
def test_whoever_writes_a_lane_table_names_the_lane(path: Path) -> None:
    for question in _questions(path):
        for found in WRITTEN.finditer(question):
            if found["table"] in LANE_TABLES and (path.name, found["table"]) not in OVER_ALL_LANES:
                assert re.search(r"\blane\b", question), question
