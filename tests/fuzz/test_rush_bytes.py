"""Any bytes at all, cut anywhere: the rush protocol answers with a reason, waits, or hands over."""

import asyncio
import json

from hypothesis import example, given
from hypothesis import strategies as st

from huiquan.domain.refusals import Refusal
from huiquan.web.rush_heads import HEAD_MAX_BYTES
from tests.web.test_rush_protocol import Door, bodies_of, connect, hall_with, post

PIECES = st.sampled_from(
    [
        b"POST /api/v1/draws HTTP/1.1\r\n",
        b"POST /api/v1/draws",
        b"GET / HTTP/1.1\r\n",
        b"Content-Length: 8\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: +8\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Authorization: Bearer x\r\n",
        b"Authorization: \xff\xfe\r\n",
        b"Connection: close\r\n",
        b"Expect: 100-continue\r\n",
        b" folded\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\n\n",
        b"\x00",
        b'{"a": 1}',
        post(),
    ]
)


@given(pieces=st.lists(PIECES | st.binary(max_size=40), max_size=14), cut=st.integers(0, 4000))
@example(pieces=[b"x" * (HEAD_MAX_BYTES + 1)], cut=100)
@example(pieces=[post(), post(b"x" * 4096), b"\r\n", post()], cut=500)
def test_any_bytes_are_answered_awaited_or_handed_over(pieces: list[bytes], cut: int) -> None:
    async def play() -> None:
        raw = b"".join(pieces)
        door = Door()
        hall = hall_with(door)
        protocol, transport = connect(hall)
        for part in (raw[:cut], raw[cut:]):
            if part and transport.protocol is None and not transport.closed:
                protocol.data_received(part)
        for body in bodies_of(transport.written)[len(door.knocks) :]:
            told = json.loads(body)
            assert set(told) == {"code", "zh", "en", "detail"}
            assert Refusal(told["code"]) in (Refusal.MALFORMED, Refusal.TOO_LARGE)
            assert transport.closed
        assert all(len(knock.body) <= 4096 for knock in door.knocks)
        is_open = protocol in hall.connections
        assert is_open or transport.closed or transport.protocol is not None

    asyncio.run(play())
