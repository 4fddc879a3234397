"""How often a till's deed asks the database, counted: a bound that nothing may creep over."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database, open_database
from tests.acquirers import Machine, machine, new_ref
from tests.houses import House, make_house, publish, visit
from tests.journeys import journeys
from tests.shops import Shop, Winner, counted_again, fresh_code, new_key, order, shop, winner


@pytest.fixture
async def one_line(database_url: str) -> AsyncIterator[Database]:
    """A database over one connection for each role, so that all its journeys are seen."""
    opened = await open_database(database_url, connections=1)
    yield opened
    await opened.close()


async def over_the_door(client: httpx.AsyncClient, at: Machine, who: Winner) -> dict[str, int]:
    """One order from the quote to the refund, and one that is given up; the journeys of each."""
    told: dict[str, int] = {}

    async def ask(name: str, way: str, **body: Any) -> dict[str, Any]:
        with journeys(at.house.app.db) as sent:
            answer = await at.post(client, way, **body)
        assert answer.status_code < 300, answer.text
        told[name] = len(sent)
        found: dict[str, Any] = answer.json()
        return found

    scan = {"store": "jianghan", **order("1000")}
    code, given_up = await fresh_code(client, who), new_ref("o")
    await ask("quote", "quote", code=code, **scan)
    await ask("lock", "locks", code=code, order_ref=given_up, **scan)
    await ask("unlock", "unlocks", order_ref=given_up)
    code, ref, payment = await fresh_code(client, who), new_ref("o"), new_ref("p")
    await ask("lock", "locks", code=code, order_ref=ref, **scan)
    paid = {"order_ref": ref, "payment_ref": payment, "paid_fen": 80_000}
    await ask("redeem", "redemptions", **paid)
    await ask("redeem again", "redemptions", **paid)
    back = {"refund_ref": new_ref("f"), "payment_ref": payment, "amount_fen": 30_000}
    await ask("refund", "refunds", **back)
    return told


async def at_our_page(
    client: httpx.AsyncClient, house: House, at: Shop, who: Winner
) -> dict[str, int]:
    """The same at a cashier's page."""
    told: dict[str, int] = {}

    async def ask(name: str, way: str, **body: Any) -> dict[str, Any]:
        with journeys(house.app.db) as sent:
            answer = await client.post(
                f"/api/v1/till/{way}", headers=at.headers, json={"request_key": new_key(), **body}
            )
        assert answer.status_code < 300, answer.text
        told[name] = len(sent)
        found: dict[str, Any] = answer.json()
        return found

    taken = await ask("lock", "locks", code=await fresh_code(client, who), **order("1000"))
    await ask("redeem", f"locks/{taken['lock']}/redeem", payment_ref=new_ref("p"))
    return told


async def test_an_order_over_the_signed_door_makes_few_journeys(one_line: Database) -> None:
    house = make_house(one_line)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house)
    async with visit(house) as client:
        await over_the_door(client, at, await winner(house, campaign))
        told = await over_the_door(client, at, await winner(house, campaign))
    assert told == {
        "quote": 2,
        "lock": 5,
        "unlock": 6,
        "redeem": 6,
        "redeem again": 5,
        "refund": 6,
    }


async def test_on_a_cluster_an_order_comes_to_the_same(one_line: Database) -> None:
    """There the writes of a deed go one after another: more journeys, the same books."""
    house = make_house(one_line)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house)
    async with one_line.transaction() as tx:
        tx._con.is_cluster = True
    async with visit(house) as client:
        told = await over_the_door(client, at, await winner(house, campaign))
    assert told["redeem"] > 12
    stands = await counted_again(house, campaign)
    assert stands["returned", 0, ""] == 6_000


async def test_an_order_at_our_own_page_makes_few_journeys(one_line: Database) -> None:
    house = make_house(one_line)
    campaign = await publish(house)
    at = await shop(house, campaign)
    async with visit(house) as client:
        await at_our_page(client, house, at, await winner(house, campaign))
        told = await at_our_page(client, house, at, await winner(house, campaign))
    assert told == {"lock": 5, "redeem": 5}
