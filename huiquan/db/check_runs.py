"""The runs of the checks: when, how many promises failed, and which rows showed it.  检查记录"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from huiquan.db.checks import Failed
from huiquan.db.connection import Tx

CLEAN_RUNS_KEPT = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class CheckRunRow:
    """One run: the moment, and how many promises did not hold."""

    ran_at: datetime
    failed: int


async def record(tx: Tx, at: datetime, failed: Sequence[Failed]) -> int:
    """Keep a run with what it found; gives its id. Clean runs are forgotten after a week."""
    run_id: int = await tx.fetchval(
        "insert into check_runs (ran_at, failed, detail) values ($1, $2, $3) returning run_id",
        at,
        len(failed),
        msgspec.to_builtins(list(failed)),
    )
    await tx.execute(
        "delete from check_runs where failed = 0 and ran_at < $1", at - CLEAN_RUNS_KEPT
    )
    return run_id


async def last(tx: Tx) -> CheckRunRow | None:
    """The newest run, or None before the first."""
    row = await tx.fetchrow("select ran_at, failed from check_runs order by run_id desc limit 1")
    return CheckRunRow(**dict(row)) if row else None
