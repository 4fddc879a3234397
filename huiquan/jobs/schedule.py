"""What is done when: the house's regular work, by the house clock.  任务时刻表

Each job has a period: so many seconds, or once a campaign day at a time. A period is named, and a
named period is begun once only, whoever looks at the clock and however often the house restarts.
"""

from dataclasses import dataclass
from datetime import datetime, time

from huiquan.domain.days import SHANGHAI, day_number, day_of


@dataclass(frozen=True, kw_only=True)
class Job:
    """One regular piece of work: every so many seconds, or daily at a time (Shanghai)."""

    name: str
    every_s: int | None = None
    daily_at: time | None = None


JOBS = (
    Job(name="send_messages", every_s=2),
    Job(name="send_callbacks", every_s=2),
    Job(name="expire_vouchers", every_s=60),
    Job(name="run_checks", every_s=60),
    Job(name="link_ledger", every_s=3600),
    Job(name="count_fund", every_s=60),
    Job(name="watch_fund", every_s=60),
    Job(name="publish_days", every_s=600),
    Job(name="issue_lists", every_s=60),
    Job(name="forget_nonces", every_s=300),
    Job(name="judge_orders", every_s=300),
    Job(name="open_order_cases", every_s=300),
    # The day's end, in the order in which money moves: what was not won, what expired, what came
    # back goes to the pool; then the next days are planned from it; then merchants are paid.
    Job(name="end_day", daily_at=time(0, 10)),
    Job(name="bill_acquirers", daily_at=time(0, 20)),
    Job(name="plan_days", daily_at=time(0, 30)),
    Job(name="settle_day", daily_at=time(2, 0)),
    Job(name="forget_codes", daily_at=time(3, 30)),
    # Payment companies give out yesterday's bill in the morning, the last of them by ten.
    Job(name="reconcile_days", daily_at=time(11, 0)),
)


def period_of(job: Job, now: datetime) -> str | None:
    """The name of the job's period that has begun last, or None before the day's time."""
    if job.every_s is not None:
        return str(int(now.timestamp()) // job.every_s)
    assert job.daily_at is not None, "a job has a period"
    if now.astimezone(SHANGHAI).time() < job.daily_at:
        return None
    return str(day_number(day_of(now)))


def periods_due(now: datetime) -> list[tuple[Job, str]]:
    """Every job with the period it is in; the caller begins those that have not begun yet."""
    periods = ((job, period_of(job, now)) for job in JOBS)
    return [(job, period) for job, period in periods if period is not None]
