"""Start a signer: python -m notary --role notary --port 7101 --home DIR  启动

With --page-port it also serves the page of whoever watches over it, on this machine alone. What a
person does there besides (stop, draw a list, make a key) stands in `commands.py`.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from notary.commands import COMMANDS, run
from notary.desk import Desk
from notary.home import open_desk
from notary.peer import take_status
from notary.serve import Door
from notary.watchroom import Watchroom, hosts_of

NOTICE_S = 12 * 3600


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line. A shorter notice is for rehearsals, and the status says it publicly."""
    parser = argparse.ArgumentParser(prog="notary", description=__doc__)
    parser.add_argument("--role", choices=("notary", "auditor", "witness"), required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--page-host", default="127.0.0.1", help="where the page is served")
    parser.add_argument("--page-port", type=int, help="the port of the page; none without it")
    parser.add_argument("--notice-s", type=int, default=NOTICE_S)
    parser.add_argument("--peer", help="address of the other signer, asked at every start")
    parser.add_argument("--peer-key", help="public key of the other signer, in hex")
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--clock-offset-s", type=int, default=0)
    clock.add_argument("--clock-file", type=Path)
    arguments = parser.parse_args(words)
    if (arguments.peer is None) != (arguments.peer_key is None):
        parser.error("--peer and --peer-key are given together")
    return arguments


async def ask_peer(desk: Desk, address: str, key: bytes) -> None:
    """Ask the other signer until it answers; nothing is signed before that."""
    async with httpx.AsyncClient(timeout=5) as client:
        while not desk.ready:
            try:
                answer = await client.get(f"{address}/v1/status")
                if take_status(desk, answer.content, key):
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(1)


def _server(app: Any, host: str, port: int) -> uvicorn.Server:
    """A server for one of the two doors."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, lifespan="off", log_level="warning", access_log=False
        )
    )


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until stopped: the platform's door, and the page if it has a port."""
    desk = open_desk(arguments)
    servers = [_server(Door(desk), arguments.host, arguments.port)]
    if arguments.page_port is not None:
        hosts = hosts_of(arguments.page_host, arguments.page_port)
        room = Watchroom(desk=desk, home=arguments.home, hosts=hosts)
        servers.append(_server(room, arguments.page_host, arguments.page_port))
    asking = None
    if arguments.peer is not None:
        key = bytes.fromhex(arguments.peer_key)
        asking = asyncio.create_task(ask_peer(desk, arguments.peer, key))
    print(f"{desk.role} {desk.key.public.hex()} on port {arguments.port}", flush=True)
    if arguments.page_port is not None:
        print(f"page http://{arguments.page_host}:{arguments.page_port}/", flush=True)
    await asyncio.gather(*(server.serve() for server in servers))
    if asking is not None:
        asking.cancel()
    desk.book.close()


if __name__ == "__main__":
    if not __debug__:
        raise SystemExit("the signer does not run without its assertions (python -O)")
    if len(sys.argv) > 1 and sys.argv[1] in COMMANDS:
        run(sys.argv[1:])
    else:
        asyncio.run(serve(read_arguments()))
