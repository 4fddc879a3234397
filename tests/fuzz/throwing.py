"""One message, handed to a door as a server hands it over, and what is wrong with an answer."""

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from huiquan.domain.refusals import Refusal
from notary.refusals import No

PATIENCE_S = 20
REASONS = {one.value for one in Refusal} | {one.value for one in No}
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One request as a server hands it over.

    door: method and address as the house describes them, "" for an address of nobody's.
    is_a_stranger: the door wants a pass or a signature, and this is no right one.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    at: str = "house"
    door: str = ""
    is_a_stranger: bool = False


def is_same(right: bytes, given: bytes) -> bool:
    """Whether two headers say the same: a scheme in small letters, base64 with idle bits set."""
    if right.lower().startswith(b"bearer "):
        return given[:7].lower() == b"bearer " and given[7:] == right[7:]
    try:
        return base64.b64decode(given, validate=True) == base64.b64decode(right, validate=True)
    except (binascii.Error, ValueError):
        return given == right


async def thrown(app: Any, message: Message) -> tuple[int, bytes]:
    """Hand a message to an application as a server does; gives status and body."""
    raw_path, _, query = message.target.partition("?")
    parts = [message.body[at : at + 65_536] for at in range(0, len(message.body), 65_536)] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(said: Any) -> None:
        sent.append(dict(said))

    raw = raw_path.encode("utf-8")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": message.method,
        "path": unquote_to_bytes(raw).decode("utf-8", "replace"),
        "raw_path": raw,
        "root_path": "",
        "query_string": query.encode("utf-8"),
        "headers": message.headers,
        "client": ("192.0.2.1", 1),
        "server": ("house", 80),
        "state": {},
        "extensions": {},
    }
    await asyncio.wait_for(app(scope, receive, send), PATIENCE_S)
    status = next(one["status"] for one in sent if one["type"] == "http.response.start")
    return int(status), b"".join(one.get("body", b"") for one in sent)


def flaw_in(message: Message, status: int, body: bytes, *, writes: bool) -> str | None:
    """What is wrong with an answer, or None."""
    if status >= 500:
        return f"answered {status}"
    # A signer may rightly take an empty list: its book tells whether that changed anything.
    if status < 400 and writes and message.at == "house":
        return f"was taken ({status})"
    if status < 400 and message.is_a_stranger:
        return f"told a stranger ({status})"
    is_ours = message.at == "house" and not message.target.startswith("/schema")
    if status >= 400 and message.method != "HEAD" and is_ours:
        try:
            told = json.loads(body)
        except ValueError:
            return f"answered {status} without a reason"
        if not isinstance(told, dict) or told.get("code") not in REASONS:
            return f"answered {status} with no reason of ours"
    return None
