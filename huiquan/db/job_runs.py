"""Which periods of regular work have begun and ended.  任务记录"""

from datetime import datetime, timedelta

from huiquan.db.connection import Tx

# Work that began and never ended was lost with its process: it may be begun again after this.
LOST_AFTER = timedelta(minutes=10)


async def begin(tx: Tx, name: str, period: str, at: datetime) -> bool:
    """Begin a period; False when someone began it already and did not lose it."""
    begun = await tx.fetchval(
        """
        insert into job_runs (name, period, started_at)
        values ($1, $2, $3)
        on conflict (name, period) do update
           set started_at = excluded.started_at
         where job_runs.finished_at is null
           and job_runs.started_at < $4
        returning name
        """,
        name,
        period,
        at,
        at - LOST_AFTER,
    )
    return begun is not None


async def last_carried_out(tx: Tx, name: str) -> datetime | None:
    """When the newest run of a job began that came to its end; None when there is none."""
    began: datetime | None = await tx.fetchval(
        "select max(started_at) from job_runs where name = $1 and finished_at is not null", name
    )
    return began


async def finish(tx: Tx, name: str, period: str, outcome: str, at: datetime) -> None:
    """Note the end of a period and what came of it; older periods of the hour are forgotten."""
    await tx.execute(
        """
        update job_runs
           set finished_at = $3,
               outcome = $4
         where name = $1
           and period = $2
        """,
        name,
        period,
        at,
        outcome,
    )
    await tx.execute(
        """
        delete from job_runs
         where name = $1
           and finished_at is not null
           and started_at < $2
        """,
        name,
        at - timedelta(days=90) if period.startswith("20") else at - timedelta(minutes=5),
    )
