"""The front of the web process: built pages, the rush door, and behind them the site.  前门"""

import re
from pathlib import Path
from typing import cast

from huiquan.app import App
from huiquan.web import outcome_door
from huiquan.web.outcome_door import OutcomeDoor
from huiquan.web.rush_door import LINE, Asgi, Receive, RushDoor, Scope, Send
from huiquan.web.rush_gate import Gate
from huiquan.web.rush_hall import Doors
from huiquan.web.site import make_site
from huiquan.webui import DIST
from huiquan.webui.site import PageFile, Site, find_file, load_site

NOT_BUILT = "<!doctype html><meta charset=utf-8><title>huiquan</title><p>页面尚未构建：make pages"


def make_front(app: App) -> "PagesDoor":
    """Everything one web process answers."""
    site = make_site(app)
    rush = site.state.rush
    outcomes = OutcomeDoor(app, site.state.outcomes, rush.refusals)
    door = RushDoor(rush, cast(Asgi, site))
    doors = ((re.compile(LINE), rush.knock), (outcome_door.LINE, outcomes.knock))
    return PagesDoor(load_site(DIST), door, doors, Gate(rush.has_room, rush.refusals))


class PagesDoor:
    """ASGI in front of the rest: an address that has a built file is answered with it.

    `doors` are the few requests that the rush protocol answers before any of this is asked, `gate`
    is where people are turned away before that.
    """

    def __init__(self, pages: Site | None, rest: Asgi, doors: Doors, gate: Gate) -> None:
        self.doors, self.gate = doors, gate
        self._pages = pages
        self._rest = rest
        # Read once: a new build beside a running process must not take its pages away.
        self._contents = _read_all(pages) if pages is not None else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page, or hand on."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._rest(scope, receive, send)
            return
        found = self._find(scope)
        if found is not None and found.path in self._contents:
            content = self._contents[found.path]
            await _send_file(send, found, content, with_body=scope["method"] == "GET")
        elif self._pages is None and scope["path"] == "/":
            await _send_text(send, NOT_BUILT)
        else:
            await self._rest(scope, receive, send)

    def _find(self, scope: Scope) -> PageFile | None:
        if self._pages is None:
            return None
        headers = dict(scope["headers"])
        accepted = headers.get(b"accept-encoding", b"").decode("latin-1")
        return find_file(self._pages, scope["path"], accepted)


def _read_all(pages: Site) -> dict[Path, bytes]:
    """Every page and its compressed twins; all of them together are a few megabytes."""
    plain = set(pages.files.values())
    twins = {path.with_name(path.name + end) for path in plain for end in (".br", ".gz")}
    return {path: path.read_bytes() for path in plain | twins if path.is_file()}


async def _send_file(send: Send, found: PageFile, content: bytes, *, with_body: bool) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in found.headers.items()]
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content if with_body else b""})


async def _send_text(send: Send, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
