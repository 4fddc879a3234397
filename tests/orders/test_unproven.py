"""A platform that would be paid for what never left: old waybills, returns of nothing.  空单"""

from typing import Any

import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database
from huiquan.jobs.tasks import judge
from tests.houses import make_house, publish, visit
from tests.online import HOME, ask, bought, declared, delivered, holds, look, pieces, trade
from tests.orders.test_order_story import HOUSE, settled_fen
from tests.shops import counted_again


async def is_missed_if_freed(house: Any) -> bool:
    """Whether the house's own question would find it if this order's money were not held."""
    async with house.app.db.transaction() as tx:
        lifted = await tx.fetchval(
            "update settlement_holds set lifted_at = $1, lifted_by = $2, lift_reason = 'test' "
            "where lifted_at is null returning hold_id",
            house.clock.now,
            HOUSE,
        )
    failed = {one.name for one in (await run_checks(house.app)).failed}
    async with house.app.db.transaction() as tx:
        await tx.execute(
            "update settlement_holds set lifted_at = null, lifted_by = null, lift_reason = null "
            "where hold_id = $1",
            lifted,
        )
    return "o1_unproven_orders_are_held" in failed


@pytest.mark.requirement("R5.4")
async def test_a_parcel_that_arrived_before_the_order_was_opened_proves_nothing(
    database: Database,
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        await delivered(client, at, "W-old")
        house.clock.move(hours=1)
        one = await bought(client, at)
        said = await declared(client, at, one.ref, "W-old")
        assert (said.json()["stage"], said.json()["is_final"]) == ("paid", False)
        assert (await holds(house)) == [(HOUSE, True)]
        assert await is_missed_if_freed(house)
        await declared(client, at, one.ref, "W-new")
        await delivered(client, at, "W-new")
        assert (await look(client, at.platform, one.ref))["stage"] == "shipping"
    assert await settled_fen(house) == 0


@pytest.mark.requirement("R5.4")
async def test_a_platform_that_says_goods_came_back_is_paid_for_none_of_them_unrefunded(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1", pieces((2, 4)))
        await delivered(client, at, "W1")

        async def back(ref: str, **changes: Any) -> dict[str, Any]:
            told = {
                "order_ref": one.ref,
                "payment_ref": f"p-{one.ref}",
                "refund_ref": ref,
                "returned_at": at.now(),
                "amount_fen": 40_000,
                "lines": pieces((1, 1)),
            }
            answer = await ask(client, at.platform, "returns", **{**told, **changes})
            said: dict[str, Any] = answer.json()
            return said

        # What is refused moves nothing: the refund is not made before its goods are understood.
        assert (await back("f-0", lines=pieces((1, 2))))["code"] == "malformed"
        assert (await back("f-0", returned_at=at.now(minutes=6)))["code"] == "event_from_future"
        early = at.now(hours=-4)
        assert (await back("f-0", returned_at=early))["code"] == "event_before_order"
        moved = {"order_ref": one.ref, "change_ref": "a-0", "changed_at": early, "address": HOME}
        assert (await ask(client, at.platform, "addresses", **moved)).json()["code"] == (
            "event_before_order"
        )
        assert (await look(client, at.platform, one.ref))["state"] == "redeemed"
        some = await back("f-1", amount_fen=1)
        assert (some["stage"], some["is_final"]) == ("shipping", False)
        assert [each["code"] for each in some["findings"]] == ["lines_missing"]
        assert (await back("f-1", amount_fen=1, lines=pieces((2, 1))))["code"] == (
            "request_key_reused"
        )
        assert await is_missed_if_freed(house)
        rest = await back("f-2", amount_fen=39_999)
        assert (rest["stage"], rest["is_final"]) == ("delivered", True)
        failed = {one.name for one in (await run_checks(house.app)).failed}
        assert "o1_unproven_orders_are_held" not in failed
    assert await settled_fen(house) == 7_500
    await counted_again(house, campaign)


@pytest.mark.requirement("R5.4")
async def test_a_part_that_the_refund_door_gives_back_frees_what_it_was_missing_for(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1", pieces((2, 4)))
        await delivered(client, at, "W1")
        paid = f"p-{one.ref}"
        some = await ask(
            client,
            at.platform,
            "returns",
            order_ref=one.ref,
            payment_ref=paid,
            refund_ref="f-1",
            returned_at=at.now(),
            amount_fen=1,
            lines=pieces((1, 1)),
        )
        assert (some.json()["stage"], some.json()["is_final"]) == ("shipping", False)
        house.clock.move(minutes=1)
        rest = {"refund_ref": "f-2", "payment_ref": paid, "amount_fen": 39_999}
        assert (await at.platform.post(client, "refunds", **rest)).status_code == 201
        assert (await holds(house)) == [(HOUSE, True)]
        house.clock.move(minutes=1)
        await judge(house.app)
        assert (await holds(house)) == [(HOUSE, False)]
        # What was judged is not judged over and over.
        assert await judge(house.app) == []
    assert await settled_fen(house) == 7_500
    await counted_again(house, campaign)
