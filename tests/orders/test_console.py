"""What officials see of online orders, and what nobody has judged yet."""

from typing import Any

import asyncpg
import pytest

from huiquan.actions.run_job import begin_job, finish_job
from huiquan.db.connection import Database
from huiquan.domain.roles import Role
from huiquan.jobs.tasks import judge
from tests.houses import bearer, make_house, publish, sign_in_console, visit
from tests.online import DONGCHENG, bought, declared, delivered, holds, tell, trade


@pytest.mark.requirement("R5.4")
async def test_officials_see_the_whole_chain_and_what_is_late(
    database: Database, database_url: str
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        bought_ones = []
        for n in range(3):
            bought_ones.append(await bought(client, at, lane=n))
            house.clock.move(seconds=1)
        good, late, bad = bought_ones
        for one, waybill in ((good, "W1"), (late, "W2"), (bad, "W3")):
            await declared(client, at, one.ref, waybill)
        await delivered(client, at, "W1")
        await tell(client, at, "dispatched", "W3")
        await tell(client, at, "collected", "W3")
        await tell(client, at, "signed", "W3", county=DONGCHENG, event_ref="e-9")
        await tell(client, at, "lost", "W3", event_ref="e-9")
        house.clock.move(days=8)
        told = await sign_in_console(house, client, Role.SUPERVISOR)
        headers = bearer(told["token"])

        async def asked(way: str) -> Any:
            answer = await client.get(f"/api/v1/console/{way}", headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

        query = f"orders?campaign={campaign.campaign_id}"
        listed = (await asked(query))["items"]
        assert [(one["order_ref"], one["stage"]["code"], one["age_days"]) for one in listed] == [
            (late.ref, "paid", 8),
            (bad.ref, "doubtful", 8),
            (good.ref, "delivered", 8),
        ]
        assert [one["stage"]["late"] for one in listed] == ["not_shipped", None, None]
        troubled = (await asked(query + "&troubled=true"))["items"]
        assert [one["order_ref"] for one in troubled] == [late.ref, bad.ref]
        whole = await asked(f"orders/mall/{bad.ref}")
        assert [one["code"] for one in whole["findings"]] == [
            *("lines_missing", "not_signed", "contradicted")
        ]
        assert [one["is_believed"] for one in whole["events"]] == [True, True, False, False]
        assert {one["is_verified"] for one in whole["events"]} == {True}
        assert {one["key_id"] for one in whole["events"]} == {"keeper-1", "carrier-1"}
        assert (whole["promised"]["code"], whole["promised"]["county"]) == ("wh-1", "420103")
        assert whole["paid"]["discount_fen"] == 15_000
        assert [one["lifted_at"] for one in whole["holds"]] == [None]
        proven = await asked(f"orders/mall/{good.ref}")
        assert (proven["is_final"], proven["findings"]) == (True, [])
        assert [one["lifted_by"] for one in proven["holds"]] == ["house:orders"]
        # Somebody who got at the tables writes another county into what the carrier signed.
        owner = await asyncpg.connect(database_url)
        await owner.execute("update order_events set county = '420502' where kind = 'signed'")
        await owner.close()
        whole = await asked(f"orders/mall/{good.ref}")
        assert [one["is_verified"] for one in whole["events"]] == [True, True, False]
        assert [one["code"] for one in whole["findings"]] == ["lines_missing", "wrong_county"]
        city = await sign_in_console(house, client, Role.CITY_SUPERVISOR, "420100")
        for way in (query, f"orders/mall/{good.ref}", "warehouses"):
            refused = await client.get(f"/api/v1/console/{way}", headers=bearer(city["token"]))
            assert refused.json()["code"] == "forbidden"
        nowhere = await client.get("/api/v1/console/orders?campaign=99", headers=headers)
        assert nowhere.json()["code"] == "unknown_campaign"
        missing = await client.get("/api/v1/console/orders/mall/o-none", headers=headers)
        assert missing.json()["code"] == "unknown_order"


async def test_what_was_kept_and_not_judged_is_judged_by_the_job(database: Database) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1")
        house.clock.move(seconds=1)
        await delivered(client, at, "W1")
    async with house.app.db.transaction() as tx:
        await tx.execute(
            "update online_orders set stage = 'paid', judged_at = paid_at; "
            "update settlement_holds set lifted_at = null, lifted_by = null"
        )
    await judge(house.app)
    async with house.app.db.reading() as tx:
        assert await tx.fetchval("select stage from online_orders") == "delivered"
        assert await tx.fetchval("select lifted_by from settlement_holds") == "house:orders"
    assert await judge(house.app) == []


async def test_money_that_came_back_over_the_acquirers_own_door_frees_the_hold(
    database: Database,
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        back = await at.platform.post(
            client, "refunds", refund_ref="f-1", payment_ref=f"p-{one.ref}", amount_fen=80_000
        )
        assert back.status_code == 201, back.text
    assert await holds(house) == [("house:orders", True)]
    await judge(house.app)
    assert await holds(house) == [("house:orders", False)]
    assert await judge(house.app) == []


@pytest.mark.parametrize(("away_days", "was_carried_out"), [(0, True), (5, True), (400, False)])
async def test_an_order_is_judged_however_long_the_jobs_stood_still(
    database: Database, away_days: int, was_carried_out: bool
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    if was_carried_out:
        await begin_job(house.app, "judge_orders", "1")
        await finish_job(house.app, "judge_orders", "1", "[]")
    async with visit(house) as client:
        one = await bought(client, at)
        back = await at.platform.post(
            client, "refunds", refund_ref="f-1", payment_ref=f"p-{one.ref}", amount_fen=80_000
        )
        assert back.status_code == 201, back.text
    house.clock.move(days=away_days)
    await judge(house.app)
    assert await holds(house) == [("house:orders", False)]


async def test_what_was_looked_for_since_is_not_looked_for_again(database: Database) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        await at.platform.post(
            client, "refunds", refund_ref="f-1", payment_ref=f"p-{one.ref}", amount_fen=80_000
        )
    house.clock.move(days=2)
    await begin_job(house.app, "judge_orders", "1")
    await finish_job(house.app, "judge_orders", "1", "[]")
    assert await judge(house.app) == []
