"""The sandbox: an integrator tries everything, and not a fen of the books moves."""

import pytest

from huiquan.db.connection import Database
from huiquan.domain.sandbox import CASES
from tests.acquirers import machine, redeem
from tests.houses import House, make_house, publish, visit
from tests.shops import order, shop

ONLINE_TIER = 3  # tried at the order door

BOOKS = ("vouchers", "codes", "locks", "redemptions", "refunds", "payments", "transfers", "outbox")


async def counted(house: House) -> dict[str, int]:
    async with house.app.db.reading() as tx:
        return {name: await tx.fetchval(f"select count(*) from {name}") for name in BOOKS}


async def test_a_whole_order_is_tried_without_touching_a_book(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house, is_sandbox=True)
    before = await counted(house)
    good = {"store": "jianghan", "code": "9000 0000 0001"}
    async with visit(house) as client:
        quoted = await at.post(client, "quote", **good, **order("1000"))
        assert quoted.json()["to_pay_fen"] == 80_000
        locks = [
            await at.post(client, "locks", order_ref="o-1", **good, **order("1000"))
            for _ in range(2)
        ]
        assert locks[0].status_code == 201, locks[0].text
        assert locks[0].content == locks[1].content
        wrong = await redeem(client, at, "o-1", "p-1", 79_999)
        assert wrong.json()["code"] == "amount_differs"
        paid = [await redeem(client, at, "o-1", "p-1") for _ in range(2)]
        assert paid[0].status_code == 201, paid[0].text
        assert paid[0].content == paid[1].content
        again = await redeem(client, at, "o-1", "p-2")
        assert again.json()["code"] == "already_redeemed"
        back = {"refund_ref": "f-1", "payment_ref": "p-1", "amount_fen": 30_000}
        refunds = [await at.post(client, "refunds", **back) for _ in range(2)]
        assert refunds[0].status_code == 201, refunds[0].text
        assert refunds[0].content == refunds[1].content
        assert refunds[0].json()["to_fund_fen"] == 6_000
        seen = (await at.get(client, "orders/o-1")).json()
        assert (seen["state"], seen["redemption"]) == ("partly_refunded", paid[0].json())
        closed = await at.post(client, "unlocks", order_ref="o-never")
        assert closed.json() == {"order_ref": "o-never", "state": "closed"}
        late = await at.post(client, "locks", order_ref="o-never", **good, **order("1000"))
        assert late.json()["code"] == "order_closed"
        house.clock.move(days=1)
        bill = await at.get(client, "bills/20260206")
        assert bill.status_code == 200, bill.text
        assert [line.split(",")[0] for line in bill.text.splitlines()] == [
            *("kind", "redeem", "refund")
        ]
    assert await counted(house) == before
    async with house.app.db.reading() as tx:
        told = await tx.fetch("select event from callbacks order by callback_id")
    assert [row["event"].partition("/")[0] for row in told] == ["redeemed", "refunded"]


async def test_each_code_of_the_sandbox_does_what_its_table_says(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house, is_sandbox=True)
    async with visit(house) as client:
        for case in CASES:
            asked = {"store": "jianghan", "code": case.code, "order_ref": f"o-{case.code}"}
            answer = await at.post(client, "locks", **asked, **order("1000"))
            if case.tier == ONLINE_TIER:
                assert answer.json()["code"] == "wrong_pack"
            elif case.flaw:
                assert answer.json()["code"] == case.flaw.value
            else:
                assert answer.status_code == 201, answer.text
        house.clock.move(seconds=6)
        short = await at.get(client, "orders/o-900000000003")
        assert short.json()["state"] == "lapsed"
        unknown = await at.post(
            client, "quote", store="jianghan", code="123456789012", **order("1000")
        )
        assert unknown.json()["code"] == "code_unknown"


@pytest.mark.requirement("R3.8")
async def test_a_real_code_means_nothing_in_the_sandbox_and_the_other_way_round(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house)
    async with visit(house) as client:
        answer = await at.post(
            client, "quote", store="jianghan", code="900000000001", **order("1000")
        )
    assert answer.json()["code"] == "code_unknown"
