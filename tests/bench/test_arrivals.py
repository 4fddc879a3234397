"""People of our own client: they come when they come, obey what they are told, and remember it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from bench.arrivals import Seen, Street, all_home, arrive
from bench.client import BrokenLineError, Lines, get
from bench.taps import Tap

RECEIPT = b'{"entry":"00"}'
TAPS = [
    Tap(token=f"t{n}", body=f'{{"request_key":"{n:032}","location":{{"taken_at":"')
    for n in range(20)
]

Reply = Callable[[str, bytes], bytes | None]


def answer(status: int, body: bytes, *more: bytes) -> bytes:
    head = b"".join(b"\r\n" + one for one in more)
    return b"HTTP/1.1 %d x\r\nContent-Length: %d%b\r\n\r\n%b" % (status, len(body), head, body)


@asynccontextmanager
async def server(reply: Reply) -> AsyncIterator[int]:
    """A server that answers as it is told; None hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                body = await reader.readexactly(int(length or 0))
                raw = reply(head.decode().split(" ", 1)[0], body)
                if raw is None:
                    return
                writer.write(raw)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def street(port: int, **more: object) -> Street:
    return Street(
        lines=Lines("127.0.0.1", port, 4),
        seen=Seen(),
        ahead_s=0,
        entering="/enter",
        name_of=lambda tap: tap.token,
        pace_s=0.01,
        **more,  # type: ignore[arg-type]
    )


async def walk(walked: Street, count: int) -> Seen:
    under_way = await arrive(TAPS[:count], 1000.0, 0.1, walked.person, walked.seen)
    await all_home(under_way, 20, walked.seen)
    walked.lines.close()
    return walked.seen


async def test_everybody_who_is_let_in_is_remembered_once() -> None:
    async with server(lambda *_: answer(200, RECEIPT)) as port:
        seen = await walk(street(port), 20)
    assert seen.asked == set(seen.told) == {tap.token for tap in TAPS}
    assert len(seen.admitted_s) == len(seen.entered_s) == seen.arrived == 20


async def test_who_is_told_to_wait_waits_and_taps_again_with_the_same_key() -> None:
    keys: list[str] = []

    def reply(_: str, body: bytes) -> bytes:
        keys.append(json.loads(body)["request_key"] if body else "")
        if len(keys) == 1:
            return answer(503, b"{}", b"Retry-After: 0")
        return answer(200, RECEIPT)

    async with server(reply) as port:
        seen = await walk(street(port), 1)
    assert keys[0] == keys[1]
    assert (len(seen.told), seen.statuses[503], seen.gave_up) == (1, 1, 0)


async def test_who_has_no_patience_left_goes_home() -> None:
    async with server(lambda *_: answer(429, b"{}", b"Retry-After: 9")) as port:
        seen = await walk(street(port, patience_s=0.5), 3)
    assert (len(seen.told), seen.gave_up) == (0, 3)


async def test_a_refusal_that_stands_is_not_asked_again() -> None:
    async with server(lambda *_: answer(403, b'{"code":"suspended"}')) as port:
        seen = await walk(street(port), 2)
    assert (seen.statuses[403], len(seen.told), seen.refusals.total()) == (2, 0, 2)


async def test_before_ten_people_keep_tapping() -> None:
    said = iter([answer(409, b'{"code":"not_yet_open"}', b"Retry-After: 0")])
    async with server(lambda *_: next(said, answer(200, RECEIPT))) as port:
        seen = await walk(street(port), 1)
    assert len(seen.told) == 1


async def test_a_line_that_breaks_is_asked_again_and_counted() -> None:
    said = iter([None])
    async with server(lambda *_: next(said, answer(200, RECEIPT))) as port:
        seen = await walk(street(port), 1)
    assert (seen.broken, len(seen.told)) == (1, 1)


async def test_an_outcome_is_known_when_it_is_no_longer_pending() -> None:
    said = iter([answer(200, b'{"state":"pending"}'), answer(200, b'{"state":"missed"}')])

    def reply(method: str, _: bytes) -> bytes:
        return next(said) if method == "GET" else answer(200, RECEIPT)

    async with server(reply) as port:
        seen = await walk(street(port, outcome="/outcome"), 1)
    assert len(seen.known_s) == 1
    assert next(said, None) is None


async def test_an_answer_in_pieces_is_read_whole() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in answer(200, b"whole"):
            writer.write(bytes([byte]))
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        lines = Lines("127.0.0.1", listening.sockets[0].getsockname()[1], 1)
        assert (await lines.ask(get("127.0.0.1", "/", "t"))).body == b"whole"


async def test_a_server_that_is_away_is_a_broken_line() -> None:
    async with server(lambda *_: None) as port:
        pass
    with pytest.raises(BrokenLineError):
        await Lines("127.0.0.1", port, 1).ask(get("127.0.0.1", "/", "t"))


async def test_arrivals_wait_for_nobody() -> None:
    started: list[float] = []

    async def never(_: Tap, due: float) -> None:
        started.append(due)
        await asyncio.sleep(3600)

    seen = Seen()
    under_way = await arrive(TAPS, 100.0, 0.3, never, seen)
    assert seen.arrived == len(started) == len(under_way) == 20
    assert seen.ran_out
    gaps = [later - sooner for sooner, later in pairwise(started)]
    assert all(abs(gap - 0.01) < 1e-6 for gap in gaps)
    assert await all_home(under_way, 0.01, seen) == 20


async def test_a_person_who_stumbles_spoils_the_run() -> None:
    async def stumble(_: Tap, __: float) -> None:
        raise KeyError("x")

    seen = Seen()
    under_way: list[asyncio.Task[None]] = await arrive(TAPS[:1], 100.0, 0.05, stumble, seen)
    with pytest.raises(RuntimeError, match="stumbled"):
        await all_home(under_way, 1, seen)


def test_told_yes_counts_only_between_two_moments() -> None:
    now = time.monotonic()
    seen = Seen(told={"a": now, "b": now + 1, "c": now + 2})
    assert seen.told_between(now, now + 2) == 2
