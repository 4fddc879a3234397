"""The rush protocol: HTTP for the few addresses of ten o'clock, and for nothing else.  十点的协议

It reads the head of each request. If that is a rush address asked in the usual way, the request is
answered here, without a task and without a framework. If it is anything else, uvicorn's protocol
takes the connection over with every byte that was not answered yet, and keeps it.

    head --rush address, plain body--> body --complete--> asked --> answered --> head
        \\--anything else, once what came before is answered--> uvicorn's, until it closes

Everything is bounded: bytes and number of headers, body, how long one request may take to come
and an answer to leave, requests asked ahead of their answers, connections.
"""

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from huiquan.domain.refusals import Refusal
from huiquan.web.rush import BODY_MAX_BYTES, Knock, Reply
from huiquan.web.rush_answers import Answer, as_http, refused
from huiquan.web.rush_door import LINE
from huiquan.web.rush_hall import Hall
from huiquan.web.rush_heads import Head, read_head

ASKED_AHEAD_MAX = 8
MOMENT_S = 10.0

# A proxy of the house's own says whom it speaks for; nobody else is believed.
_HOUSE = ("127.0.0.1", "::1")


@dataclass(slots=True, eq=False)
class _Asked:
    """A request that was asked; its answer leaves when those before it have left."""

    is_last: bool
    is_entering: bool = False
    raw: bytes | None = None


class RushProtocol(asyncio.Protocol):
    """One connection, from its first byte until it closes or is handed over.

    Made by uvicorn for every connection, when `partial(RushProtocol, hall)` is its `http`.
    """

    def __init__(
        self,
        hall: Hall,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._hall = hall
        self._make_successor = partial(hall.successor, config, server_state, app_state, _loop=_loop)
        self.another = partial(RushProtocol, hall, config, server_state, app_state, _loop)
        self._server = server_state
        self._time = (_loop or asyncio.get_running_loop()).time
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self._address: str | None = None
        self._unread = b""
        self._head: Head | None = None
        self._asked: deque[_Asked] = deque()
        self._is_reading = self._is_held = self._is_unheard = self._is_done = False
        self.closes_at = self._time() + MOMENT_S

    # What the transport says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came; when the hall is full they are told so at once."""
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if peer else None
        if self._hall.let_in(self):
            self._server.connections.add(self)  # type: ignore[arg-type]
        else:
            self._leave(Refusal.BUSY)

    def connection_lost(self, _: Exception | None) -> None:
        """They left; answers that come now are for nobody."""
        self._forget()

    def data_received(self, data: bytes) -> None:
        """Bytes came: ask as many whole requests as there are."""
        if self._is_closing():
            return
        if not self._unread and not self._asked:
            self.closes_at = self._time() + MOMENT_S
        self._unread += data
        self._read()

    def pause_writing(self) -> None:
        """They do not take what they are told: nothing more is asked until they do."""
        self._is_unheard = True
        self.closes_at = self._time() + MOMENT_S

    def resume_writing(self) -> None:
        """They listen again."""
        self._is_unheard = False
        self._read()

    # What uvicorn and the hall say.

    def shutdown(self) -> None:
        """The server stops: whoever waits is answered, and nothing more is read."""
        if not self._asked:
            self._transport.close()
        else:
            self._asked[-1].is_last = True

    def close_late(self) -> None:
        """A request or an answer took too long on its way."""
        self._transport.abort()

    # From bytes to requests.

    def _read(self) -> None:
        if self._is_reading:
            return
        self._is_reading = True
        while self._unread and not self._is_closing() and self._may_ask() and self._read_one():
            pass
        self._is_reading = False

    def _is_closing(self) -> bool:
        """Whether nothing more is asked here: what was asked last is answered, or will be."""
        return self._is_done or bool(self._asked and self._asked[-1].is_last)

    def _may_ask(self) -> bool:
        """Hold the sender back while too much is asked or unheard."""
        is_held = len(self._asked) >= ASKED_AHEAD_MAX or self._is_unheard
        if is_held is not self._is_held:
            self._is_held = is_held
            (self._transport.pause_reading if is_held else self._transport.resume_reading)()
        return not is_held

    def _read_one(self) -> bool:
        """Ask the next request; False when it is not whole, or not asked here."""
        head = self._head or read_head(self._unread)
        if isinstance(head, Refusal):
            return self._leave(head)
        if head is None:
            return False
        ask = self._hall.door_of(head) if head.is_usual else None
        if ask is None:
            return self._hand_over()
        if head.body_bytes > BODY_MAX_BYTES:
            return self._leave(Refusal.TOO_LARGE)
        self._head = head
        end = head.head_bytes + head.body_bytes
        if len(self._unread) < end:
            return False
        body, self._unread = self._unread[head.head_bytes : end], self._unread[end:]
        self._head = None
        asked = _Asked(head.is_last, is_entering=head.line == LINE)
        self._asked.append(asked)
        self.closes_at = math.inf
        ask(Knock(head.line, head.authorization, body, self._of_whom(head)), self._reply(asked))
        return not head.is_last

    def _of_whom(self, head: Head) -> str | None:
        if self._address not in _HOUSE:
            return self._address
        return head.forwarded_for

    # From answers to bytes.

    def _reply(self, asked: _Asked) -> Reply:
        def reply(answer: Answer) -> None:
            # Whoever is to come again comes by the port, where refusing costs least.
            if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and asked.is_entering:
                asked.is_last = asked.is_last or asked is next(reversed(self._asked), None)
            asked.raw = as_http(answer, self._server.default_headers, is_last=asked.is_last)
            if self._asked and asked is self._asked[0]:
                self._answer()

        return reply

    def _answer(self) -> None:
        """Let the answers go whose turn it is, and read on."""
        leaving = []
        while self._asked and (raw := self._asked[0].raw) is not None:
            leaving.append(raw)
            self._is_done = self._asked.popleft().is_last or self._is_done
        self._transport.write(leaving[0] if len(leaving) == 1 else b"".join(leaving))
        if self._is_done:
            self._transport.close()
            return
        if not self._asked and not self._is_unheard:
            self.closes_at = self._time() + MOMENT_S
        self._read()

    # Ways out.

    def _leave(self, refusal: Refusal) -> bool:
        """Say why nothing more is read here, after the answers that are still to come."""
        asked = _Asked(is_last=True)
        self._asked.append(asked)
        self._unread = b""
        self._reply(asked)(refused(refusal))
        return False

    def _hand_over(self) -> bool:
        """Give the connection to uvicorn's own protocol, once what was asked is answered."""
        if not self._asked:
            self._forget()
            successor = self._make_successor()
            self._transport.set_protocol(successor)
            successor.connection_made(self._transport)
            successor.data_received(self._unread)
            self._unread = b""
        return False

    def _forget(self) -> None:
        self._is_done = True
        self._asked.clear()
        self._hall.connections.discard(self)
        self._server.connections.discard(self)
