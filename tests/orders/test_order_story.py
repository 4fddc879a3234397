"""An online order through its door: opened, paid, shipped, signed for, settled; and all that may go
wrong on the way.
"""

from typing import Any

import pytest

from huiquan.actions.settle_day import settle_day
from huiquan.db.connection import Database
from tests.acquirers import Machine
from tests.houses import CAMPAIGN, make_house, publish, visit
from tests.online import (
    ALL,
    DONGCHENG,
    HONGSHAN,
    TOP_ONLINE,
    XILING,
    ask,
    bought,
    declared,
    delivered,
    holds,
    look,
    opening,
    ordered,
    pieces,
    tell,
    trade,
)
from tests.shops import counted_again, fresh_code, mint, shop, winner

HOUSE = "house:orders"


async def settled_fen(house: Any) -> int:
    """Settle what is due nine days on, and give what was ever settled."""
    house.clock.move(days=9)
    await settle_day(house.app, CAMPAIGN)
    async with house.app.db.reading() as tx:
        return int(await tx.fetchval("select coalesce(sum(amount_fen), 0) from settlements"))


@pytest.mark.requirement("R3.7")
@pytest.mark.requirement("R5.4")
async def test_money_is_final_when_every_parcel_is_proven_from_warehouse_to_address(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        one = await bought(client, at)
        assert (await holds(house)) == [(HOUSE, True)]
        for waybill, lines in (("W1", pieces((1, 1))), ("W2", pieces((2, 4)))):
            answer = await declared(client, at, one.ref, waybill, lines)
            assert answer.status_code == 201, answer.text
        await delivered(client, at, "W1")
        seen = await look(client, at.platform, one.ref)
        assert (seen["stage"], seen["is_final"], seen["state"]) == ("shipping", False, "redeemed")
        assert [one["code"] for one in seen["findings"]] == [
            *("lines_missing", "not_dispatched", "not_collected", "not_signed")
        ]
        assert await settled_fen(house) == 0
        await delivered(client, at, "W2")
        seen = await look(client, at.platform, one.ref)
        assert (seen["stage"], seen["is_final"], seen["findings"]) == ("delivered", True, [])
        assert [
            (parcel["carrier"], parcel["warehouse"], parcel["is_delivered"])
            for parcel in seen["parcels"]
        ] == [("carrier", "wh-1", True)] * 2
        assert (await holds(house)) == [(HOUSE, False)]
    assert await settled_fen(house) == 15_000
    await counted_again(house, campaign)


OPENINGS: list[tuple[dict[str, Any], str]] = [
    ({"address": "湖北大厦 北京市海淀区中关村大街1号"}, "address_outside"),
    ({"address": "湖北省武汉市珞喻路1号"}, "address_unclear"),
    ({"warehouse": "wh-2"}, "unknown_warehouse"),
    ({"store": "jianghan"}, "wrong_pack"),
    ({"store": "nowhere"}, "unknown_store"),
    ({"lines": [
        {"sku": "s", "name": "n", "kind": "k", "quantity": 1, "unit_fen": 80_000,
         "self_operated": False}
    ]}, "not_self_operated"),
    ({"lines": [
        {"sku": "s", "name": "n", "kind": "k", "quantity": 1, "unit_fen": 0, "self_operated": True}
    ]}, "bad_amount"),
    ({"lines": [
        {"sku": "s", "name": "n", "kind": "k", "quantity": 1, "unit_fen": 59_999,
         "self_operated": True}
    ]}, "below_threshold"),
]  # fmt: skip


@pytest.mark.requirement("R3.7")
async def test_an_order_that_does_not_fit_is_refused_before_the_code_is_used(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    await shop(house, campaign)
    who = await winner(house, campaign, tier=TOP_ONLINE)
    async with visit(house) as client:
        code = await fresh_code(client, who)
        for number, (changes, refusal) in enumerate(OPENINGS):
            answer = await ask(
                client, at.platform, "orders", **opening(f"o-{number}", code, **changes)
            )
            assert answer.json()["code"] == refusal, answer.text
        first = await ask(client, at.platform, "orders", **opening("o-good", code))
        again = await ask(client, at.platform, "orders", **opening("o-good", code))
        assert (first.status_code, again.json()) == (201, first.json())
        changed = opening("o-good", code, address="湖北省武汉市江汉区江汉路1号")
        assert (await ask(client, at.platform, "orders", **changed)).json()["code"] == (
            "request_key_reused"
        )
        for stranger in (at.carrier, at.keeper):
            refused = await ask(client, stranger, "orders", **opening("o-9", code))
            assert refused.json()["code"] == "forbidden"
        raw = await at.platform.post(
            client, "locks", order_ref="o-x", store="online", code=code, order_fen=80_000, offers=[]
        )
        assert raw.json()["code"] == "code_used"


@pytest.mark.requirement("R5.4")
async def test_carriers_and_warehouses_open_no_door_but_that_of_events(
    database: Database,
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1")
        for stranger in (at.carrier, at.keeper):
            assert (await stranger.get(client, f"orders/{one.ref}")).json()["code"] == "forbidden"
        cases: list[tuple[Machine, str, str]] = [
            (at.carrier, "dispatched", "not_theirs_to_say"),
            (at.keeper, "signed", "not_theirs_to_say"),
            (at.platform, "signed", "not_theirs_to_say"),
            (at.carrier, "intercepted", "not_theirs_to_say"),
            (at.carrier, "signed", "malformed"),
        ]
        for sender, kind, refusal in cases:
            told = {"event_ref": "e", "kind": kind, "happened_at": at.now(), "waybill": "W1"}
            assert (await ask(client, sender, "events", **told)).json()["code"] == refusal
        early = await tell(client, at, "collected", "W1", happened_at=at.now(minutes=6))
        assert early.json()["code"] == "event_from_future"
        assert (await look(client, at.platform, one.ref))["stage"] == "paid"


@pytest.mark.requirement("R5.4")
async def test_events_before_their_parcel_wait_for_it_and_the_same_twice_counts_once(
    database: Database,
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        words = [
            ("signed", {"county": HONGSHAN, "happened_at": at.now(minutes=3)}),
            ("collected", {"happened_at": at.now(minutes=2)}),
            ("dispatched", {"happened_at": at.now(minutes=1)}),
        ]
        house.clock.move(days=1)
        for kind, more in words:
            told = [
                (await tell(client, at, kind, "W1", event_ref=f"e-{kind}", **more)).json()
                for _ in range(2)
            ]
            assert [one["standing"] for one in told] == ["taken", "known"]
        assert (await look(client, at.platform, one.ref))["stage"] == "paid"
        said = await declared(client, at, one.ref, "W1")
        assert (said.json()["stage"], said.json()["is_final"]) == ("delivered", True)
        assert (await declared(client, at, one.ref, "W1")).json()["stage"] == "delivered"
        other = await bought(client, at, lane=1)
        taken = await declared(client, at, other.ref, "W1")
        assert taken.json()["code"] == "request_key_reused"


@pytest.mark.requirement("R5.4")
async def test_evidence_that_falls_brings_the_hold_back_until_money_is_settled(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1")
        await delivered(client, at, "W1")
        assert (await holds(house)) == [(HOUSE, False)]
        await tell(client, at, "signed", "W1", county=XILING)
        seen = await look(client, at.platform, one.ref)
        assert (seen["stage"], seen["is_final"]) == ("doubtful", False)
        assert (await holds(house)) == [(HOUSE, False), (HOUSE, True)]
        assert await settled_fen(house) == 0
        back = await ask(
            client,
            at.platform,
            "returns",
            order_ref=one.ref,
            payment_ref=f"p-{one.ref}",
            refund_ref="f-1",
            returned_at=at.now(),
            amount_fen=80_000,
            lines=ALL,
        )
        assert back.status_code == 201, back.text
        told = back.json()
        assert (told["stage"], told["refund"]["to_fund_fen"]) == ("returned", 15_000)
        assert (await holds(house)) == [(HOUSE, False), (HOUSE, False)]
    assert await settled_fen(house) == 0
    await counted_again(house, campaign)


@pytest.mark.requirement("R3.7")
async def test_an_address_may_move_within_hubei_and_what_leaves_it_is_not_final(
    database: Database,
) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))

    async def move(ref: str, number: str, address: str) -> dict[str, Any]:
        answer = await ask(
            client,
            at.platform,
            "addresses",
            order_ref=ref,
            change_ref=number,
            changed_at=at.now(),
            address=address,
        )
        told: dict[str, Any] = answer.json()
        return told

    beijing, yichang = "北京市东城区和平里1号", "湖北省宜昌市西陵区夷陵大道1号"
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1")
        assert (await move(one.ref, "c-1", beijing))["code"] == "address_outside"
        assert (await move(one.ref, "c-1", "洪山区某处"))["code"] == "address_unclear"
        assert (await move(one.ref, "c-1", yichang))["county"] == XILING
        house.clock.move(hours=1)
        await tell(client, at, "dispatched", "W1")
        await tell(client, at, "collected", "W1")
        house.clock.move(hours=1)
        left = await move(one.ref, "c-2", beijing)
        assert (left["county"], left["stage"]) == ("", "doubtful")
        assert "address_outside" in [each["code"] for each in left["findings"]]
        assert (await move(one.ref, "c-2", yichang))["code"] == "request_key_reused"
        house.clock.move(hours=1)
        assert (await move(one.ref, "c-3", yichang))["stage"] == "shipping"
        house.clock.move(hours=1)
        await tell(client, at, "signed", "W1", county=XILING)
        assert (await look(client, at.platform, one.ref))["is_final"]
        outside = await bought(client, at, lane=1)
        await declared(client, at, outside.ref, "W2")
        for kind, more in (
            ("dispatched", {}),
            ("collected", {}),
            ("signed", {"county": DONGCHENG}),
        ):
            await tell(client, at, kind, "W2", **more)
            house.clock.move(hours=1)
        seen = await look(client, at.platform, outside.ref)
        assert [each["code"] for each in seen["findings"]] == ["lines_missing", "signed_outside"]
    assert await settled_fen(house) == 15_000


async def test_a_parcel_is_intercepted_and_its_goods_are_sent_again(database: Database) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    async with visit(house) as client:
        one = await bought(client, at)
        await declared(client, at, one.ref, "W1")
        await tell(client, at, "dispatched", "W1")
        await tell(client, at, "collected", "W1")
        house.clock.move(hours=1)
        told = {"order_ref": one.ref, "change_ref": "i-1", "changed_at": at.now()}
        stopped = await ask(
            client, at.platform, "interceptions", **told, carrier="carrier", waybill="W1"
        )
        assert stopped.json()["stage"] == "doubtful"
        nothing = await ask(
            client, at.platform, "interceptions", **told, carrier="carrier", waybill="W9"
        )
        assert nothing.json()["code"] == "unknown_parcel"
        await declared(client, at, one.ref, "W2")
        await delivered(client, at, "W2")
        seen = await look(client, at.platform, one.ref)
        assert (seen["stage"], [one["last"] for one in seen["parcels"]]) == (
            "delivered",
            ["intercepted", "signed"],
        )


async def test_an_order_is_cancelled_before_payment_and_taken_back_after_it(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    async with visit(house) as client:
        one = await ordered(client, at)
        freed = await ask(client, at.platform, "cancellations", order_ref=one.ref)
        assert freed.json() == {"order_ref": one.ref, "state": "unlocked"}
        late = await ask(
            client, at.platform, "payments", order_ref=one.ref, payment_ref="p", paid_fen=65_000
        )
        assert late.json()["code"] == "lock_released"
        assert (await mint(client, one.who)).status_code == 201
        never = await ask(client, at.platform, "cancellations", order_ref="o-never")
        assert never.json()["state"] == "closed"
        code = await fresh_code(client, one.who)
        closed = await ask(client, at.platform, "orders", **opening("o-never", code))
        assert closed.json()["code"] == "order_closed"
        two = await bought(client, at, lane=1)
        refused = await ask(client, at.platform, "cancellations", order_ref=two.ref)
        assert refused.json()["code"] == "already_redeemed"
        unpaid = await declared(client, at, one.ref, "W1")
        assert unpaid.json()["code"] == "order_not_paid"
        nothing = await ask(
            client, at.platform, "payments", order_ref="o-none", payment_ref="p", paid_fen=1
        )
        assert nothing.json()["code"] == "unknown_order"
    await counted_again(house, campaign)
