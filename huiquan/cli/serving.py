"""One process of the house, once `huiquan serve` has become it: web, jobs or rounds.  服务进程

A module of its own, so that the other commands need not load what only a server needs.
"""

import asyncio
import gc
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import uvicorn
import uvloop

from huiquan.app import App
from huiquan.cli.house import open_house, settings_from_environment
from huiquan.cli.trouble import KNOWN_TROUBLE
from huiquan.jobs.rounds import run_rounds
from huiquan.jobs.worker import run_jobs
from huiquan.web.front import make_front
from huiquan.web.rush_hall import CONNECTIONS_MAX, Hall
from huiquan.web.rush_protocol import RushProtocol

Loop = Callable[[App, asyncio.Event], Awaitable[None]]
LOOPS: dict[str, Loop] = {"jobs": run_jobs, "rounds": run_rounds}
# Beside those of the rush, so that a full hall leaves the other doors open.
OTHER_CONNECTIONS_MAX = 4000
# As many as are taken in within a fraction of a second: who waits longer at the port is connected
# a second later, and not answered late.
AT_PORT_MAX = 1024

# Hardly anything here is in a circle, and whoever waits is looked at each time: the usual 700 took
# a twentieth of the process in a rush. Of circles a few megabytes may wait.
YOUNG_MAX = 50_000


async def serve_web(*, is_shared: bool = False) -> None:
    """Answer everyone over HTTP until stopped; with others at the same port if it is shared."""
    settings = settings_from_environment()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with open_house(settings, writes_by_key=True) as house:
        front = make_front(house)
        port = port_at(settings.host, settings.web_port, is_shared=is_shared)
        hall = Hall(front.doors, port=port, gate=front.gate.turns_away)
        config = uvicorn.Config(
            front,
            host=settings.host,
            port=settings.web_port,
            http=partial(RushProtocol, hall),  # type: ignore[arg-type]
            log_level="warning",
            access_log=False,
            backlog=AT_PORT_MAX,
            timeout_graceful_shutdown=5,
            limit_concurrency=CONNECTIONS_MAX + OTHER_CONNECTIONS_MAX,
        )
        # What was loaded at start-up is never garbage: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_MAX)
        await uvicorn.Server(config).serve(sockets=[port])


def port_at(host: str, port: int, *, is_shared: bool) -> socket.socket:
    """The port; unless it is shared on purpose, a second house at it is refused (OSError)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.create_server(
        (host, port), family=family, backlog=AT_PORT_MAX, reuse_port=is_shared
    )
    found.setblocking(False)
    return found


async def serve_loop(loop: Loop) -> None:
    """Run a loop until this process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings = settings_from_environment()
    async with open_house(settings, writes_by_key=loop is run_rounds) as house:
        await loop(house, stop)


if __name__ == "__main__":
    if not __debug__:
        raise SystemExit("huiquan does not run without its assertions (python -O)")
    try:
        if sys.argv[1] == "web":
            uvloop.run(serve_web(is_shared=sys.argv[2:] == ["shared"]))
        else:
            uvloop.run(serve_loop(LOOPS[sys.argv[1]]))
    except KNOWN_TROUBLE as trouble:
        raise SystemExit(f"huiquan: {trouble}") from trouble
