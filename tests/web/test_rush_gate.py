"""The gate turns away who wants to enter when there is no room, and nobody else."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huiquan.domain.refusals import Refusal
from huiquan.web import rush_gate
from huiquan.web.held_answers import HELD_S, HeldAnswers
from huiquan.web.refusal_counts import RefusalCounts
from huiquan.web.rush_gate import Gate
from huiquan.web.rush_refusals import PATH, RushRefusals

ENTERING = b"POST /api/v1/draws HTTP/1.1\r\nContent-Length: 4000\r\n\r\n" + b" " * 4000


class Place:
    """A gate with so much room, and the way to it."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.held = HeldAnswers()
        self.counts = RefusalCounts(lambda: datetime(2026, 2, 6, 2, tzinfo=UTC))
        self.gate = Gate(self.has_room, RushRefusals(self.counts, self.held))
        self.port = socket.create_server(("127.0.0.1", 0))

    def has_room(self) -> bool:
        self.room -= 1
        return self.room >= 0

    def come(self, said: bytes) -> tuple[socket.socket, socket.socket]:
        """Somebody comes and says something; both ends of their line."""
        ours = socket.create_connection(self.port.getsockname())
        ours.sendall(said)
        line, _ = self.port.accept()
        return ours, line


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place(room=0)
    yield made
    made.port.close()


def heard(ours: socket.socket) -> bytes:
    ours.settimeout(10)
    answer = b""
    while part := ours.recv(4096):
        answer += part
    ours.close()
    return answer


async def test_who_wants_to_enter_when_there_is_no_room_is_told_when_to_come_again(
    place: Place,
) -> None:
    ours, line = place.come(ENTERING)
    assert place.gate.turns_away(line)
    assert place.counts.take() == [(20260206, PATH, "busy", 1)]
    answer = asyncio.get_running_loop().run_in_executor(None, heard, ours)
    _, pending = await asyncio.wait([asyncio.ensure_future(answer)], timeout=HELD_S / 2)
    assert pending
    head, _, body = (await answer).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: " in head
    assert b"\r\nconnection: close" in head
    assert b"\r\ncontent-length: %d" % len(body) in head
    assert b'"code":"busy"' in body
    assert line.fileno() == -1


async def test_so_many_are_let_in_as_there_is_room_for(place: Place) -> None:
    place.room = 2
    lines = [place.come(ENTERING) for _ in range(4)]
    assert [place.gate.turns_away(line) for _, line in lines] == [False, False, True, True]
    for ours, line in lines:
        ours.close()
        line.close()


@pytest.mark.parametrize(
    "said",
    [
        b"GET /api/v1/draws/20260206 HTTP/1.1\r\n\r\n",
        b"POST /api/v1/draws/objections HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /api/v1/dra",
        b"",
    ],
)
async def test_who_wants_something_else_or_has_said_nothing_yet_is_let_in_unread(
    place: Place, said: bytes
) -> None:
    ours, line = place.come(said)
    assert not place.gate.turns_away(line)
    assert len(place.held) == 0
    line.settimeout(10)
    assert line.recv(len(said)) == said
    ours.close()
    line.close()


async def test_when_more_are_held_than_the_hall_has_places_the_hall_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rush_gate, "CONNECTIONS_MAX", 1)
    lines = [place.come(ENTERING) for _ in range(2)]
    assert [place.gate.turns_away(line) for _, line in lines] == [True, False]
    for ours, line in lines:
        ours.close()
        line.close()


async def test_who_has_left_meanwhile_is_told_nothing_and_holds_up_nobody(place: Place) -> None:
    gone, line = place.come(ENTERING)
    assert place.gate.turns_away(line)
    gone.close()
    stays, other = place.come(ENTERING)
    assert place.gate.turns_away(other)
    answer = await asyncio.get_running_loop().run_in_executor(None, heard, stays)
    assert Refusal.BUSY.value.encode() in answer
    assert line.fileno() == -1
