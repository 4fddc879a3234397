"""Several statements in one journey: what belongs to one deed goes there together.  一次往返

Each table's file says how its own row is written, as a value; an action puts the values in order.
PostgreSQL gets them as one statement and works through them in that order: whoever waits for a row
of the second holds the first already. A cluster of several machines gets them one after another.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from huiquan.db.connection import Row, Tx, is_cluster
from huiquan.domain.refusals import Refusal

_ARGUMENT = re.compile(r"\$(\d+)")


@dataclass(frozen=True, kw_only=True)
class Write:
    """One statement that writes and returns a row for each row that it touched.

    What it means when it touched none: `promise`, something of ours is broken; `refusal`, somebody
    else was first, and the whole deed is undone; neither, there was nothing to write.
    """

    sql: str
    args: tuple[Any, ...]
    promise: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question that gives a row at most; it may hold the rows that it reads."""

    sql: str
    args: tuple[Any, ...]


class UndoneError(Exception):
    """A write found that somebody else was first, so nothing of the whole deed may stand."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


async def together(tx: Tx, *writes: Write) -> None:
    """Write all of these; raises UndoneError or AssertionError for the first that touched nothing.

    None of them sees what another one wrote, and no row is touched by two of them.
    """
    if is_cluster(tx):
        for write in writes:
            _hold_to(write, len(await tx.fetch(write.sql, *write.args)))
        return
    counts = await tx.fetchrow(
        _one_statement(tuple(write.sql for write in writes)),
        *(arg for write in writes for arg in write.args),
    )
    for write, count in zip(writes, counts, strict=True):
        _hold_to(write, count)


async def asked_with(tx: Tx, first: Question, second: Question) -> tuple[Row, Row | None]:
    """What two questions give that were put together: the one row of the first, and the row of the
    second or None. No column's name stands in both."""
    if is_cluster(tx):
        said = await tx.fetchrow(first.sql, *first.args)
        return said, await tx.fetchrow(second.sql, *second.args)
    row = await tx.fetchrow(_one_question(first.sql, second.sql), *first.args, *second.args)
    return row, row if row["is_there"] else None


def _hold_to(write: Write, count: int) -> None:
    if count == 0 and write.refusal:
        raise UndoneError(write.refusal)
    assert count or not write.promise, write.promise


@lru_cache(maxsize=256)
def _one_statement(statements: tuple[str, ...]) -> str:
    """The statements as parts of one, their arguments numbered on; it counts the rows of each."""
    parts, before = [], 0
    for n, statement in enumerate(statements):
        parts.append(f"w{n} as ({_numbered_on(statement, before)})")
        before += _arguments_of(statement)
    counts = [f"(select count(*) from w{n})" for n in range(len(statements))]
    return f"with {', '.join(parts)} select {', '.join(counts)}"


@lru_cache(maxsize=16)
def _one_question(first: str, second: str) -> str:
    more = _numbered_on(second, _arguments_of(first))
    return f"""
    with a as ({first}), b as ({more})
    select a.*, b.*, not (b is null) as is_there
      from a
      left join b
        on true
    """


def _arguments_of(statement: str) -> int:
    return max(map(int, _ARGUMENT.findall(statement)), default=0)


def _numbered_on(statement: str, before: int) -> str:
    return _ARGUMENT.sub(lambda found: f"${int(found[1]) + before}", statement)
