"""The house's promises as questions: one in each file of checks/; no row is good news.  不变量

The questions are plain SQL, so that an auditor can put them with any PostgreSQL client, after
`set huiquan.now = '2026-02-06 12:00:00+08'`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from huiquan.db.connection import Tx

CHECKS = Path(__file__).parent / "checks"
ROWS_MAX = 20
# A question that reads whole tables takes minutes where millions have registered: more than the
# house allows a statement otherwise.
ANSWER_WITHIN_S = 1800
CANCELLED_WITHIN_S = 60

_TITLE = re.compile(r"-- (?P<invariant>[A-Z]\d+) (?P<zh>[^。]+)。(?P<en>.+)")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise: its number in the list of invariants, what it says, and the question."""

    name: str
    invariant: str
    title_zh: str
    title_en: str
    question: str

    @property
    def is_of_new_things(self) -> bool:
        """Whether it can be asked about what is new alone."""
        return "huiquan.since" in self.question


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A promise that does not hold, with up to 20 of the rows that show it."""

    name: str
    title: str
    rows: tuple[dict[str, Any], ...]


@cache
def every_check() -> tuple[Check, ...]:
    """Every promise that SQL can check, in the order of their numbers."""
    return tuple(_read(path) for path in sorted(CHECKS.glob("*.sql")))


def _read(path: Path) -> Check:
    text = path.read_text()
    title = _TITLE.match(text)
    assert title is not None, f"{path.name} begins with its number and its promise"
    return Check(
        name=path.stem,
        invariant=title["invariant"],
        title_zh=title["zh"],
        title_en=title["en"],
        question=text.strip().removesuffix(";"),
    )


async def run_all(
    tx: Tx,
    now: datetime,
    *,
    resting: Collection[str] = (),
    since: Mapping[str, datetime] | None = None,
    on_check: Callable[[Check], None] = lambda _: None,
) -> list[Failed]:
    """Ask every question but the resting ones; gives the promises that do not hold at `now`.

    None when all is well. A question that cannot be put (a value was made unreadable), or has no
    answer after half an hour, counts as a promise not kept, and the others are asked. A question
    named in `since` is asked about what is new since that moment, if it can be; every other about
    everything. on_check is told of each question before it is put.
    """
    await tx.execute("select set_config('huiquan.now', $1, true)", now.isoformat())
    # One core at most: the others are for those who draw.
    await tx.execute("set local max_parallel_workers_per_gather = 0")
    # Nor is a question compiled before it is put: one that finds rows by key is thought much dearer
    # than it is.
    await tx.execute("set local jit = off")
    await tx.execute("select set_config('statement_timeout', $1, true)", f"{ANSWER_WITHIN_S}s")
    failed = []
    for check in every_check():
        if check.name in resting:
            continue
        on_check(check)
        rows = await _ask(tx, check, (since or {}).get(check.name))
        if rows:
            title = f"{check.invariant} {check.title_zh} · {check.title_en}"
            failed.append(Failed(name=check.name, title=title, rows=rows))
    return failed


async def _ask(tx: Tx, check: Check, since: datetime | None) -> tuple[dict[str, Any], ...]:
    if check.is_of_new_things:
        begin = since.isoformat() if since else "-infinity"
        await tx.execute("select set_config('huiquan.since', $1, true)", begin)
    try:
        async with tx.transaction():
            asked = f"select * from ({check.question}\n) rows limit {ROWS_MAX}"
            rows = await tx.fetch(asked, timeout=ANSWER_WITHIN_S + CANCELLED_WITHIN_S)
    except asyncpg.DataError as error:
        return ({"unreadable": str(error)},)
    except asyncpg.QueryCanceledError as error:
        return ({"unanswered": str(error)},)
    return tuple({name: _plain(value) for name, value in row.items()} for row in rows)


def _plain(value: Any) -> Any:
    """A sum is a whole number, whatever PostgreSQL calls it."""
    return int(value) if isinstance(value, Decimal) else value
