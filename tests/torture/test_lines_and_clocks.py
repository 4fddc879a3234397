"""The line that breaks and the clock that jumps do what they say, and count what they did."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from huiquan.clock import make_clock
from huiquan.domain.days import SHANGHAI
from huiquan.settings import Settings
from torture.clock import Timekeeper
from torture.lines import CUE, Line, Side, Trap, Way, open_line

AT = datetime(2026, 2, 6, 10, 0, tzinfo=SHANGHAI)


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[Line, list[bytes]]]:
    """A line to a server that remembers what arrived and says it again."""
    arrived: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            arrived.append(data)
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def connect() -> Way:
        return await asyncio.open_connection("127.0.0.1", port)

    async def nowhere() -> Way:
        raise OSError("nobody listens there")

    ways = [nowhere, connect]
    line = Line(name="x", ways=ways, cues=(b"COMMIT",), dice=random.Random(1))
    async with open_line(line):
        yield line, arrived
    server.close()


async def say(line: Line, word: bytes) -> bytes:
    """Say something over the line; what comes back, or nothing when the line broke."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        writer.write(word)
        with suppress(OSError):
            return await asyncio.wait_for(reader.read(1000), 5)
        return b""
    finally:
        writer.close()


async def test_a_whole_line_passes_everything_and_a_server_that_is_away_is_passed_over() -> None:
    async with echoing() as (line, arrived):
        assert [await say(line, b"COMMIT") for _ in range(3)] == [b"COMMIT"] * 3
        assert arrived == [b"COMMIT"] * 3
        assert not line.fired


async def test_before_it_never_arrives_and_after_it_arrives_and_nobody_hears() -> None:
    async with echoing() as (line, arrived):
        line.before = 1.0
        assert await say(line, b"COMMIT") == b""
        assert arrived == []
        line.before, line.after = 0.0, 1.0
        assert await say(line, b"COMMIT") == b""
        assert arrived == [b"COMMIT"]
        assert await say(line, b"select") == b"select"
        assert line.fired == {"cut_before": 1, "cut_after": 1}


async def test_a_shut_line_keeps_people_waiting_and_a_cut_one_ends_all() -> None:
    async with echoing() as (line, _):
        line.shut()
        asking = asyncio.create_task(say(line, b"hello"))
        await asyncio.sleep(0.05)
        assert not asking.done()
        line.open()
        assert await asking == b"hello"
        line.shut()
        asking = asyncio.create_task(say(line, b"hello"))
        await asyncio.sleep(0.05)
        assert line.cut_all() == 0  # nobody got through yet
        line.open()
        assert await asking == b"hello"
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"hello")
        assert await reader.read(100) == b"hello"
        assert line.cut_all() == 1
        with suppress(OSError):
            assert await reader.read(100) == b""
        writer.close()


def test_the_clock_runs_jumps_and_goes_wrong_in_one_process_alone(tmp_path: Path) -> None:
    keeper = Timekeeper(tmp_path / "clock", AT)
    clocks = {
        name: make_clock(Settings(clock_file=keeper.file_for(name))) for name in ("web", "notary")
    }
    try:
        assert timedelta() <= clocks["web"]() - AT < timedelta(minutes=1)
        keeper.jump_to(AT + timedelta(days=1))
        assert clocks["web"]() >= AT + timedelta(days=1)
        keeper.jump_to(AT)
        assert keeper.now() >= AT + timedelta(days=1)
        keeper.skew("notary", 3600)
        apart = clocks["notary"]() - clocks["web"]()
        assert timedelta(minutes=59) < apart < timedelta(minutes=61)
        keeper.set_right("notary")
        assert abs(clocks["notary"]() - clocks["web"]()) < timedelta(minutes=1)
    finally:
        keeper.stop()
    stands = clocks["web"]()
    assert clocks["web"]() == stands


async def test_a_trap_springs_once_at_the_cue_before_it_arrives_or_after() -> None:
    async with echoing() as (line, arrived):
        heard: list[int] = []

        async def trap(port: int) -> None:
            heard.append(port)

        line.traps.append(Trap(waits_for=CUE, side=Side.BEFORE, act=trap))
        assert await say(line, b"select") == b"select"
        assert await say(line, b"COMMIT") == b""
        assert (len(heard), arrived) == (1, [b"select"])
        line.traps.append(Trap(waits_for=CUE, side=Side.UNDER_WAY, act=trap))
        assert await say(line, b"COMMIT") == b""
        await asyncio.sleep(0.05)
        assert (len(heard), arrived) == (2, [b"select", b"COMMIT"])
        assert await say(line, b"COMMIT") == b"COMMIT"
