"""Limits at the door: so many at once, then one more every so often, for each by itself."""

import asyncio

import pytest

from huiquan.db.connection import Database
from huiquan.settings import Settings
from huiquan.web.answers import RefusedError
from huiquan.web.limits import SECRETS_WAITING_MAX, SMS_OF_PHONE, Allowance, Limits
from tests.houses import House, ask_code, make_house, person, publish, visit

THREE_A_MINUTE = Allowance(name="test", at_once=3, every_s=20)


def waits(house: House, limits: Limits, key: str) -> int | None:
    """The seconds to wait, or None when one is let through."""
    try:
        limits.take(THREE_A_MINUTE, key)
    except RefusedError as refused:
        return int((refused.detail or {})["wait_s"])
    return None


async def test_so_many_at_once_and_then_one_more_every_so_often(database: Database) -> None:
    house = make_house(database, settings=Settings())
    limits = Limits(house.app)
    assert [waits(house, limits, "a") for _ in range(5)] == [None, None, None, 20, 20]
    assert waits(house, limits, "b") is None
    house.clock.move(seconds=19)
    assert waits(house, limits, "a") == 1
    house.clock.move(seconds=1)
    assert [waits(house, limits, "a") for _ in range(2)] == [None, 20]
    house.clock.move(hours=1)
    assert [waits(house, limits, "a") for _ in range(4)] == [None, None, None, 20]


async def test_without_limits_everyone_is_let_through(database: Database) -> None:
    house = make_house(database)
    limits = Limits(house.app)
    assert [waits(house, limits, "a") for _ in range(9)] == [None] * 9


async def test_a_phone_gets_five_codes_and_then_waits_however_it_is_written(
    database: Database,
) -> None:
    house = make_house(database, settings=Settings())
    campaign = await publish(house)
    async with visit(house) as client:
        for turn in range(SMS_OF_PHONE.at_once):
            sent = await ask_code(client, campaign, person(1))
            assert sent.status_code == 202, (turn, sent.text)
            house.clock.move(seconds=60)
        body = {"campaign": campaign.campaign_id, "phone": f"+86 {person(1).phone}"}
        refused = await client.post("/api/v1/sms-codes", json=body)
        other = await ask_code(client, campaign, person(2))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == str(600 - 5 * 60)
    assert other.status_code == 202


async def test_guesses_at_one_login_have_to_wait_whether_it_exists_or_not(
    database: Database,
) -> None:
    house = make_house(database, settings=Settings())
    async with visit(house) as client:
        body = {"login": "nobody", "pin": "123456"}
        answers = [await client.post("/api/v1/till/sessions", json=body) for _ in range(8)]
    codes = [answer.json()["code"] for answer in answers]
    assert codes == ["wrong_sign_in"] * 6 + ["too_many_requests"] * 2


async def test_with_too_many_passwords_waiting_the_door_is_busy(database: Database) -> None:
    limits = Limits(make_house(database).app)
    leave = asyncio.Event()

    async def check() -> None:
        async with limits.secret_turn():
            await leave.wait()

    waiting = [asyncio.create_task(check()) for _ in range(SECRETS_WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(RefusedError, match="busy"):
        await check()
    leave.set()
    await asyncio.gather(*waiting)
    await check()
