"""huiquan serve: one process of the house at a time.  启动进程"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop

from huiquan.app import App
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.jobs.rounds import run_rounds
from huiquan.jobs.worker import run_jobs
from huiquan.web.front import make_front

app = typer.Typer(help="Run one process of the house: web, jobs, rounds, notary or auditor.")

Loop = Callable[[App, asyncio.Event], Awaitable[None]]

Home = Annotated[Path, typer.Option(help="where the signer keeps its key and its book")]
Port = Annotated[int, typer.Option(help="the port it listens on")]


@app.command()
def web() -> None:
    """Answer everyone over HTTP (HUIQUAN_HOST, HUIQUAN_WEB_PORT)."""
    uvloop.run(_serve_web())


@app.command()
def jobs() -> None:
    """Do the regular work: messages, expiry, checks, the day's end, settlement."""
    uvloop.run(_serve_loop(run_jobs))


@app.command()
def rounds() -> None:
    """Seal, have signed and draw rounds, and keep the public log."""
    uvloop.run(_serve_loop(run_rounds))


@app.command()
def notary(home: Home = Path("notary-home"), port: Port = 8611) -> None:
    """Run the notary: its own key, its own book, better its own machine."""
    _become_signer("notary", home, port)


@app.command()
def auditor(home: Home = Path("auditor-home"), port: Port = 8612) -> None:
    """Run the auditor, who signs after the notary and checks everything again."""
    _become_signer("auditor", home, port)


async def _serve_web() -> None:
    settings = settings_from_environment()
    async with open_house(settings) as house:
        config = uvicorn.Config(
            make_front(house),
            host=settings.host,
            port=settings.web_port,
            http="httptools",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=5,
            limit_concurrency=4000,
        )
        # What was loaded at start-up is never garbage: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        await uvicorn.Server(config).serve()


async def _serve_loop(loop: Loop) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_house(settings_from_environment()) as house:
        await loop(house, stop)


def _become_signer(role: str, home: Path, port: int) -> None:
    """The signer is a house of its own: this process becomes it and shares nothing with us."""
    settings = settings_from_environment()
    clock = ["--clock-offset-s", str(round(settings.clock_offset_s))]
    if settings.clock_file is not None:
        clock = ["--clock-file", str(settings.clock_file)]
    words = ["--role", role, "--home", str(home), "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "notary", *words, *clock])
