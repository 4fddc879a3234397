"""The rush door for any ASGI server: what the rush protocol hands over, answered by the same code.

Chunked bodies, HTTP/1.0, HTTP/2 in front, tests without a socket: rare ways to knock
end here.  十点的侧门
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from huiquan.domain.refusals import Refusal
from huiquan.web.rush import BODY_MAX_BYTES, Knock, Rush
from huiquan.web.rush_answers import Answer, refused
from huiquan.web.rush_refusals import PATH

BODY_WITHIN_S = 10.0
LINE = b"POST " + PATH.encode()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class RushDoor:
    """ASGI in front of the site: takes the one address of the rush, hands on everything else."""

    def __init__(self, rush: Rush, site: Asgi) -> None:
        self._rush = rush
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._site(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        length = (b"content-length", b"%d" % len(answer.body))
        headers = [*answer.headers, length]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            body = await asyncio.wait_for(_read(receive), BODY_WITHIN_S)
        except TimeoutError:
            return refused(Refusal.MALFORMED)
        if body is None:
            return refused(Refusal.TOO_LARGE)
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        client = scope.get("client")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def reply(told: Answer) -> None:
            if not answer.done():
                answer.set_result(told)

        address = client[0] if client else None
        self._rush.knock(Knock(LINE, header.decode("latin-1"), body, address), reply)
        return await answer


async def _read(receive: Receive) -> bytes | None:
    """The body, or None when it is larger than any honest tap."""
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > BODY_MAX_BYTES:
            return None
        if not message.get("more_body", False):
            return body
