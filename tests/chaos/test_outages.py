"""While a part of the house is away, the others wait honestly, and go on when it is back.  F2 F6 F8

Nothing is started again here but what the test took away: web, rounds and jobs live through it.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from huiquan.cli.processes import answers
from simulation.consumer import Consumer
from simulation.door import Json
from tests.chaos import reckoning
from tests.chaos.crowd import World, enter, people_of, register, world_of
from tests.chaos.house import RealHouse, real_house, until
from tests.chaos.shaking import looked_after
from tests.houses import bearer
from torture.history import History

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real-house")]

DAY = 20260206
PEOPLE = 16
AWAY_S = 6.0
BACK_WITHIN_S = 10.0
WORK_WITHIN_S = 40.0
ANSWERED_WITHIN_S = 5.0
SLOW_SMS_MS = 1500

# Doors of every kind: each asks the database, with or without a pass.
DOORS = (
    "GET /readyz",
    "POST /api/v1/sms-codes",
    "POST /api/v1/sessions",
    "GET /api/v1/me",
    "GET /api/v1/draws",
    f"GET /api/v1/draws/{DAY}",
    "POST /api/v1/draws",
    "GET /api/v1/vouchers",
    f"GET /api/v1/draws/{DAY}/receipt",
    "GET /api/v1/stores",
    "POST /api/v1/till/sessions",
    "POST /api/v1/till/quotes",
    "GET /api/v1/till/today",
    "POST /api/v1/console/sessions",
)
NEEDS_NOBODY = ("GET /healthz", "GET /api/v1/rules")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHouse]:
    """One house for the tests of this file."""
    with real_house(tmp_path_factory.mktemp("outages") / "house") as running:
        yield running


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """What the people of all tests of this file were told."""
    return History(tmp_path_factory.mktemp("history") / "history.jsonl")


@asynccontextmanager
async def town(
    house: RealHouse, history: History, seed: int, people: int = PEOPLE
) -> AsyncIterator[tuple[World, list[Consumer]]]:
    """Some people who are registered, in front of a house that is ready."""
    await asyncio.to_thread(house.embedded.start)
    await house.until_ready()
    async with world_of(house, history, DAY, seed=seed) as world:
        world.consumers = {
            one.number: Consumer(one, world.street) for one in people_of(seed, people)
        }
        for consumer in world.consumers.values():
            assert await register(world, consumer)
        yield world, list(world.consumers.values())


def _body_for(door: str, world: World, consumer: Consumer) -> Json | None:
    till = world.tills[0].store
    return {
        "POST /api/v1/sms-codes": {"campaign": 1, "phone": consumer.person.phone},
        "POST /api/v1/sessions": {
            "campaign": 1,
            "phone": consumer.person.phone,
            "sms_code": "123456",
            "device": consumer.person.device,
        },
        "POST /api/v1/draws": {
            "request_key": consumer.key("draw", "away"),
            "client_nonce": "0" * 32,
            "pack": 3,
            "location": consumer.location(),
        },
        "POST /api/v1/till/sessions": {"login": till.login, "pin": till.pin},
        "POST /api/v1/till/quotes": {"code": "123456789012", "order_fen": 20_000, "offers": []},
        "POST /api/v1/console/sessions": {"login": "nobody", "password": "a long password"},
    }.get(door)


async def _knock(door: str, world: World, consumer: Consumer, cashier: str) -> httpx.Response:
    method, path = door.split(" ", 1)
    token = cashier if "/till/" in path else consumer.token
    began = time.monotonic()
    answer = await world.street.door.line.request(
        method, path, json=_body_for(door, world, consumer), headers=bearer(str(token))
    )
    assert time.monotonic() - began < ANSWERED_WITHIN_S, f"{door} kept somebody waiting"
    return answer


async def _cashier(world: World) -> str:
    store = world.tills[0].store
    body = {"login": store.login, "pin": store.pin}
    answer = await world.street.door.line.post("/api/v1/till/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.mark.requirement("R3.2")
async def test_without_its_database_every_door_says_ask_again_and_none_fails(
    house: RealHouse, history: History
) -> None:
    async with town(house, history, 21) as (world, consumers):
        cashier, restarts = await _cashier(world), house.restarts()
        house.kill("database")
        began = time.monotonic()
        while time.monotonic() - began < AWAY_S:
            answers = await asyncio.gather(
                *(_knock(door, world, consumers[0], cashier) for door in DOORS)
            )
            for door, answer in zip(DOORS, answers, strict=True):
                assert answer.status_code == 503, f"{door}: {answer.status_code} {answer.text}"
                assert int(answer.headers["retry-after"]) >= 1, door
                assert answer.json()["code"] == "busy", door
                assert "Traceback" not in answer.text
            for door in NEEDS_NOBODY:
                answer = await _knock(door, world, consumers[0], cashier)
                assert answer.status_code == 200, door
        await asyncio.to_thread(house.embedded.start)
        assert await house.until_ready(BACK_WITHIN_S) < BACK_WITHIN_S
        for consumer in consumers:
            assert await enter(world, consumer)
        await reckoning.everybody_has_a_proven_outcome(world)
        await reckoning.reckon(world)
        assert house.restarts() == restarts
        _all_alive(house)


def _all_alive(house: RealHouse) -> None:
    assert {one.name for one in house.processes.children if one.process.poll() is not None} == set()


async def _work_done_since(house: RealHouse, at: object) -> bool:
    """Whether the jobs process finished both jobs of every other second, begun after a moment."""
    connection = await asyncpg.connect(house.database_url)
    try:
        done = await connection.fetchval(
            """
            select count(distinct name)
              from job_runs
             where name in ('send_messages', 'send_callbacks')
               and started_at > $1
               and finished_at is not null
            """,
            at,
        )
        return bool(done == 2)
    finally:
        await connection.close()


async def test_rounds_and_jobs_outlive_the_database_and_go_on_with_their_work(
    house: RealHouse, history: History
) -> None:
    async with town(house, history, 22) as (world, consumers):
        for consumer in consumers:
            assert await enter(world, consumer)
        for _ in range(2):
            house.kill("database")
            await asyncio.sleep(2)
            await asyncio.to_thread(house.embedded.start)
            await house.until_ready()
            await asyncio.sleep(1)
        back = house.now()
        await reckoning.everybody_has_a_proven_outcome(world)
        await until(lambda: _work_done_since(house, back), WORK_WITHIN_S)
        _all_alive(house)


async def _no_message_waits(house: RealHouse) -> bool:
    connection = await asyncpg.connect(house.database_url)
    try:
        waiting = await connection.fetchval(
            "select count(*) from outbox where sent_at is null and kind <> 'config'"
        )
        return bool(waiting == 0)
    finally:
        await connection.close()


async def test_work_that_a_killed_jobs_process_had_in_hand_is_done_by_the_next(
    house: RealHouse, history: History
) -> None:
    """A job in the hands of a killed process would bar every later one of its name."""
    async with town(house, history, 23) as (world, consumers), looked_after(house):
        await _sms_takes(world, SLOW_SMS_MS)
        for consumer in consumers:
            assert await enter(world, consumer)
        await until(lambda: _is_in_hand(house, "send_messages"), WORK_WITHIN_S)
        house.kill("jobs")
        assert await _is_in_hand(house, "send_messages")
        await _sms_takes(world, 0)
        at = house.now()
        await until(lambda: _work_done_since(house, at), WORK_WITHIN_S)
        await until(lambda: _no_message_waits(house), WORK_WITHIN_S)


async def _sms_takes(world: World, latency_ms: int) -> None:
    answer = await world.street.inbox.post("/control", json={"latency_ms": latency_ms})
    assert answer.status_code == 200, answer.text


async def _is_in_hand(house: RealHouse, name: str) -> bool:
    """Whether a job of this name is being carried out, as far as the tables know."""
    connection = await asyncpg.connect(house.database_url)
    try:
        return bool(
            await connection.fetchval(
                """
                select exists (select from procrastinate_jobs
                                where status = 'doing' and lock = $1)
                """,
                name,
            )
        )
    finally:
        await connection.close()


@pytest.mark.requirement("R3.2")
@pytest.mark.requirement("R5.1")
async def test_without_signers_people_enter_and_are_drawn_in_order_when_they_are_back(
    house: RealHouse, history: History
) -> None:
    async with town(house, history, 24) as (world, consumers):
        restarts = house.restarts()
        house.away = {"notary", "auditor"}
        async with looked_after(house):
            house.kill("notary")
            house.kill("auditor")
            # A web process that starts meanwhile needs nobody's signature to let people in.
            house.kill("web")
            await until(lambda: asyncio.to_thread(answers, f"{house.url}/readyz"))
            for consumer in consumers:
                assert await enter(world, consumer)
            await asyncio.sleep(AWAY_S)
            states = [await consumer.outcome(DAY) for consumer in consumers]
            assert {one["state"] for one in states if isinstance(one, dict)} == {"pending"}
            house.away = set()
            await house.until_ready()
            await reckoning.everybody_has_a_proven_outcome(world)
        await reckoning.reckon(world)
        await _drawn_in_order(house)
        changed = {name for name, count in house.restarts().items() if count != restarts[name]}
        assert changed == {"notary", "auditor", "web"}
        checked = house.command("check")
        assert checked.returncode == 0, checked.stdout + checked.stderr


async def _drawn_in_order(house: RealHouse) -> None:
    """In each lane the rounds became final one after the other, as they were sealed."""
    connection = await asyncpg.connect(house.database_url)
    try:
        rows = await connection.fetch(
            "select lane, seq, state, sealed_at, final_at from rounds order by lane, seq"
        )
    finally:
        await connection.close()
    assert {row["state"] for row in rows} == {"final"}
    for before, after in itertools.pairwise(rows):
        if before["lane"] == after["lane"]:
            assert after["seq"] == before["seq"] + 1
            assert before["final_at"] <= after["sealed_at"] <= after["final_at"]
