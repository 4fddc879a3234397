"""An acquirer's order through its door: scanned, paid, asked for again, given back."""

import pytest

from huiquan.db.connection import Database
from tests.acquirers import machine, redeem
from tests.houses import make_house, publish, visit
from tests.shops import (
    counted_again,
    fresh_code,
    order,
    shop,
    winner,
)


@pytest.mark.requirement("R3.8")
@pytest.mark.requirement("R5.3")
async def test_an_order_is_quoted_locked_paid_and_partly_given_back(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    pay = await machine(house)
    async with visit(house) as client:
        code = await fresh_code(client, who)
        quoted = await pay.post(
            client, "quote", store="jianghan", code=code, **order("1100", "100")
        )
        assert quoted.status_code == 200, quoted.text
        assert quoted.json()["to_pay_fen"] == 80_000
        asked = {"order_ref": "o-1", "store": "jianghan", "code": code, "terminal": "T7"}
        locked = await pay.post(client, "locks", **asked, **order("1100", "100"))
        assert locked.status_code == 201, locked.text
        assert (locked.json()["order_ref"], locked.json()["to_pay_fen"]) == ("o-1", 80_000)
        paid = await redeem(client, pay, "o-1", "p-1")
        assert paid.status_code == 201, paid.text
        back = await pay.post(
            client, "refunds", refund_ref="f-1", payment_ref="p-1", amount_fen=30_000
        )
        assert back.status_code == 201, back.text
        assert (back.json()["to_consumer_fen"], back.json()["to_fund_fen"]) == (24_000, 6_000)
        seen = [
            (await pay.get(client, way)).json()
            for way in ("orders/o-1", "payments/p-1", "refunds/f-1")
        ]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["state"] == "partly_refunded"
    assert seen[0]["redemption"] == paid.json()
    assert seen[0]["refunds"] == [back.json()]
    async with house.app.db.reading() as tx:
        kept = await tx.fetchrow("select * from redemptions")
        told = await tx.fetch("select event from callbacks order by callback_id")
        actors = await tx.fetch("select distinct actor from audit where tag like 'voucher:%'")
    assert (kept["acquirer_id"], kept["cashier_id"]) == (pay.acquirer.acquirer_id, None)
    assert (kept["payment_ref"], kept["store_id"]) == ("p-1", at.store_id)
    assert [row["event"].partition("/")[0] for row in told] == ["redeemed", "refunded"]
    assert [row["actor"] for row in actors] == [f"acquirer:{pay.acquirer.acquirer_id}"]
    await counted_again(house, campaign)
