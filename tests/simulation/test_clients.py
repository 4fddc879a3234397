"""The crowd's clients: whatever happens to the line, a thing is asked for again and done once."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from huiquan.gateways.maps import load_regions
from simulation.cashier import Bill, Till
from simulation.crowd import run_crowd
from simulation.door import Door, DoorFaultError, Refused
from simulation.stores import make_stores

Answer = Callable[[httpx.Request], httpx.Response]
BUSY = {"code": "busy", "zh": "忙", "en": "busy", "detail": None}
REGIONS = load_regions()
STORE = make_stores(REGIONS, 1, 1)[0]


def line_to(answer: Answer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://house")


class Forgetful:
    """A house that does a thing once for each key, and whose first answers get lost."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.bodies: list[bytes] = []
        self.done: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)
        self.done[json.loads(request.content)["request_key"]] |= 1
        if len(self.bodies) <= self.lost:
            raise httpx.ReadError("the line broke", request=request)
        return httpx.Response(201, json={"lock": "L1"})


async def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key_and_body() -> None:
    house = Forgetful(lost=2)
    async with line_to(house) as line:
        till = Till(store=STORE, door=Door(line), token="t")
        locked = await till.lock("key-of-this-lock", "123456789012", Bill(order_fen=20_000))
    assert locked == {"lock": "L1"}
    assert len(house.bodies) == 3
    assert len(set(house.bodies)) == 1
    assert house.done == {"key-of-this-lock": 1}


async def test_a_busy_house_is_asked_again_and_not_counted_as_a_refusal() -> None:
    answers = iter([httpx.Response(503, json=BUSY), httpx.Response(200, json={"day": 1})])
    async with line_to(lambda _: next(answers)) as line:
        door = Door(line)
        assert await door.ask("GET /api/v1/now") == {"day": 1}
    assert door.refusals == Counter()


async def test_a_refusal_is_counted_by_its_code_and_not_asked_again() -> None:
    asked: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(409, json={**BUSY, "code": "already_entered"})

    async with line_to(refuse) as line:
        door = Door(line)
        assert await door.ask("POST /api/v1/draws", {}) == Refused(code="already_entered")
    assert asked == ["/api/v1/draws"]
    assert door.refusals == {"already_entered": 1}


async def test_a_house_that_stays_away_is_given_up_when_patience_is_over() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    async with line_to(away) as line:
        with pytest.raises(DoorFaultError):
            await Door(line, patience_s=0.2).ask("GET /api/v1/now")


async def test_an_error_that_no_rule_explains_is_a_fault_at_once() -> None:
    async with line_to(lambda _: httpx.Response(500, json={**BUSY, "code": "internal"})) as line:
        with pytest.raises(DoorFaultError):
            await Door(line).ask("GET /api/v1/now")


async def test_a_cashier_whose_shift_ended_signs_in_again_once_for_all_customers() -> None:
    opened = 0

    def house(request: httpx.Request) -> httpx.Response:
        nonlocal opened
        if request.url.path.endswith("/sessions"):
            opened += 1
            return httpx.Response(201, json={"token": f"new-{opened}"})
        if request.headers["authorization"] == "Bearer old":
            return httpx.Response(401, json={**BUSY, "code": "token_expired"})
        return httpx.Response(201, json={"lock": "L1"})

    async with line_to(house) as line:
        door = Door(line)
        till = Till(store=STORE, door=door, token="old")
        bill = Bill(order_fen=20_000)
        locks = await asyncio.gather(*(till.lock(f"key-{n}-of-lock", "1", bill) for n in range(5)))
    assert locks == [{"lock": "L1"}] * 5
    assert opened == 1
    assert not +door.refusals


@pytest.mark.parametrize("url", ["http://huiquan.example:8610", "http://10.0.0.5:8610"])
async def test_the_demonstrations_crowd_stays_on_its_own_machine(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="own machine"):
        await run_crowd(
            url,
            "http://127.0.0.1:1",
            tmp_path / "stores.csv",
            REGIONS,
            people=1,
            seed=1,
            stop=asyncio.Event(),
        )
