"""The jobs process: looks at the clock, begins what is due, and lets procrastinate carry it out.

定时任务。 procrastinate keeps each begun job in PostgreSQL, tries it again when it fails, and never
runs two of the same name at once; which periods have begun stands in `job_runs`. On a database that
is behind what others hold all work waits: money would move twice. Its worker ends when the database
goes away, and another one takes its place; what a killed process left half done is done again by
the next, for every action may be done twice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import procrastinate
import structlog

from huiquan.actions.compare_standing import compare_standing
from huiquan.actions.run_job import begin_job, finish_job
from huiquan.app import App
from huiquan.jobs.schedule import periods_due
from huiquan.jobs.tasks import TASKS
from huiquan.views.draws import campaigns_in_play
from huiquan.views.standing import open_gaps

TICK_S = 1.0
TRIES = 5
# A worker that was not heard of for so long is dead, and the work in its hands is free again.
HEARD_OF_EVERY_S = 2.0
DEAD_AFTER_S = 10.0
# A period that began may have been lost with its process: after so many turns it is asked again.
FORGOTTEN_AFTER_TURNS = 30

log = structlog.get_logger("huiquan.jobs")


@asynccontextmanager
async def open_queue(app: App) -> AsyncIterator[procrastinate.App]:
    """procrastinate on the house's own database, with one task for each kind of work."""
    connector = procrastinate.PsycopgConnector(
        conninfo=app.settings.database_url, kwargs={"options": "-c role=huiquan_app"}
    )
    queue = procrastinate.App(connector=connector)

    @queue.task(name="work", retry=procrastinate.RetryStrategy(max_attempts=TRIES, wait=5))
    async def work(name: str, period: str) -> None:
        await until_level(app)
        outcome = await TASKS[name](app)
        await finish_job(app, name, period, repr(outcome))

    async with queue.open_async():
        yield queue


async def run_jobs(app: App, stop: asyncio.Event) -> None:
    """Begin and carry out work until told to stop; what was begun is finished after a restart."""
    for campaign in await campaigns_in_play(app):
        for gap in (await compare_standing(app, campaign)).gaps:
            log.error("the house is behind", kind=gap.kind, gap=gap.en, gap_zh=gap.zh)
    async with open_queue(app) as queue:
        working = asyncio.create_task(_keep_working(queue))
        begun: set[tuple[str, str]] = set()
        turn = 0
        while not stop.is_set():
            turn += 1
            if turn % FORGOTTEN_AFTER_TURNS == 0:
                begun.clear()
            await _begin_due(app, queue, begun)
            await _free_lost_work(queue)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK_S)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def until_level(app: App) -> None:
    """Wait while somebody holds more than this database."""
    while True:
        if not await open_gaps(app):
            return
        await asyncio.sleep(TICK_S)


async def _keep_working(queue: procrastinate.App) -> None:
    """One worker after the other; only a fault of the database ends one of them."""
    while True:
        try:
            await queue.run_worker_async(
                concurrency=2,
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=HEARD_OF_EVERY_S,
                stalled_worker_timeout=DEAD_AFTER_S,
            )
        except Exception as fault:
            log.warning("the worker ended", error=repr(fault))
        await asyncio.sleep(TICK_S)


async def _begin_due(app: App, queue: procrastinate.App, begun: set[tuple[str, str]]) -> None:
    """Begin what is due; of what is known to have begun the tables are not asked again."""
    for job, period in periods_due(app.clock()):
        if (job.name, period) in begun:
            continue
        try:
            begins = await begin_job(app, job.name, period)
            begun.add((job.name, period))
            if begins:
                await queue.configure_task("work", lock=job.name).defer_async(
                    name=job.name, period=period
                )
        except Exception as fault:
            log.warning("a job could not be begun", job=job.name, error=repr(fault))


async def _free_lost_work(queue: procrastinate.App) -> None:
    """Let the jobs of dead workers be done again: each would bar every later one of its name."""
    try:
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
            log.warning("lost work is begun again", job=job.task_kwargs.get("name"))
            await queue.job_manager.retry_job(job)
    except Exception as fault:
        log.warning("lost work could not be looked for", error=repr(fault))
