"""The runs of the checks: when, how many promises failed, and which rows showed it.  检查记录"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from huiquan.db.checks import Failed
from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class CheckRunRow:
    """One run: the moment, and how many promises did not hold."""

    ran_at: datetime
    failed: int


async def record(tx: Tx, at: datetime, failed: Sequence[Failed]) -> int:
    """Keep a run with what it found; gives its id."""
    run_id: int = await tx.fetchval(
        "insert into check_runs (ran_at, failed, detail) values ($1, $2, $3) returning run_id",
        at,
        len(failed),
        msgspec.to_builtins(list(failed)),
    )
    return run_id


async def last(tx: Tx) -> CheckRunRow | None:
    """The newest run, or None before the first."""
    row = await tx.fetchrow("select ran_at, failed from check_runs order by run_id desc limit 1")
    return CheckRunRow(**dict(row)) if row else None
