"""An order's number that never arrived is closed for good, and that is noted once."""

import asyncio

import pytest

from huiquan.actions.close_order import close_order
from huiquan.db.connection import Database
from tests.acquirers import machine
from tests.houses import make_house, publish
from tests.shops import shop


@pytest.mark.requirement("R3.8")
async def test_an_order_closed_twice_is_noted_once(database: Database) -> None:
    house = make_house(database)
    await shop(house, await publish(house))
    acquirer_id = (await machine(house)).acquirer.acquirer_id
    at_once = (close_order(house.app, acquirer_id, "o-1") for _ in range(2))
    assert await asyncio.gather(*at_once) == [True, True]
    assert await close_order(house.app, acquirer_id, "o-1")
    async with house.app.db.reading() as tx:
        noted = await tx.fetchval("select count(*) from audit where tag = 'order:closed'")
    assert noted == 1
