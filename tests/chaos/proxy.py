"""A line in front of a server that breaks at the worst moment: done, and the answer is lost.  断线

What a client sends always arrives. When it holds the cue (such as a commit) and the dice say so,
the server's answer is thrown away and both ends are cut.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65536

Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class BreakingLine:
    """The proxy: where it leads, what it breaks at, how often, and how often it did."""

    connect: Callable[[], Awaitable[Way]]
    cue: bytes
    share: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    cuts: int = 0
    port: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until an end closes or the line breaks."""
        try:
            inner_reader, inner_writer = await self.connect()
        except OSError:
            writer.close()
            return
        back = asyncio.create_task(_pump(inner_reader, writer))
        try:
            while data := await reader.read(CHUNK):
                breaks = self.cue in data and self.dice.random() < self.share
                if breaks:
                    back.cancel()
                    await asyncio.wait({back})
                inner_writer.write(data)
                await inner_writer.drain()
                if breaks:
                    # The server answers, so it did what was asked; nobody hears of it.
                    await inner_reader.read(CHUNK)
                    self.cuts += 1
                    writer.transport.abort()
                    return
        except OSError:
            return
        finally:
            back.cancel()
            inner_writer.close()
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def breaking_line(
    connect: Callable[[], Awaitable[Way]], cue: bytes
) -> AsyncIterator[BreakingLine]:
    """A proxy on a free port; it breaks nothing until its share is set."""
    line = BreakingLine(connect=connect, cue=cue)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
