"""A client of our own, for what wrk cannot do: arrivals that wait for nobody, and a memory.  客户端

Lean on purpose: raw connections on the event loop, requests written by hand, answers read just far
enough. It shares the machine with what it measures, so it also counts its own time.
"""

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

CONNECT_S = 5.0


class BrokenLineError(Exception):
    """The connection broke, or no answer came in time: nobody knows what the server did."""


class NoLineError(Exception):
    """All connections of ours were busy: the question never left, the generator was the limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its head, its body, and how long the server took, in seconds."""

    status: int
    head: bytes
    body: bytes
    took_s: float = 0.0

    @property
    def retry_after_s(self) -> float | None:
        """How long the server asks us to wait, in seconds."""
        at = self.head.lower().find(b"\r\nretry-after:")
        if at < 0:
            return None
        text = self.head[at + 14 :].split(b"\r\n", 1)[0].strip()
        return float(text) if text.isdigit() else None

    def json(self) -> dict[str, Any]:
        """The body as it is meant."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Line(asyncio.Protocol):
    """One connection, one question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._read = b""
        self._asked_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether something may be asked on it."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """It broke; whoever waits is told."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenLineError())

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = self._read[:end]
        whole = end + 4 + _length(head)
        if len(self._read) < whole:
            return
        took_s = time.monotonic() - self._asked_at
        answer = Answer(int(head[9:12]), head, self._read[end + 4 : whole], took_s)
        self._read = self._read[whole:]
        if not self._answer.done():
            self._answer.set_result(answer)
        if b"connection: close" in head.lower():
            self.close()

    def ask(self, raw: bytes) -> "asyncio.Future[Answer]":
        """Send a request; the future is its answer, or BrokenLineError."""
        assert self._transport is not None
        self._read = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._asked_at = time.monotonic()
        self._transport.write(raw)
        return self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(lowered[at + 17 :].split(b"\r\n", 1)[0])


@dataclass
class Lines:
    """Connections to one server: kept open, opened again when they break, never more than `most`.

    Who finds none free waits in a queue of ours; that wait is part of what a person sees.
    """

    host: str
    port: int
    most: int
    free: list[Line] = field(default_factory=list)
    opened: int = 0
    queue: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    async def ask(self, raw: bytes, within_s: float = 30.0) -> Answer:
        """Ask on some connection. Raises BrokenLineError when there is no answer within so long,
        NoLineError when no connection of ours was free within so long."""
        try:
            async with asyncio.timeout(within_s):
                line = await self._take()
        except TimeoutError as error:
            raise NoLineError from error
        try:
            async with asyncio.timeout(within_s):
                if not line.is_open:
                    loop = asyncio.get_running_loop()
                    _, line = await loop.create_connection(Line, self.host, self.port)
                return await line.ask(raw)
        except (TimeoutError, OSError) as error:
            line.close()
            raise BrokenLineError from error
        finally:
            self._give_back(line)

    async def _take(self) -> Line:
        while not self.free:
            if self.opened < self.most:
                self.opened += 1
                return Line()
            turn = asyncio.get_running_loop().create_future()
            self.queue.append(turn)
            await turn
        return self.free.pop()

    def _give_back(self, line: Line) -> None:
        self.free.append(line)
        while self.queue:
            turn = self.queue.popleft()
            if not turn.done():
                turn.set_result(None)
                break

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self.free:
            with suppress(OSError):
                line.close()


def post(host: str, path: str, token: str, body: str) -> bytes:
    """A request that posts JSON with a token."""
    raw = body.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


def get(host: str, path: str, token: str) -> bytes:
    """A request that reads something with a token."""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
