"""Begin and end periods of regular work, each once.  任务登记"""

from huiquan.app import App
from huiquan.db import job_runs

OUTCOME_MAX = 500


async def begin_job(app: App, name: str, period: str) -> bool:
    """True for the one caller that may carry out this period of this job."""
    async with app.db.transaction() as tx:
        return await job_runs.begin(tx, name, period, app.clock())


async def finish_job(app: App, name: str, period: str, outcome: str) -> None:
    """Note that a period was carried out."""
    async with app.db.transaction() as tx:
        await job_runs.finish(tx, name, period, outcome[:OUTCOME_MAX], app.clock())
