"""The hall takes in everybody who waits at the port, not one at each turn of the event loop."""

import asyncio
import socket
from typing import Any

import pytest
import uvloop

from huiquan.web.rush_hall import Hall

PEOPLE = 200


class Guest(asyncio.Protocol):
    """Comes in, and is counted by the hall."""

    def __init__(self, hall: Hall) -> None:
        self.closes_at = 0.0
        self._hall = hall

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._hall.let_in(self)

    def another(self) -> asyncio.Protocol:
        return Guest(self._hall)

    def close_late(self) -> None:
        self.transport.close()


async def turns_until_all_are_in(*, knows_its_port: bool) -> int:
    """How many turns of the event loop it takes until everybody is in."""
    loop, turns = asyncio.get_running_loop(), 0
    with socket.create_server(("127.0.0.1", 0), backlog=PEOPLE) as port:
        port.setblocking(False)
        waiting = [socket.create_connection(port.getsockname()) for _ in range(PEOPLE)]
        hall = Hall((), port=port if knows_its_port else None)
        server = await loop.create_server(lambda: Guest(hall), sock=port, backlog=PEOPLE)
        while len(hall.connections) < PEOPLE:
            turns += 1
            await asyncio.sleep(0)
        server.close()
        hall.close_late(loop.time())
        for one in waiting:
            one.close()
    return turns


@pytest.mark.parametrize(("knows_its_port", "all_at_once"), [(True, True), (False, False)])
def test_with_the_first_of_a_turn_the_others_are_taken_in(
    knows_its_port: bool, all_at_once: bool
) -> None:
    turns: Any = uvloop.run(turns_until_all_are_in(knows_its_port=knows_its_port))
    assert (turns < PEOPLE // 4) is all_at_once


async def test_a_port_that_is_closed_takes_in_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as port:
        hall = Hall((), port=port)
    guest = Guest(hall)
    assert hall.let_in(guest)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert hall.connections == {guest}


async def test_a_gate_that_stumbles_keeps_nobody_out_for_ever() -> None:
    def stumbles(line: socket.socket) -> bool:
        line.close()
        raise RuntimeError("a gate that stumbles")

    loop = asyncio.get_running_loop()
    faults: list[Any] = []
    loop.set_exception_handler(lambda _, fault: faults.append(fault["exception"]))
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.create_connection(port.getsockname()),
    ):
        port.setblocking(False)
        hall = Hall((), port=port, gate=stumbles)
        hall.let_in(Guest(hall))
        await asyncio.sleep(0.01)
    assert [str(fault) for fault in faults] == ["a gate that stumbles"]
    assert not hall.is_taking
