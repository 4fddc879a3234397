"""A hold is asked for under a key: a lost answer is asked for again, and one hold is placed."""

import asyncio
from dataclasses import replace

import pytest

from huiquan.actions.lift_hold import lift_hold
from huiquan.actions.place_hold import HoldAsked, place_hold
from huiquan.app import App
from huiquan.db import settlements
from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from tests.houses import make_house, publish
from tests.shops import shop

OFFICIAL, ANOTHER = "staff:1", "staff:2"
HOLDS = "select count(*) from settlement_holds"
IN_FORCE = HOLDS + " where lifted_at is null"
NOTED = "select count(*) from audit where tag = 'hold:placed'"


async def asked_of_a_merchant(database: Database) -> tuple[App, HoldAsked]:
    """A house with one merchant, and the wish to hold it back."""
    house = make_house(database)
    at = await shop(house, await publish(house))
    asked = HoldAsked(request_key="key-1", reason="现场核查", merchant_id=at.merchant_id)
    return house.app, asked


async def count(app: App, what: str) -> int:
    async with app.db.reading() as tx:
        return int(await tx.fetchval(what))


@pytest.mark.requirement("R2.4")
async def test_who_asks_again_under_the_same_key_is_told_the_same_hold(database: Database) -> None:
    app, asked = await asked_of_a_merchant(database)
    first = await place_hold(app, asked, OFFICIAL)
    assert isinstance(first, int)
    assert await place_hold(app, asked, OFFICIAL) == first
    assert (await count(app, HOLDS), await count(app, NOTED)) == (1, 1)
    # Lifting one leaves none: there is no second one that nobody knows of.
    assert await lift_hold(app, first, "核查通过", OFFICIAL) is True
    assert await place_hold(app, asked, OFFICIAL) == first
    assert await count(app, IN_FORCE) == 0


@pytest.mark.requirement("R2.4")
async def test_another_key_or_another_person_is_another_hold(database: Database) -> None:
    app, asked = await asked_of_a_merchant(database)
    held = [
        await place_hold(app, asked, OFFICIAL),
        await place_hold(app, replace(asked, request_key="key-2"), OFFICIAL),
        await place_hold(app, asked, ANOTHER),
    ]
    assert len(set(held)) == await count(app, HOLDS) == 3
    other = replace(asked, reason="满减异常")
    assert await place_hold(app, other, OFFICIAL) is Refusal.REQUEST_KEY_REUSED
    # What was refused was not done, and may be asked rightly under the same key.
    unknown = replace(asked, request_key="key-3", merchant_id=999)
    assert await place_hold(app, unknown, OFFICIAL) is Refusal.UNKNOWN_MERCHANT
    assert isinstance(await place_hold(app, replace(asked, request_key="key-3"), OFFICIAL), int)


@pytest.mark.requirement("R2.4")
async def test_of_two_equal_wishes_at_one_moment_one_is_placed(database: Database) -> None:
    """Both are under way, each on a connection of its own, while the merchant's turn is held."""
    app, asked = await asked_of_a_merchant(database)
    async with app.db.transaction() as holding:
        (campaign_id,) = await settlements.campaigns_of(holding, asked.merchant_id or 0)
        await settlements.hold_merchant(holding, campaign_id, asked.merchant_id or 0)
        both = [asyncio.ensure_future(place_hold(app, asked, OFFICIAL)) for _ in range(2)]
        waiting = "select count(*) from pg_locks where not granted"
        for _ in range(500):
            if await holding.fetchval(waiting) == len(both):
                break
            await asyncio.sleep(0.01)
        assert not any(one.done() for one in both)
        assert await holding.fetchval(waiting) == len(both)
    first, second = await asyncio.gather(*both)
    assert isinstance(first, int)
    assert first == second
    assert (await count(app, HOLDS), await count(app, NOTED)) == (1, 1)
