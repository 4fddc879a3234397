"""A line in front of a server that breaks: cut, slow, shut, or cut once the deed is done.  断线

What holds the cue (a commit, a request that writes) may be lost before it arrives, or carried
through and its answer lost. Each thing that really happened to a connection is counted.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

CHUNK = 65536

Way: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False)
class _Link:
    """One connection: both of its ends, and whether its next answer is to be lost."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    loses_answer: bool = False

    def cut(self) -> None:
        self.near.transport.abort()
        self.far.transport.abort()

    def close(self) -> None:
        self.near.close()
        self.far.close()


@dataclass
class Line:
    """A proxy: the ways it leads to, taken in turn, and what it does to what passes."""

    name: str
    ways: Sequence[Callable[[], Awaitable[Way]]]
    cues: tuple[bytes, ...]
    dice: random.Random
    before: float = 0.0
    after: float = 0.0
    slow_s: float = 0.0
    port: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    # Called once, with the asker's port, as what holds the cue passes: before it arrives, or after.
    trap: Callable[[int], Awaitable[None]] | None = None
    traps_after: bool = False
    _links: set[_Link] = field(default_factory=set)
    _turn: int = 0

    def __post_init__(self) -> None:
        self._is_open = asyncio.Event()
        self._is_open.set()

    def heal(self) -> None:
        """Let everything pass as it comes."""
        self.before = self.after = self.slow_s = 0.0
        self.trap = None
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
                if any(cue in data for cue in self.cues):
                    if self.trap is not None:
                        await self._spring(link, data)
                        return
                    if self.dice.random() < self.before:
                        self.fired["cut_before"] += 1
                        link.cut()
                        return
                    link.loses_answer = self.dice.random() < self.after
                link.far.write(data)
                await link.far.drain()

    async def _spring(self, link: _Link, data: bytes) -> None:
        """Somebody waited for this moment: whatever they do happens now."""
        trap, self.trap = self.trap, None
        assert trap is not None
        if self.traps_after:
            link.far.write(data)
            await link.far.drain()
        if peer := link.near.get_extra_info("peername"):
            await trap(peer[1])
        link.cut()

    async def _back(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._pass()
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
