"""The page of whoever watches over a signer, on a port of its own.  值守页面

    GET  /, /page.css, /page.js     the page itself
    GET  /overview                  what it shows
    GET  /older/<list>/<number>     the rows of a list below a number
    GET  /evidence/<number>         one refusal as a file
    GET  /evidence/log-<number>     one refused checkpoint as a file
    POST /code                      print a one-time code at the console
    POST /stop, /resume             {"code", "name", "reason"}

It listens on this machine alone unless it is told otherwise, and the platform's door is another
port: nobody who can only ask for signatures can stop or resume anything.
"""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from notary.desk import Desk
from notary.overview import (
    LISTS,
    Watch,
    evidence_list,
    evidence_of,
    fork_evidence_of,
    overview_of,
)
from notary.passcode import Passcode
from notary.stops import BadStopError, stop_or_resume
from notary.wire import Receive, Scope, Send, read_body, send_answer

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("index.html", b"text/html; charset=utf-8"),
    "/page.css": ("page.css", b"text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", b"image/svg+xml"),
    "/page.js": ("page.js", b"text/javascript; charset=utf-8"),
}
_OLDER = re.compile(f"/older/(?P<list>{'|'.join(LISTS)})/(?P<number>[0-9]{{1,17}})")
_EVIDENCE = re.compile("/evidence/(?P<log>(?:log-)?)(?P<number>[0-9]{1,17})")
BODY_MAX = 4096
JSON = b"application/json"
HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        b" img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class _StopBody(msgspec.Struct, frozen=True):
    """A person's wish to stop or to resume."""

    code: str
    name: str
    reason: str


@dataclass(frozen=True)
class _Answer:
    """What goes back: status, kind of content, bytes, and more headers."""

    status: int
    kind: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass
class Watchroom:
    """The ASGI application over one desk. hosts are the names under which it may be asked."""

    desk: Desk
    home: Path
    hosts: frozenset[str]
    passcode: Passcode = field(default_factory=Passcode)
    watch: Watch = field(default_factory=Watch)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is passed over."""
        if scope["type"] != "http":
            return
        body = await read_body(receive, BODY_MAX)
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await asyncio.to_thread(self._answer, scope, headers, body)
        sent = [(b"content-type", answer.kind), *HEADERS, *answer.headers]
        await send_answer(send, answer.status, sent, answer.body)

    def _answer(self, scope: Scope, headers: dict[bytes, str], body: bytes | None) -> _Answer:
        """The answer to one request.

        A page of another site, even one that has this address under a name of its own, reaches
        nothing: the host must be ours, and what writes must come from our own page as JSON.
        """
        if headers.get(b"host") not in self.hosts:
            return _told(403, "此地址不可用 · not under this name")
        path, method = scope["path"], scope["method"]
        if method == "GET":
            return self._get(path)
        if method != "POST" or path not in ("/code", "/stop", "/resume"):
            return _told(404, "没有这个地址 · no such address")
        origin = headers.get(b"origin")
        from_us = origin is None or origin.partition("://")[2] in self.hosts
        if not from_us or not headers.get(b"content-type", "").startswith("application/json"):
            return _told(403, "只接受本页面的请求 · only this page may ask")
        if path == "/code":
            self.passcode.ask()
            return _told(200, "口令已打印在签发程序的控制台 · the code is on the signer's console")
        return self._stop(path.removeprefix("/"), body)

    def _get(self, path: str) -> _Answer:
        """The page, what it shows, or a file of evidence."""
        if path in FILES:
            name, kind = FILES[path]
            return _Answer(200, kind, (PAGE / name).read_bytes())
        if path == "/overview":
            shown = overview_of(self.desk, self.watch, self.home)
            return _Answer(200, JSON, msgspec.json.encode(shown))
        older, found = _OLDER.fullmatch(path), _EVIDENCE.fullmatch(path)
        if older is not None:
            rows = evidence_list(self.desk, older["list"], int(older["number"]))
            return _Answer(200, JSON, msgspec.json.encode(rows))
        if found is not None:
            find = fork_evidence_of if found["log"] else evidence_of
            evidence = find(self.desk, int(found["number"]))
            if evidence is not None:
                name = found["log"] + found["number"]
                saved_as = f'attachment; filename="evidence-{name}.json"'.encode()
                return _Answer(200, JSON, evidence, ((b"content-disposition", saved_as),))
        return _told(404, "没有这个地址 · no such address")

    def _stop(self, kind: str, body: bytes | None) -> _Answer:
        """Stop or resume, once the code was right."""
        try:
            wish = msgspec.json.decode(body or b"", type=_StopBody)
        except msgspec.DecodeError:
            return _told(400, "请求格式不正确 · the request is not well formed")
        if not self.passcode.is_right(wish.code):
            return _told(403, "口令不对或已失效 · the code is wrong or no longer good")
        try:
            now = self.desk.clock()
            stop_or_resume(self.desk.book, kind, wish.name, wish.reason, now)
        except BadStopError as error:
            return _told(422, str(error))
        return _told(200, "已记入签发账本 · written into the book")


def hosts_of(host: str, port: int) -> frozenset[str]:
    """The names under which a page on this address may be asked."""
    names = {host, "127.0.0.1", "localhost"} if host == "127.0.0.1" else {host}
    return frozenset(f"{name}:{port}" for name in names)


def _told(status: int, words: str) -> _Answer:
    """A sentence in Chinese and English."""
    body: dict[str, Any] = {"said": words}
    return _Answer(status, JSON, msgspec.json.encode(body))
