"""A line in front of a server that breaks: cut, slow, shut, or cut once the deed is done.  断线

What holds the cue (a commit, a request that writes) may be lost before it arrives, or carried
through and its answer lost. Each thing that really happened to a connection is counted. Somebody
may also lie in wait for a moment: the next cue, or the next statement that writes a certain table.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from torture.statements import Statements

CHUNK = 65536
CUE = "the cue"

Way: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Side(StrEnum):
    """On which side of a moment a trap springs."""

    BEFORE = "before"  # it never arrives
    UNDER_WAY = "under way"  # it was handed over, and whether it is done nobody knows
    ANSWERED = "answered"  # it is done, and nobody hears of it


@dataclass(frozen=True, eq=False)
class Trap:
    """Somebody waits for the cue, or for the name of a table that is written; `act` is called once,
    with the asker's port, on that side of it."""

    waits_for: str
    side: Side
    act: Callable[[int], Awaitable[None]]


@dataclass(eq=False)
class _Link:
    """One connection: both of its ends, what it said, and what becomes of its next answer."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    said: Statements = field(default_factory=Statements)
    loses_answer: bool = False
    is_answered: asyncio.Event | None = None

    def cut(self) -> None:
        self.near.transport.abort()
        self.far.transport.abort()

    def close(self) -> None:
        self.near.close()
        self.far.close()


@dataclass
class Line:
    """A proxy: the ways it leads to, taken in turn, and what it does to what passes.

    is_read: whether what passes are statements, and the tables that they write are of interest.
    """

    name: str
    ways: Sequence[Callable[[], Awaitable[Way]]]
    cues: tuple[bytes, ...]
    dice: random.Random
    before: float = 0.0
    after: float = 0.0
    slow_s: float = 0.0
    port: int = 0
    is_read: bool = False
    fired: Counter[str] = field(default_factory=Counter)
    traps: list[Trap] = field(default_factory=list)
    _links: set[_Link] = field(default_factory=set)
    _turn: int = 0

    def __post_init__(self) -> None:
        self._is_open = asyncio.Event()
        self._is_open.set()

    def heal(self) -> None:
        """Let everything pass as it comes."""
        self.before = self.after = self.slow_s = 0.0
        self.traps.clear()
        self._is_open.set()

    def shut(self) -> None:
        """Let nothing pass, and tell nobody."""
        self._is_open.clear()

    def open(self) -> None:
        """Let pass what waited."""
        self._is_open.set()

    def cut_all(self) -> int:
        """End every connection at once; gives how many there were."""
        found = list(self._links)
        for link in found:
            link.cut()
        return len(found)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until an end closes or the line breaks."""
        way = await self._connect()
        if way is None:
            writer.transport.abort()
            return
        link = _Link(near=writer, far=way[1])
        self._links.add(link)
        both = {
            asyncio.create_task(self._forth(reader, link)),
            asyncio.create_task(self._back(way[0], link)),
        }
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._links.discard(link)
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            link.close()

    async def _connect(self) -> Way | None:
        """The next way that leads somewhere; a server that is away is passed over."""
        await self._pass()
        for _ in self.ways:
            self._turn += 1
            with suppress(OSError):
                return await self.ways[self._turn % len(self.ways)]()
        return None

    async def _forth(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._pass()
                moments = self._moments(link, data)
                if trap := self._sprung(moments):
                    await self._spring(trap, link, data)
                    return
                if CUE in moments:
                    if self.dice.random() < self.before:
                        self.fired["cut_before"] += 1
                        link.cut()
                        return
                    link.loses_answer = self.dice.random() < self.after
                link.far.write(data)
                await link.far.drain()

    def _moments(self, link: _Link, data: bytes) -> frozenset[str]:
        """What somebody may wait for in what passes: the cue, and tables that are written."""
        tables = link.said.tables_written(data) if self.is_read else frozenset()
        return tables | {CUE} if any(cue in data for cue in self.cues) else tables

    def _sprung(self, moments: frozenset[str]) -> Trap | None:
        """The first trap that waits for one of these; it waits no longer."""
        for trap in self.traps:
            if trap.waits_for in moments:
                self.traps.remove(trap)
                return trap
        return None

    async def _spring(self, trap: Trap, link: _Link, data: bytes) -> None:
        """Somebody waited for this moment: whatever they do happens now."""
        if trap.side is Side.ANSWERED:
            link.is_answered = asyncio.Event()
        if trap.side is not Side.BEFORE:
            link.far.write(data)
            await link.far.drain()
        if link.is_answered is not None:
            await link.is_answered.wait()
        if peer := link.near.get_extra_info("peername"):
            await trap.act(peer[1])
        link.cut()

    async def _back(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._pass()
                if link.is_answered is not None:
                    link.is_answered.set()
                    await asyncio.Event().wait()  # until whoever waited for it has acted
                if link.loses_answer:
                    # The server answers, so it did what was asked; nobody hears of it.
                    self.fired["cut_after"] += 1
                    link.cut()
                    return
                link.near.write(data)
                await link.near.drain()

    async def _pass(self) -> None:
        if not self._is_open.is_set():
            self.fired["part"] += 1
            await self._is_open.wait()
        if self.slow_s:
            self.fired["slow"] += 1
            await asyncio.sleep(self.slow_s)


@asynccontextmanager
async def open_line(line: Line, port: int = 0) -> AsyncIterator[Line]:
    """Listen on a port; nothing is broken until somebody says so."""
    server = await asyncio.start_server(line.carry, "127.0.0.1", port)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.heal()
        line.cut_all()
