"""The little of HTTP that simulated outsiders need: a question in, an answer out.  模拟接口"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One HTTP request: "POST /check", what followed the question mark, and the body."""

    what: str
    asked: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP response."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


Answerer = Callable[[Question], Awaitable[Answer]]


def answer_json(told: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(body=msgspec.json.encode(told), status=status)


def as_asgi(answer_to: Answerer) -> Asgi:
    """Make an ASGI application of a function that answers questions."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = await _answer(answer_to, scope, receive)
        headers = [(b"content-type", answer.content_type.encode())]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": headers},
        )
        await send({"type": "http.response.body", "body": answer.body})

    return application


async def _answer(answer_to: Answerer, scope: Scope, receive: Receive) -> Answer:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    what = f"{scope['method']} {scope['path']}"
    try:
        return await answer_to(Question(what=what, asked=asked, body=body))
    except msgspec.DecodeError as error:
        return answer_json({"wrong": str(error)}, status=400)
