"""The hall of the rush: who is connected to one process, and how they are let in.  等候大厅

Everybody who comes at ten is a new connection. The event loop takes in one at each of its turns,
and a turn is long when many ask: two thousand people would stand before the door for ten seconds
before the first byte of theirs is read. So with the first of a turn others are taken in.

But not all: a batch of entries needs five turns until it is answered, and everybody who is taken in
makes a turn longer. Who is not taken in yet waits at the port, where waiting costs this process
nothing; when that is full, too, their system asks again a second later, and they see that they are
being connected.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from huiquan.web.rush import Knock, Reply
from huiquan.web.rush_heads import Head

CONNECTIONS_MAX = 12_000
LOOK_S = 1.0
# Some five milliseconds of a turn.
TAKEN_AT_ONCE = 128

Ask = Callable[[Knock, Reply], None]
Doors = Sequence[tuple[re.Pattern[bytes], Ask]]
"""Who answers which requests, by method and target, such as `POST /api/v1/draws`."""


class Guest(Protocol):
    """One connection: until when it may stay without a word, and how the next one is met."""

    closes_at: float

    def close_late(self) -> None:
        """Close it."""

    def another(self) -> asyncio.Protocol:
        """Meet the next one as this one was met."""


def _open(line: socket.socket) -> bool:
    return False


@dataclass
class Hall:
    """The rush connections of one process, looked at once a second.

    `successor` makes the protocol that takes over what is not answered here. `port` is where people
    wait to be taken in; without it, they come as the event loop lets them. `gate` is shown each of
    them, and says whether it has turned them away.
    """

    doors: Doors
    successor: Callable[..., asyncio.Protocol] = HttpToolsProtocol
    port: socket.socket | None = None
    gate: Callable[[socket.socket], bool] = _open
    connections: set[Guest] = field(default_factory=set)
    looking: asyncio.TimerHandle | None = None
    coming: "set[asyncio.Task[None]]" = field(default_factory=set)
    is_taking: bool = False

    def let_in(self, guest: Guest) -> bool:
        """Keep a connection in sight, and take in who came with it; False when the hall is full."""
        if self.port is not None and not self.is_taking:
            self.is_taking = True
            asyncio.get_running_loop().call_soon(self._take_in, self.port, guest.another)
        if len(self.connections) >= CONNECTIONS_MAX:
            return False
        self.connections.add(guest)
        if self.looking is None:
            self._look_again()
        return True

    def door_of(self, head: Head) -> Ask | None:
        """Who answers this request, or None when it is none of the rush."""
        for line, ask in self.doors:
            if line.fullmatch(head.line):
                return ask
        return None

    def close_late(self, now: float) -> None:
        """Close what came or left too slowly."""
        for guest in [one for one in self.connections if one.closes_at < now]:
            guest.close_late()

    def _take_in(self, port: socket.socket, meet: Callable[[], asyncio.Protocol]) -> None:
        """Take in some of those who wait at the port; at the next turn more, if there are more."""
        loop = asyncio.get_running_loop()
        # Whatever happens here, whoever comes next begins again.
        self.is_taking = False
        try:
            for _ in range(TAKEN_AT_ONCE):
                line, _ = port.accept()
                if self.gate(line):
                    continue
                task = loop.create_task(_met(line, meet))
                self.coming.add(task)
                task.add_done_callback(self.coming.discard)
        except OSError:  # nobody waits any more; whatever else it is, the event loop will say so
            return
        self.is_taking = True
        loop.call_soon(self._take_in, port, meet)

    def _look_again(self) -> None:
        self.looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self.close_late(asyncio.get_running_loop().time())
        self.looking = None
        if self.connections:
            self._look_again()


async def _met(line: socket.socket, meet: Callable[[], asyncio.Protocol]) -> None:
    try:
        await asyncio.get_running_loop().connect_accepted_socket(meet, line)
    except OSError:  # they left while they were taken in
        line.close()
