"""A web process of the house on a port of its own, inside the test's event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn

from huiquan.app import App
from huiquan.web.front import make_front
from huiquan.web.rush_hall import Hall
from huiquan.web.rush_protocol import RushProtocol


@asynccontextmanager
async def open_port(app: App) -> AsyncIterator[int]:
    """Serve the whole front as `huiquan serve web` does; gives the port."""
    front = make_front(app)
    config = uvicorn.Config(
        front,
        http=partial(RushProtocol, Hall(front.doors)),  # type: ignore[arg-type]
        log_config=None,
        lifespan="on",
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
            assert not serving.done(), serving
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


async def say(port: int, raw: bytes) -> bytes:
    """Send raw bytes and give everything that comes back until the house closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answered = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return answered
