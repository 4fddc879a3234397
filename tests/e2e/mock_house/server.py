"""The mock house as a server: the built pages with their headers, and the doors.  模拟服务

Every writing request is answered from memory when its key was answered before, so that a page
that asks twice gets the same answer, as in the real house.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from huiquan.domain.refusals import Refusal
from huiquan.webui import DIST
from huiquan.webui.site import find_file, load_site
from tests.e2e.mock_house import clock, console, consumer, proofs, till
from tests.e2e.mock_house.consumer import Json, World
from tests.e2e.mock_house.days import DAY_DOORS, log_notices
from tests.e2e.mock_house.money_doors import MONEY_DOORS
from tests.e2e.mock_house.orders import ORDER_DOORS

Answer = tuple[int, Json] | Refusal
Door = Callable[[World, Json, re.Match[str], dict[str, list[str]]], Answer | Json | str]

_INBOX = (
    "<!doctype html><html lang=zh-CN><title>演示短信</title>"
    f"<h1>演示短信收件箱</h1><p>【惠券】验证码 {consumer.SMS_CODE}，5 分钟内有效。</p>"
)


def _revoke(world: World, body: Json) -> Json:
    world.revoked |= set(body["kinds"])
    return consumer.me_answer(world)


def _grant(world: World, body: Json) -> Json:
    world.revoked -= set(body["kinds"])
    return consumer.me_answer(world)


def _voucher(world: World, serial: str) -> Answer | Json:
    found = world.vouchers.get(serial)
    return consumer.story(found) if found else Refusal.UNKNOWN_VOUCHER


def _redemption(world: World, number: str) -> Answer | Json:
    return world.redemptions.get(number) or Refusal.UNKNOWN_REDEMPTION


def _figures(world: World, query: dict[str, list[str]]) -> Json:
    day = int(query.get("day", [str(clock.day_of(clock.now()))])[0])
    asked = sum(1 for _, path, _ in world.requests if path.endswith("/figures"))
    return console.figures(day, asked)


def _decided(world: World) -> list[Json]:
    """What was decided about the newest objection."""
    return [body for method, path, body in world.requests if method == "POST" and "/3/de" in path]


def _decide(objection: str) -> Answer | Json:
    """The one who asks was the first to decide the second objection."""
    if objection == "2":
        return Refusal.SAME_PERSON
    return {"objection": int(objection), "is_final": False}


# Which requests reach which door; w is the world, b the body, m the address, q the query.
DOORS: list[tuple[str, str, Door]] = [
    ("GET", r"/now", lambda w, b, m, q: consumer.now_answer(w)),
    ("GET", r"/rules", lambda w, b, m, q: consumer.rules_answer()),
    ("POST", r"/sms-codes", lambda w, b, m, q: (202, {"wait_s": 60, "valid_s": 300})),
    ("POST", r"/registrations", lambda w, b, m, q: consumer.register(w, b)),
    ("POST", r"/sessions", lambda w, b, m, q: consumer.sign_in(w, b)),
    ("GET", r"/me", lambda w, b, m, q: consumer.me_answer(w)),
    ("POST", r"/me/consents/revoke", lambda w, b, m, q: _revoke(w, b)),
    ("POST", r"/me/consents/grant", lambda w, b, m, q: _grant(w, b)),
    ("POST", r"/draws", lambda w, b, m, q: consumer.enter(w, b)),
    ("GET", r"/draw-task", lambda w, b, m, q: consumer.draw_task(w)),
    ("GET", r"/draws", lambda w, b, m, q: consumer.draws_answer(w)),
    ("GET", r"/draws/(\d+)", lambda w, b, m, q: consumer.look(w)),
    ("GET", r"/draws/(\d+)/receipt", lambda w, b, m, q: proofs.receipt(w)),
    ("GET", r"/public/keys", lambda w, b, m, q: proofs.keys()),
    ("GET", r"/public/configs/([^/]+)", lambda w, b, m, q: proofs.config(w)),
    ("GET", r"/public/configs/([^/]+)/signatures", lambda w, b, m, q: proofs.signatures(w)),
    ("GET", r"/vouchers", lambda w, b, m, q: {"items": list(w.vouchers.values())}),
    ("GET", r"/vouchers/([^/]+)", lambda w, b, m, q: _voucher(w, m[1])),
    ("POST", r"/vouchers/([^/]+)/codes", lambda w, b, m, q: consumer.mint(w, m[1])),
    ("GET", r"/stores", lambda w, b, m, q: consumer.stores_answer("lat" in q)),
    ("POST", r"/till/sessions", lambda w, b, m, q: till.open_till(b)),
    ("POST", r"/till/quotes", lambda w, b, m, q: till.quote(w, b)),
    ("POST", r"/till/locks", lambda w, b, m, q: till.lock(w, b)),
    ("POST", r"/till/locks/([^/]+)/redeem", lambda w, b, m, q: till.redeem(w, m[1])),
    ("POST", r"/till/locks/([^/]+)/unlock", lambda w, b, m, q: till.unlock(w, m[1])),
    ("GET", r"/till/redemptions/([^/]+)", lambda w, b, m, q: _redemption(w, m[1])),
    (
        "POST",
        r"/till/redemptions/([^/]+)/refund-quotes",
        lambda w, b, m, q: till.refund_quote(w, m[1], b),
    ),
    ("POST", r"/till/redemptions/([^/]+)/refunds", lambda w, b, m, q: till.refund(w, m[1], b)),
    ("GET", r"/till/today", lambda w, b, m, q: till.today(w)),
    ("POST", r"/console/sessions", lambda w, b, m, q: console.open_console(b)),
    ("GET", r"/console/campaigns", lambda w, b, m, q: console.campaigns()),
    ("GET", r"/console/objections", lambda w, b, m, q: console.objections(_decided(w))),
    ("POST", r"/console/objections/(\d+)/decisions", lambda w, b, m, q: _decide(m[1])),
    ("GET", r"/console/figures", lambda w, b, m, q: _figures(w, q)),
    *DAY_DOORS,
    *ORDER_DOORS,
    *MONEY_DOORS,
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "MockHouse"

    def do_GET(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        raw = self.rfile.read(length) or b"{}"
        # A bill is sent as the file it is; how long it was is all that is kept of it.
        is_json = "json" in self.headers.get("Content-Type", "json")
        self._handle(json.loads(raw) if is_json else {"bytes": len(raw)})

    def log_message(self, *_: object) -> None:
        """Say nothing; the tests read `world.requests`."""

    def _handle(self, body: Json) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/api/v1/"):
            self._door(parts.path.removeprefix("/api/v1"), parse_qs(parts.query), body)
        elif parts.path == "/demo/sms":
            self._send(200, {"Content-Type": "text/html; charset=utf-8"}, _INBOX.encode())
        elif re.fullmatch(r"/log/[^/]+/notices", parts.path):
            told = json.dumps(log_notices()).encode()
            self._send(200, {"Content-Type": "application/json"}, told)
        else:
            self._page(parts.path)

    def _page(self, path: str) -> None:
        found = find_file(self.server.site, path, self.headers.get("Accept-Encoding", ""))
        if found is None:
            self._send(404, {"Content-Type": "text/plain"}, b"not here")
        else:
            self._send(200, dict(found.headers), found.path.read_bytes())

    def _door(self, path: str, query: dict[str, list[str]], body: Json) -> None:
        world = self.server.world
        world.requests.append((self.command, path, body))
        time.sleep(world.slow_ms / 1000)
        if self.command == "POST" and world.busy_answers > 0:
            world.busy_answers -= 1
            self._json(503, _problem(Refusal.BUSY), {"Retry-After": "1"})
            return
        if world.expired and self.headers.get("Authorization"):
            self._json(401, _problem(Refusal.TOKEN_EXPIRED), {})
            return
        status, answer = self._answer(path, query, body)
        if self.command == "POST" and world.lost_answers > 0:
            # The work was done, but nobody hears of it: the line went dead.
            world.lost_answers -= 1
            self.close_connection = True
            return
        self._json(status, answer, {})

    def _answer(self, path: str, query: dict[str, list[str]], body: Json) -> tuple[int, Json]:
        key = body.get("request_key")
        memory = self.server.world.answers
        if key and key in memory:
            return memory[key]
        said = self._ask(path, query, body)
        if isinstance(said, Refusal):
            return said.status, _problem(said)
        answer: tuple[int, Any] = said if isinstance(said, tuple) else (200, said)
        if key:
            memory[key] = answer
        return answer

    def _ask(self, path: str, query: dict[str, list[str]], body: Json) -> Answer | Json | str:
        for method, pattern, door in DOORS:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                return door(self.server.world, body, match, query)
        return Refusal.NOT_FOUND

    def _json(self, status: int, answer: Json | str, headers: dict[str, str]) -> None:
        # A text is sent as it is: the bytes of a config are what was signed.
        plain = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        raw = plain.encode()
        self._send(status, {"Content-Type": "application/json", **headers}, raw)

    def _send(self, status: int, headers: dict[str, str], raw: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def _problem(refusal: Refusal) -> Json:
    return {"code": str(refusal), "zh": refusal.zh, "en": refusal.en, "detail": None}


class MockHouse(ThreadingHTTPServer):
    """The server with its world; start it in a thread, stop it when the tests are over."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        site = load_site(DIST)
        if site is None:
            raise FileNotFoundError("no pages: run python -m huiquan.webui.build first")
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        self.world = World()

    def handle_error(self, *_: object) -> None:
        """A browser that left before its answer came is nothing to report."""

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve from a thread of its own."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def begin_again(self) -> World:
        """A new world, as if nothing had happened."""
        self.world = World()
        return self.world


if __name__ == "__main__":
    house = MockHouse(int(sys.argv[1]) if len(sys.argv) > 1 else 8899)
    house.world.demo = True
    print(f"mock house at {house.url} (SMS code {consumer.SMS_CODE}, PIN 135790, supervise)")
    house.serve_forever()
