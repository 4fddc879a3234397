"""The rush protocol: however bytes are cut, answers are whole, in order, and one for each request.

A transport of paper stands in for the socket, so that every cut and every order can be tried.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from huiquan.domain.refusals import Refusal
from huiquan.web.rush import Knock, Reply
from huiquan.web.rush_answers import Answer
from huiquan.web.rush_hall import CONNECTIONS_MAX, Hall
from huiquan.web.rush_heads import HEAD_MAX_BYTES, HEADERS_MAX
from huiquan.web.rush_protocol import ASKED_AHEAD_MAX, RushProtocol

BODY = b'{"a": 1}'


class PaperTransport(asyncio.Transport):
    """Remembers what was written and asked of it."""

    def __init__(self, peer: str = "192.0.2.7") -> None:
        super().__init__({"peername": (peer, 1)})
        self.written = b""
        self.is_reading, self.closed, self.aborted = True, False, False
        self.protocol: Any = None

    def write(self, data: Any) -> None:
        assert not self.closed, "nothing is said after good-bye"
        self.written += bytes(data)

    def pause_reading(self) -> None:
        assert self.is_reading
        self.is_reading = False

    def resume_reading(self) -> None:
        assert not self.is_reading
        self.is_reading = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol


class Successor(asyncio.Protocol):
    """Whoever takes a connection over: remembers the bytes it was given."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.heard = b""

    def data_received(self, data: bytes) -> None:
        self.heard += data


class Door:
    """A door that remembers its requests and answers when it is told to."""

    def __init__(self, at_once: bool = True) -> None:
        self.at_once = at_once
        self.knocks: list[Knock] = []
        self.replies: list[Reply] = []

    def __call__(self, knock: Knock, reply: Reply) -> None:
        self.knocks.append(knock)
        self.replies.append(reply)
        if self.at_once:
            self.answer(len(self.replies) - 1)

    def answer(self, place: int) -> None:
        self.replies[place](Answer(200, (), b"<%d>" % place))


def hall_with(door: Door) -> Hall:
    doors = ((re.compile(b"POST /api/v1/draws"), door), (re.compile(rb"GET /day/\d+"), door))
    return Hall(doors, successor=Successor)


def connect(hall: Hall, peer: str = "192.0.2.7") -> tuple[RushProtocol, PaperTransport]:
    config = uvicorn.Config(lambda: None, log_config=None)
    protocol = RushProtocol(hall, config, ServerState(), {})
    transport = PaperTransport(peer)
    protocol.connection_made(transport)
    return protocol, transport


def post(
    body: bytes = BODY, *headers: bytes, line: bytes = b"POST /api/v1/draws HTTP/1.1"
) -> bytes:
    lines = [line, b"Host: house", b"Authorization: Bearer x", *headers]
    if not any(each.lower().startswith(b"transfer-encoding") for each in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def bodies_of(written: bytes) -> list[bytes]:
    """The bodies of the answers, each of which says its length."""
    bodies = []
    while written:
        head, _, rest = written.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head).group(1))  # type: ignore[union-attr]
        bodies.append(rest[:length])
        written = rest[length:]
    return bodies


async def test_a_request_cut_at_any_byte_is_the_same_request() -> None:
    raw = post()
    for cut in range(len(raw) + 1):
        door = Door()
        protocol, transport = connect(hall_with(door))
        protocol.data_received(raw[:cut])
        protocol.data_received(raw[cut:])
        assert [knock.body for knock in door.knocks] == [BODY], cut
        assert door.knocks[0].authorization == "Bearer x"
        assert bodies_of(transport.written) == [b"<0>"]


@given(
    count=st.integers(1, 30),
    cuts=st.lists(st.integers(0, 5000), max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_answers_leave_in_the_order_of_requests_whatever_comes_first(
    count: int, cuts: list[int], order: Any
) -> None:
    async def play() -> None:
        door = Door(at_once=False)
        protocol, transport = connect(hall_with(door))
        requests = [post(b"%d" % place) for place in range(count)]
        raw, last = b"".join(requests), 0
        for cut in [*sorted({one % len(raw) for one in cuts}), len(raw)]:
            protocol.data_received(raw[last:cut])
            last = cut
        open_places: list[int] = []
        answered: set[int] = set()
        while len(answered) < count:
            open_places = [n for n in range(len(door.replies)) if n not in answered]
            assert len(open_places) <= ASKED_AHEAD_MAX
            place = order.choice(open_places)
            answered.add(place)
            door.answer(place)
        assert [knock.body for knock in door.knocks] == [b"%d" % n for n in range(count)]
        assert bodies_of(transport.written) == [b"<%d>" % n for n in range(count)]
        assert transport.is_reading

    asyncio.run(play())


async def test_who_asks_far_ahead_is_not_read_until_answers_left() -> None:
    door = Door(at_once=False)
    protocol, transport = connect(hall_with(door))
    protocol.data_received(post() * (ASKED_AHEAD_MAX + 2))
    assert len(door.knocks) == ASKED_AHEAD_MAX
    assert not transport.is_reading
    door.answer(0)
    assert len(door.knocks) == ASKED_AHEAD_MAX + 1
    for place in range(1, ASKED_AHEAD_MAX + 1):
        door.answer(place)
    assert len(door.knocks) == ASKED_AHEAD_MAX + 2
    assert transport.is_reading


async def test_who_does_not_listen_is_not_asked_further() -> None:
    door = Door()
    protocol, transport = connect(hall_with(door))
    protocol.pause_writing()
    protocol.data_received(post())
    assert door.knocks == []
    protocol.resume_writing()
    assert len(door.knocks) == 1
    assert transport.is_reading


ELSEWHERE = {
    "a page": b"GET / HTTP/1.1\r\nHost: house\r\n\r\n",
    "the list of draws": b"GET /api/v1/draws HTTP/1.1\r\nHost: house\r\n\r\n",
    "HEAD": b"HEAD /api/v1/draws HTTP/1.1\r\nHost: house\r\n\r\n",
    "a query": post(line=b"POST /api/v1/draws?x=1 HTTP/1.1"),
    "HTTP/1.0": post(line=b"POST /api/v1/draws HTTP/1.0"),
    "a whole address": post(line=b"POST http://house/api/v1/draws HTTP/1.1"),
    "chunks": post(b"8\r\n" + BODY + b"\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"),
    "expecting": post(BODY, b"Expect: 100-continue"),
    "upgrading": post(BODY, b"Connection: upgrade", b"Upgrade: websocket"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_what_is_asked_elsewhere_or_otherwise_is_handed_over_with_every_byte(
    name: str,
) -> None:
    raw = ELSEWHERE[name]
    for before in (b"", post()):
        door = Door(at_once=False)
        hall = hall_with(door)
        protocol, transport = connect(hall)
        protocol.data_received(before + raw[:-3])
        protocol.data_received(raw[-3:])
        if before:
            assert transport.protocol is None, "what came before is answered first"
            door.answer(0)
            assert bodies_of(transport.written) == [b"<0>"]
        taken_over = transport.protocol
        assert taken_over.heard in (raw, raw[:-3])  # the rest is read by the successor itself
        assert hall.connections == set()
        assert not transport.closed


async def test_a_door_with_a_pattern_answers_its_own_addresses() -> None:
    door = Door()
    protocol, _ = connect(hall_with(door))
    protocol.data_received(b"GET /day/20260206 HTTP/1.1\r\nHost: house\r\n\r\n" + post())
    assert [knock.line for knock in door.knocks] == [b"GET /day/20260206", b"POST /api/v1/draws"]


REFUSED = {
    "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", Refusal.MALFORMED),
    "a header without a name": (post(BODY, b": x"), Refusal.MALFORMED),
    "two lengths": (post(BODY, b"Content-Length: 3"), Refusal.MALFORMED),
    "a length and chunks": (
        post(BODY, b"Transfer-Encoding: chunked", b"Content-Length: 8"),
        Refusal.MALFORMED,
    ),
    "a length that is none": (
        b"POST /api/v1/draws HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        Refusal.MALFORMED,
    ),
    "a large body": (post(b"x" * 4097), Refusal.TOO_LARGE),
    "many headers": (post(BODY, *[b"X: y"] * HEADERS_MAX), Refusal.TOO_LARGE),
    "a long header": (post(BODY, b"X: " + b"y" * HEAD_MAX_BYTES), Refusal.TOO_LARGE),
    "a head without an end": (b"POST " + b"x" * HEAD_MAX_BYTES, Refusal.TOO_LARGE),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_request_is_told_so_and_nothing_more_is_read(name: str) -> None:
    raw, refusal = REFUSED[name]
    door = Door()
    protocol, transport = connect(hall_with(door))
    protocol.data_received(raw)
    protocol.data_received(post())
    assert door.knocks == []
    assert transport.closed
    assert transport.written.startswith(b"HTTP/1.1 %d " % refusal.status)
    assert b"connection: close" in transport.written
    (body,) = bodies_of(transport.written)
    assert refusal.value.encode() in body
    assert refusal.zh.encode() in body


async def test_who_wants_to_close_is_answered_and_closed() -> None:
    door = Door()
    protocol, transport = connect(hall_with(door))
    protocol.data_received(post(BODY, b"Connection: close") + post())
    assert len(door.knocks) == 1
    assert transport.closed
    assert b"connection: close" in transport.written


async def test_a_drop_at_a_time_does_not_buy_time() -> None:
    hall = hall_with(Door())
    protocol, transport = connect(hall)
    protocol.data_received(b"POST")
    due = protocol.closes_at
    for byte in post()[4:80]:
        protocol.data_received(bytes([byte]))
        assert protocol.closes_at == due
    hall.close_late(due)
    assert not transport.aborted
    hall.close_late(due + 1)
    assert transport.aborted


async def test_who_waits_for_an_answer_is_not_called_slow() -> None:
    door = Door(at_once=False)
    hall = hall_with(door)
    protocol, transport = connect(hall)
    protocol.data_received(post())
    hall.close_late(asyncio.get_running_loop().time() + 3600)
    assert not transport.aborted
    door.answer(0)
    assert protocol.closes_at < asyncio.get_running_loop().time() + 3600


async def test_who_is_to_come_again_is_let_go_unless_they_ask_more() -> None:
    door = Door(at_once=False)
    protocol, transport = connect(hall_with(door))
    protocol.data_received(post() + post())
    door.replies[0](Answer(503, (), b"later"))
    assert not transport.closed
    door.answer(1)
    assert bodies_of(transport.written) == [b"later", b"<1>"]
    assert not transport.closed
    protocol.data_received(post())
    door.replies[2](Answer(503, (), b"later"))
    assert transport.written.count(b"connection: close\r\n") == 1
    assert transport.closed


async def test_who_was_told_to_come_again_is_asked_nothing_more() -> None:
    door = Door(at_once=False)
    protocol, transport = connect(hall_with(door))
    protocol.data_received(post() + post())
    door.replies[1](Answer(503, (), b"later"))
    protocol.data_received(post())
    assert len(door.knocks) == 2
    door.answer(0)
    assert bodies_of(transport.written) == [b"<0>", b"later"]
    assert transport.closed


async def test_who_asks_for_an_outcome_stays_even_when_it_is_busy() -> None:
    door = Door(at_once=False)
    protocol, transport = connect(hall_with(door))
    protocol.data_received(post(b"", line=b"GET /day/6 HTTP/1.1"))
    door.replies[0](Answer(503, (), b"later"))
    assert not transport.closed


async def test_after_the_last_request_nothing_is_read() -> None:
    door = Door(at_once=False)
    protocol, _ = connect(hall_with(door))
    protocol.data_received(post(BODY, b"Connection: close"))
    protocol.data_received(post())
    assert len(door.knocks) == 1


async def test_a_full_hall_says_so() -> None:
    hall = hall_with(Door())
    hall.connections.update(object() for _ in range(CONNECTIONS_MAX))  # type: ignore[misc]
    _, transport = connect(hall)
    assert transport.written.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in transport.written
    assert transport.closed
    hall.connections.clear()


async def test_an_answer_for_somebody_who_left_is_said_to_nobody() -> None:
    door = Door(at_once=False)
    hall = hall_with(door)
    protocol, transport = connect(hall)
    protocol.data_received(post())
    protocol.connection_lost(None)
    door.answer(0)
    assert transport.written == b""
    assert hall.connections == set()


async def test_a_server_that_stops_answers_those_who_wait() -> None:
    door = Door(at_once=False)
    hall = hall_with(door)
    (waiting, their), (idle, other) = connect(hall), connect(hall)
    waiting.data_received(post())
    for each in (waiting, idle):
        each.shutdown()
    assert (their.closed, other.closed) == (False, True)
    door.answer(0)
    assert their.closed
    assert bodies_of(their.written) == [b"<0>"]


PROXIES: Sequence[tuple[str, bytes, str | None]] = [
    ("192.0.2.7", b"X-Forwarded-For: 198.51.100.1", "192.0.2.7"),
    ("127.0.0.1", b"X-Forwarded-For: 203.0.113.9, 198.51.100.1", "198.51.100.1"),
    ("127.0.0.1", b"X: y", None),
]


@pytest.mark.parametrize(("peer", "header", "address"), PROXIES)
async def test_only_the_houses_own_proxy_is_believed(
    peer: str, header: bytes, address: str | None
) -> None:
    door = Door()
    protocol, _ = connect(hall_with(door), peer)
    protocol.data_received(post(BODY, header))
    assert door.knocks[0].address == address
