"""The front of the web process: built pages, the rush door, and behind them the site.  前门"""

from functools import cache
from pathlib import Path
from typing import cast

from huiquan.app import App
from huiquan.web.rush import Asgi, Receive, RushDoor, Scope, Send
from huiquan.web.site import make_site
from huiquan.webui import DIST
from huiquan.webui.site import PageFile, Site, find_file, load_site

NOT_BUILT = "<!doctype html><meta charset=utf-8><title>huiquan</title><p>页面尚未构建：make pages"


def make_front(app: App) -> Asgi:
    """Everything one web process answers."""
    site = make_site(app)
    door = RushDoor(app, site.state.rush, site.state.refusals, cast(Asgi, site))
    return PagesDoor(load_site(DIST), door)


class PagesDoor:
    """ASGI in front of the rest: an address that has a built file is answered with it."""

    def __init__(self, pages: Site | None, rest: Asgi) -> None:
        self._pages = pages
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page, or hand on."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._rest(scope, receive, send)
            return
        found = self._find(scope)
        if found is not None:
            await _send_file(send, found, with_body=scope["method"] == "GET")
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


@cache
def _content(path: Path) -> bytes:
    """Built files do not change while a process runs, and all of them together are small."""
    return path.read_bytes()


async def _send_file(send: Send, found: PageFile, *, with_body: bool) -> None:
    content = _content(found.path)
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
