"""What each question of the checks costs now; all are put again every minute.  检查的代价"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psutil

from huiquan.db.checks import Check, every_check
from huiquan.db.connection import READER

LONGEST_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question: how long it took, and the CPU seconds of PostgreSQL for it.

    When it was not answered within `LONGEST_S`, both are of what it had used until then. found: how
    many rows say that it does not hold.
    """

    name: str
    took_s: float
    cpu_s: float
    answered: bool
    found: int


def ask_checks(address: str, ahead_s: float) -> list[Asked]:
    """Put every question once, one after the other, without helpers; gives the dearest first."""
    now = datetime.now(UTC) + timedelta(seconds=ahead_s)
    found = asyncio.run(put_checks(address, now, every_check()))
    return sorted(found, key=lambda one: -one.cpu_s)


async def put_checks(
    address: str, now: datetime, which: Iterable[Check], since: datetime | None = None
) -> list[Asked]:
    """Put some questions as of a moment, about everything or about what is new since another."""
    connection = await asyncpg.connect(
        address,
        server_settings={"role": READER, "max_parallel_workers_per_gather": "0", "jit": "off"},
    )
    try:
        await connection.execute("select set_config('huiquan.now', $1, false)", now.isoformat())
        begin = since.isoformat() if since else "-infinity"
        await connection.execute("select set_config('huiquan.since', $1, false)", begin)
        backend = psutil.Process(connection.get_server_pid())
        return [await _ask(connection, backend, one.name, one.question) for one in which]
    finally:
        await connection.close()


async def _ask(
    connection: "asyncpg.Connection", backend: psutil.Process, name: str, question: str
) -> Asked:
    before, began, answered = _cpu_s(backend), time.monotonic(), True
    rows: list[Any] = []
    try:
        rows = await connection.fetch(
            f"select * from ({question}\n) rows limit 20", timeout=LONGEST_S
        )
    except TimeoutError:
        answered = False
    return Asked(
        name=name,
        took_s=time.monotonic() - began,
        cpu_s=_cpu_s(backend) - before,
        answered=answered,
        found=len(rows),
    )


def _cpu_s(backend: psutil.Process) -> float:
    times = backend.cpu_times()
    return float(times.user + times.system)
