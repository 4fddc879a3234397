"""At the till, through real messages: from the code on the phone to the money back in the fund."""

import pytest

from huiquan.db.connection import Database
from tests.houses import make_house, publish, visit
from tests.shops import (
    counted_again,
    fen,
    fresh_code,
    mint,
    order,
    redeemed,
    shop,
    till,
    winner,
)
from tests.tables import rows

OFFERS = rows("""
    order     merchant  platform  net       outcome
    1,100.00  80        30        990.00    below_threshold
    1,110.00  80        30        1,000.00  accepted
    1,000.00  -         -         1,000.00  accepted
    999.99    -         -         999.99    below_threshold
    1,000.01  0.01      -         1,000.00  accepted
""")


@pytest.mark.requirement("R1.2")
async def test_the_threshold_is_held_against_what_is_left_after_all_offers(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    async with visit(house) as client:
        for case in OFFERS:
            who = await winner(house, campaign)
            bill = order(case["order"], case["merchant"], case["platform"])
            code = await fresh_code(client, who)
            quote = await client.post(
                "/api/v1/till/quotes", json={"code": code, **bill}, headers=at.headers
            )
            lock = await till(client, at, "locks", code=code, **bill)
            if case["outcome"] != "accepted":
                assert quote.status_code == lock.status_code == 422
                assert quote.json()["code"] == lock.json()["code"] == case["outcome"]
                assert quote.json()["zh"] == "扣除优惠后的金额没有达到使用门槛。"
                continue
            told = lock.json()
            assert {key: told[key] for key in quote.json()} == quote.json()
            assert told["net_fen"] == fen(case["net"])
            assert told["discount_fen"] == 20_000
            assert told["to_pay_fen"] == fen(case["net"]) - 20_000
    await counted_again(house, campaign)


@pytest.mark.requirement("R2.4")
async def test_a_partial_refund_gives_customer_and_fund_their_parts(database: Database) -> None:
    """Order 1,000, voucher 200, paid 800, goods for 300 come back: 240 and 60."""
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        redemption = await redeemed(client, at, who)
        path = f"redemptions/{redemption}/refunds"
        refund = await till(client, at, path, amount_fen=30_000)
        story = await client.get(f"/api/v1/vouchers/{who.serial}", headers=who.headers)
        again = await mint(client, who)
        today = await client.get("/api/v1/till/today", headers=at.headers)
    assert refund.status_code == 201, refund.text
    told = refund.json()
    assert (told["to_consumer_fen"], told["to_fund_fen"]) == (24_000, 6_000)
    assert (told["refunded_fen"], told["left_fen"]) == (30_000, 70_000)
    assert story.json()["state"] == "redeemed"
    assert again.json()["code"] == "already_redeemed"
    assert today.json()["refunded_fen"] == 30_000
    assert today.json()["items"][0]["state"] == "partly_refunded"
    stands = await counted_again(house, campaign)
    assert stands["payable", 0, str(at.merchant_id)] == 14_000
    assert stands["returned", 0, ""] == 6_000
