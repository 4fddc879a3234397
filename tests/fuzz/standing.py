"""A house in this process, asked from tests that know no event loop: its loop runs in a thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest

from huiquan.db.connection import open_database
from huiquan.domain.refusals import Refusal
from huiquan.domain.registrants import Registrant
from huiquan.domain.roles import Role
from huiquan.domain.tokens import Door
from huiquan.web import held_answers
from huiquan.web.callers import read_claims
from huiquan.web.front import make_front
from huiquan.web.rush_door import Asgi
from tests.houses import (
    House,
    bearer,
    make_house,
    person,
    publish,
    register,
    sign_in_console,
    source_of_2026,
)
from tests.shops import Shop, fresh_code, let_win, locked, redeemed, shop, winner

T = TypeVar("T")
PATIENCE_S = 60


@dataclass(frozen=True, kw_only=True)
class Known:
    """Real names, so that not every made-up message ends at an unknown one."""

    consumer: dict[str, str]
    newcomer: dict[str, str]
    cashier: dict[str, str]
    official: dict[str, str]
    names: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A house with its front door, and a way to ask it."""

    house: House
    known: Known
    front: Asgi
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the house's loop and wait for it."""
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(PATIENCE_S)

    def ask(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """One request."""
        return self.run(self.client.request(method, url, **parts))


@contextmanager
def standing_house(database_url: str) -> Iterator[Standing]:
    """A house at half past ten, with people, a shop and an official, on a database."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)

    database = run(open_database(database_url))
    house = make_house(database)
    front = make_front(house.app)
    transport = httpx.ASGITransport(app=front, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://house")
    try:
        campaign = run(publish(house, source_of_2026()))
        lifespan = run(_open(front))
        known = run(_people(house, campaign, client))
        with pytest.MonkeyPatch.context() as patch:
            # Hundreds of wrong messages are asked here one after the other.
            patch.setattr(held_answers, "HELD_S", 0.0)
            patch.setattr(held_answers, "LOOK_S", 0.0)
            yield Standing(house=house, known=known, front=front, client=client, loop=loop)
        run(_close(lifespan))
    finally:
        run(client.aclose())
        run(database.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


@dataclass(frozen=True, kw_only=True)
class _Lifespan:
    said: "asyncio.Queue[dict[str, Any]]"
    task: "asyncio.Task[None]"


async def _open(front: Asgi) -> _Lifespan:
    """Tell the application that the house opens, as a server does."""
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

    async def live() -> None:
        await front(scope, said.get, heard.put)

    task = asyncio.create_task(live())
    await said.put({"type": "lifespan.startup"})
    answer = await heard.get()
    assert answer["type"] == "lifespan.startup.complete", answer
    return _Lifespan(said=said, task=task)


async def _close(lifespan: _Lifespan) -> None:
    await lifespan.said.put({"type": "lifespan.shutdown"})
    await lifespan.task


async def _people(house: House, campaign: Any, client: httpx.AsyncClient) -> Known:
    told = await register(house, client, campaign, person(1))
    assert told.status_code == 201, told.text
    second = await register(house, client, campaign, person(2))
    headers = bearer(told.json()["token"])
    claims = read_claims(house.app, headers["Authorization"], Door.CONSUMER)
    assert not isinstance(claims, Refusal), claims
    voucher = await let_win(house, campaign, Registrant(lane=claims.lane, pid=claims.who))
    official = await sign_in_console(house, client, Role.SUPERVISOR)
    at: Shop = await shop(house, campaign)
    code = await fresh_code(client, await winner(house, campaign))
    names = {
        "serial": (voucher.serial,),
        "lock": (await locked(client, at, await winner(house, campaign)),),
        "redemption": (await redeemed(client, at, await winner(house, campaign)),),
        "day": ("20260206", "20260205"),
        "code": (code,),
    }
    return Known(
        consumer=headers,
        newcomer=bearer(second.json()["token"]),
        cashier=at.headers,
        official={"Authorization": f"Bearer {official['token']}"},
        names=names,
    )
