"""At the till, through real messages: from the code on the phone to the money back in the fund."""

import httpx
import pytest

from huiquan.db.connection import Database
from huiquan.domain.money import yuan
from huiquan.settings import Settings
from tests.houses import make_house, publish, visit
from tests.shops import (
    Shop,
    counted_again,
    fen,
    fresh_code,
    let_win,
    locked,
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
                for refused in (quote.json(), lock.json()):
                    assert refused["detail"] == {
                        "threshold_fen": 100_000,
                        "net_fen": fen(case["net"]),
                        "missing_fen": 100_000 - fen(case["net"]),
                    }
                    for sum_fen in refused["detail"].values():
                        assert f" {yuan(sum_fen)} 元" in refused["zh"]
                        assert f" {yuan(sum_fen)} yuan" in refused["en"]
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


@pytest.mark.requirement("R5.3")
async def test_the_holder_sees_every_amount_that_moved(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    stranger = await winner(house, campaign)
    path = f"/api/v1/vouchers/{who.serial}"
    async with visit(house) as client:
        house.clock.move(minutes=1)
        lock = await locked(client, at, who, "1110", merchant="80", platform="30")
        busy = await client.get(path, headers=who.headers)
        house.clock.move(minutes=1)
        paid = await till(client, at, f"locks/{lock}/redeem", payment_ref="pay-1")
        house.clock.move(days=1)
        back = f"redemptions/{paid.json()['redemption']}/refunds"
        await till(client, at, back, amount_fen=30_000)
        story = await client.get(path, headers=who.headers)
        wallet = await client.get("/api/v1/vouchers", headers=who.headers)
        nosy = await client.get(path, headers=stranger.headers)
    assert busy.json()["state"] == "locked"
    told = story.json()
    history, (order,) = told.pop("history"), told.pop("orders")
    sums = ("order_fen", "offers_fen", "net_fen", "discount_fen", "to_pay_fen")
    assert [order[name] for name in sums] == [111_000, 11_000, 100_000, 20_000, 80_000]
    assert order["redemption"] == paid.json()["redemption"]
    assert busy.json()["orders"] == []
    assert [(line["kind"], line["amount_fen"]) for line in history] == [
        ("issued", 20_000),
        ("locked", None),
        ("redeemed", 20_000),
        ("refunded", 30_000),
    ]
    assert history[2]["at"] == told["redeemed_at"] == "2026-02-06T10:32:00+08:00"
    for amount in ("1,110.00", "110.00", "1,000.00", "200.00", "800.00"):
        assert amount in history[2]["zh"]
        assert amount in history[2]["en"]
    assert (told["state"], told["refunded_fen"]) == ("redeemed", 30_000)
    assert (told["valid_until"], told["channel"]) == ("2026-02-13T00:00:00+08:00", "offline")
    assert wallet.json() == {"items": [told]}
    assert (nosy.status_code, nosy.json()["code"]) == (403, "not_your_voucher")


async def test_a_wallet_shows_the_newest_first_and_what_is_over_as_over(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign, tier=4)
    house.clock.move(days=6)
    await let_win(house, campaign, who.registrant)
    house.clock.move(days=1)
    async with visit(house) as client:
        answer = await client.get("/api/v1/vouchers", headers=who.headers)
        late = await mint(client, who)
    items = answer.json()["items"]
    assert [(one["face_fen"], one["state"]) for one in items] == [
        (20_000, "held"),
        (5_000, "expired"),
    ]
    assert late.json()["code"] == "voucher_expired"


@pytest.mark.requirement("R2.8")
async def test_a_stores_day_is_a_shanghai_day_of_that_store_alone(database: Database) -> None:
    """Redeemed on the 6th, refunded on the 7th: each stands in the day on which it happened."""
    house = make_house(database)
    campaign = await publish(house)
    at, other = await shop(house, campaign), await shop(house, campaign, "yichang")
    first, second, third = [await winner(house, campaign) for _ in range(3)]

    async def day(client: httpx.AsyncClient, of: Shop) -> list[int]:
        answer = await client.get("/api/v1/till/today", headers=of.headers)
        told = answer.json()
        names = ("day", "redeemed_count", "discount_fen", "order_fen", "refunded_count")
        return [*(told[name] for name in names), told["refunded_fen"], len(told["items"])]

    async with visit(house) as client:
        house.clock.now = house.clock.now.replace(hour=23, minute=59)
        redemption = await redeemed(client, at, first, "1500", merchant="100")
        await redeemed(client, other, second, "2000")
        assert await day(client, at) == [20260206, 1, 20_000, 150_000, 0, 0, 1]
        house.clock.move(minutes=1)
        assert await day(client, at) == [20260207, 0, 0, 0, 0, 0, 0]
        await till(client, at, f"redemptions/{redemption}/refunds", amount_fen=140_000)
        await redeemed(client, at, third, "1000")
        assert await day(client, at) == [20260207, 1, 20_000, 100_000, 1, 140_000, 1]
        assert await day(client, other) == [20260207, 0, 0, 0, 0, 0, 0]


async def test_a_redemption_is_shown_with_its_refunds_to_its_own_store(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, other = await shop(house, campaign), await shop(house, campaign, "yichang")
    who = await winner(house, campaign)
    async with visit(house) as client:
        redemption = await redeemed(client, at, who)
        path = f"/api/v1/till/redemptions/{redemption}"
        states, refunds = [], []
        for amount_fen in (30_000, 70_000):
            before = await client.get(path, headers=at.headers)
            states.append(before.json()["state"])
            done = await till(
                client, at, f"redemptions/{redemption}/refunds", amount_fen=amount_fen
            )
            refunds.append(done.json())
        after = await client.get(path, headers=at.headers)
        nosy = await client.get(path, headers=other.headers)
    assert [*states, after.json()["state"]] == ["redeemed", "partly_refunded", "refunded"]
    assert after.json()["refunds"] == refunds
    assert refunds[-1]["left_fen"] == 0
    assert (nosy.status_code, nosy.json()["code"]) == (403, "other_store")


async def test_a_quote_uses_nothing_up(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        code = await fresh_code(client, who)
        for _ in range(3):
            quote = await client.post(
                "/api/v1/till/quotes", json={"code": code, **order("1000")}, headers=at.headers
            )
            assert quote.status_code == 200, quote.text
        lock = await till(client, at, "locks", code=code, **order("1000"))
    assert lock.status_code == 201, lock.text
    assert quote.json()["pack_zh"] == "“马”上团圆·餐饮大礼包"
    assert lock.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("R2.5")
async def test_nobody_can_try_out_codes_at_a_till(database: Database) -> None:
    """Thirty scans at once, then one a second: of a thousand million codes few are live."""
    house = make_house(database, settings=Settings(rate_limits=True))
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    async with visit(house) as client:
        tried = [
            await till(client, at, "locks", code=f"{number * 1024:012}", **order("1000"))
            for number in range(40)
        ]
        code = await fresh_code(client, who)
        barred = await till(client, at, "locks", code=code, **order("1000"))
        house.clock.move(seconds=int(barred.headers["Retry-After"]))
        served = await till(client, at, "locks", code=code, **order("1000"))
    reasons = [answer.json()["code"] for answer in tried]
    assert reasons == ["code_unknown"] * 30 + ["too_many_requests"] * 10
    assert (barred.status_code, served.status_code) == (429, 201)
