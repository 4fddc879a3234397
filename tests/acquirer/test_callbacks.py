"""Callbacks: written with the deed, told until it is known, and nobody waits for a dead machine."""

from collections import Counter
from typing import Any

import pytest

from huiquan.actions.retry_callbacks import retry_callbacks
from huiquan.actions.run_checks import run_checks
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.db.connection import Database
from huiquan.gateways.faults import OutsiderFault
from tests.acquirers import machine
from tests.houses import House, make_house, publish, visit
from tests.shops import order, shop

HERE, AWAY = "http://127.0.0.1:1/here", "http://127.0.0.1:1/away"


class Ears:
    """Two machines: one hears, the other is away until it is back."""

    def __init__(self) -> None:
        self.is_back = False
        self.tried: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()

    async def deliver(self, url: str, headers: Any, body: bytes, event: str) -> None:
        self.tried[url] += 1
        if url == AWAY and not self.is_back:
            raise OutsiderFault("acquirer", "unreachable")
        self.heard[event] += 1


async def unlocked(house: House, at: Any, client: Any, count: int) -> None:
    """So many orders in the sandbox that were locked and given up: a callback each."""
    for n in range(count):
        asked = {"order_ref": f"o-{n}", "store": "jianghan", "code": "900000000001"}
        assert (await at.post(client, "locks", **asked, **order("1000"))).status_code == 201
        assert (await at.post(client, "unlocks", order_ref=f"o-{n}")).status_code == 200


async def waiting(house: House) -> int:
    async with house.app.db.reading() as tx:
        count: int = await tx.fetchval(
            "select count(*) from callbacks where acknowledged_at is null and parked_at is null"
        )
    return count


@pytest.mark.requirement("R3.2")
async def test_a_machine_that_is_away_holds_up_nobody_and_is_told_everything_later(
    database: Database,
) -> None:
    ears = Ears()
    house = make_house(database, callbacks=ears)
    campaign = await publish(house)
    await shop(house, campaign)
    here = await machine(house, "here", is_sandbox=True, callback_url=HERE)
    away = await machine(house, "away", is_sandbox=True, callback_url=AWAY)
    async with visit(house) as client:
        await unlocked(house, away, client, 6)
        await unlocked(house, here, client, 6)
    assert await send_callbacks(house.app) == 6
    assert ears.tried == {HERE: 6, AWAY: 3}
    assert await send_callbacks(house.app) == 0
    assert ears.tried[AWAY] == 6
    assert await send_callbacks(house.app) == 0
    assert ears.tried[AWAY] == 6, "each waits for its turn"
    house.clock.move(minutes=4)
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert "i32_no_callback_waits" not in failed
    house.clock.move(minutes=2)
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert "i32_no_callback_waits" in failed
    for _ in range(200):
        house.clock.move(hours=1)
        await send_callbacks(house.app)
        await send_callbacks(house.app)
    assert await waiting(house) == 0
    house.clock.move(hours=1)
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert "i32_no_callback_waits" not in failed, "where nothing waits, nothing waits too long"
    ears.is_back = True
    assert await send_callbacks(house.app) == 0, "what is parked waits for a person"
    assert await retry_callbacks(house.app, "away", "test") == 6
    assert await send_callbacks(house.app) == 6
    assert set(ears.heard.values()) == {1}
    assert len(ears.heard) == 12
    house.clock.move(hours=3)
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert "i32_no_callback_waits" not in failed, "nothing waits, however long ago the last was"


async def test_a_callback_that_was_heard_but_not_marked_comes_again_under_its_name(
    database: Database,
) -> None:
    ears = Ears()
    house = make_house(database, callbacks=ears)
    campaign = await publish(house)
    await shop(house, campaign)
    here = await machine(house, "here", is_sandbox=True, callback_url=HERE)
    async with visit(house) as client:
        await unlocked(house, here, client, 1)
    assert await send_callbacks(house.app) == 1
    async with house.app.db.transaction() as tx:
        await tx.execute("update callbacks set acknowledged_at = null")
    assert await send_callbacks(house.app) == 1
    assert list(ears.heard.values()) == [2]
    async with house.app.db.reading() as tx:
        attempts = await tx.fetch("select attempt, outcome from callback_attempts order by 1")
    assert [tuple(row) for row in attempts] == [(1, "acknowledged"), (2, "acknowledged")]


async def test_who_gave_no_address_is_told_nothing(database: Database) -> None:
    house = make_house(database, callbacks=Ears())
    campaign = await publish(house)
    await shop(house, campaign)
    mute = await machine(house, "mute", is_sandbox=True, callback_url=None)
    async with visit(house) as client:
        await unlocked(house, mute, client, 1)
    assert await waiting(house) == 0
