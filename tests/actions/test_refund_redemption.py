"""Refunds: customer and fund get their parts to the fen, whatever the steps, before and after
settlement, under each of the four policies."""

import random
from fractions import Fraction

import pytest

from huiquan.actions.settle_day import DaySettled, settle_day
from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.actions.tills import fresh, lock, redeemed, refund
from tests.houses import House, make_house, publish, source_of_2026
from tests.shops import YICHANG, counted_again, fen, new_key, shop, winner
from tests.tables import rows

# Voucher 200 off 1,000. Each step is the value of goods that come back, then who gets what.
STEPS = rows("""
    order     steps                   to_customer             to_fund               left
    1,000.00  300                     240                     60                    700.00
    1,000.00  1000                    800                     200                   0.00
    1,000.00  300 300 400             240 240 320             60 60 80              0.00
    1,000.00  0.01 0.01 0.01 999.97   0.01 0.01 0 799.98      0 0 0.01 199.99       0.00
    1,000.00  0.02 0.03               0.02 0.02               0 0.01                999.95
    1,234.56  333.33 333.33 567.90    279.33 279.33 475.90    54 54 92              0.00
    3,000.00  9                       8.40                    0.60                  2,991.00
    1,000.00  2.50 2.50               2 2                     0.50 0.50             995.00
""")


SETTLED_NEXT_DAY = ("settlement_hold_days = 7", "settlement_hold_days = 1")


def parts(text: str) -> list[int]:
    return [fen(word) for word in text.split()]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", STEPS, ids=lambda case: f"{case['order']}: {case['steps']}")
async def test_goods_that_come_back_are_split_in_proportion_to_the_fen(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    paid = await redeemed(house, at, who, fen(case["order"]))
    done = [await refund(house, at, paid.redemption_id, amount) for amount in parts(case["steps"])]
    refunds = [one for one in done if isinstance(one, Refund)]
    assert len(refunds) == len(done), done
    assert [one.to_consumer_fen for one in refunds] == parts(case["to_customer"])
    assert [one.to_fund_fen for one in refunds] == parts(case["to_fund"])
    assert refunds[-1].left_fen == fen(case["left"])
    stands = await counted_again(house, campaign)
    assert stands["returned", 0, ""] == sum(parts(case["to_fund"]))
    assert stands["payable", 0, str(at.merchant_id)] == 20_000 - sum(parts(case["to_fund"]))


@pytest.mark.requirement("R2.4")
async def test_whatever_the_steps_the_last_refund_leaves_nothing_over(database: Database) -> None:
    """Counted again with exact fractions: at every step the fund has its share, half up."""
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    chance = random.Random(15)
    for _ in range(12):
        order_fen = chance.randint(100_000, 500_000)
        paid = await redeemed(house, at, await winner(house, campaign), order_fen)
        rest, back = order_fen, 0
        while rest:
            amount_fen = chance.randint(max(1, rest // 9), rest)
            done = await refund(house, at, paid.redemption_id, amount_fen)
            assert isinstance(done, Refund), done
            rest -= amount_fen
            back += done.to_fund_fen
            share = Fraction(20_000 * (order_fen - rest), order_fen)
            assert back == int(share + Fraction(1, 2))
            assert done.to_consumer_fen >= 0
        assert back == 20_000
    await counted_again(house, campaign)


NOES = rows("""
    asks                          outcome
    nothing                       bad_amount
    a fen too much                refund_too_large
    at another store              other_store
    a redemption nobody made      unknown_redemption
    the 51st time                 too_many_refunds
""")


@pytest.mark.requirement("R2.8")
@pytest.mark.parametrize("case", NOES, ids=lambda case: case["asks"])
async def test_which_refunds_are_refused(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    other = await shop(house, campaign, "yichang", city=YICHANG)
    name = (await redeemed(house, at, who)).redemption_id
    amount_fen = {"nothing": 0, "a fen too much": 100_001}.get(case["asks"], 1)
    if case["asks"] == "the 51st time":
        for _ in range(50):
            assert isinstance(await refund(house, at, name, 1), Refund)
    if case["asks"] == "a redemption nobody made":
        name = "R" + name[1:-3] + "99-X"
    reporter = other if case["asks"] == "at another store" else at
    assert await refund(house, reporter, name, amount_fen) == case["outcome"]
    await counted_again(house, campaign)


async def test_the_same_request_gives_the_same_refund(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who, key = await shop(house, campaign), await winner(house, campaign), new_key()
    name = (await redeemed(house, at, who)).redemption_id
    first = await refund(house, at, name, 30_000, key)
    assert isinstance(await refund(house, at, name, 10_000), Refund)
    assert await refund(house, at, name, 30_000, key) == first
    assert await refund(house, at, name, 30_001, key) is Refusal.REQUEST_KEY_REUSED
    await counted_again(house, campaign)


async def settled_next_day(house: House, campaign: Campaign) -> None:
    """The day after, what is due is handed to the bank."""
    house.clock.move(days=1)
    done = await settle_day(house.app, campaign.code)
    assert isinstance(done, DaySettled), done
    assert done.merchant_count == 1


@pytest.mark.requirement("R2.4")
async def test_after_settlement_the_merchant_owes_the_fund_its_part(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house, source_of_2026(SETTLED_NEXT_DAY))
    at, who = await shop(house, campaign), await winner(house, campaign)
    paid = await redeemed(house, at, who)
    await settled_next_day(house, campaign)
    done = await refund(house, at, paid.redemption_id, 30_000)
    assert isinstance(done, Refund), done
    assert (done.is_late, done.to_fund_fen) == (True, 6_000)
    stands = await counted_again(house, campaign)
    merchant = str(at.merchant_id)
    assert stands["receivable", -1, merchant] == stands["recovering", -1, merchant] == 6_000
    assert stands["settling", -1, merchant] == 20_000
    assert stands["returned", 0, ""] == 0


POLICIES = rows("""
    policy                          refund  settled  voucher   to_fund  reserved
    money_pro_rata                  1000    no       redeemed  200      0
    voucher_back_if_full            1000    no       held      200      200
    voucher_back_if_full            1000    yes      redeemed  200      0
    voucher_back_if_full            300     no       redeemed  60       0
    voucher_back_if_full_else_pool  1000    no       held      200      200
    voucher_back_if_full_else_pool  300     no       redeemed  200      0
    voucher_back_if_full_else_lost  1000    no       held      200      200
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", POLICIES, ids=lambda case: " ".join(case.values()))
async def test_each_refund_policy_in_use_in_the_country(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    policy = ('refund_policy = "money_pro_rata"', f'refund_policy = "{case["policy"]}"')
    campaign = await publish(house, source_of_2026(policy, SETTLED_NEXT_DAY))
    at, who = await shop(house, campaign), await winner(house, campaign)
    paid = await redeemed(house, at, who)
    if case["settled"] == "yes":
        await settled_next_day(house, campaign)
    done = await refund(house, at, paid.redemption_id, fen(case["refund"]))
    assert isinstance(done, Refund), done
    assert done.to_fund_fen == fen(case["to_fund"])
    async with house.app.db.reading() as tx:
        assert await tx.fetchval("select state from vouchers") == case["voucher"]
    stands = await counted_again(house, campaign)
    assert stands["reserved", 0, ""] == fen(case["reserved"])


async def test_a_voucher_that_came_back_is_spent_again_like_any_other(database: Database) -> None:
    house = make_house(database)
    policy = ('refund_policy = "money_pro_rata"', 'refund_policy = "voucher_back_if_full"')
    campaign = await publish(house, source_of_2026(policy))
    at, who = await shop(house, campaign), await winner(house, campaign)
    first = await redeemed(house, at, who)
    assert isinstance(await refund(house, at, first.redemption_id, 100_000), Refund)
    assert await refund(house, at, first.redemption_id, 1) is Refusal.REFUND_TOO_LARGE
    second = await redeemed(house, at, who)
    assert second.lock_no == 2
    await counted_again(house, campaign)


async def test_a_voucher_does_not_come_back_after_its_validity(database: Database) -> None:
    house = make_house(database)
    policy = ('refund_policy = "money_pro_rata"', 'refund_policy = "voucher_back_if_full"')
    campaign = await publish(house, source_of_2026(policy))
    at, who = await shop(house, campaign), await winner(house, campaign)
    paid = await redeemed(house, at, who)
    house.clock.now = who.voucher.valid_until
    done = await refund(house, at, paid.redemption_id, 100_000)
    assert isinstance(done, Refund), done
    assert not done.voucher_returns
    stands = await counted_again(house, campaign)
    assert (stands["reserved", 0, ""], stands["returned", 0, ""]) == (0, 20_000)


async def test_a_suspended_store_still_takes_goods_back(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    other = await winner(house, campaign)
    paid = await redeemed(house, at, who)
    code = (await fresh(house, other)).digits
    async with house.app.db.transaction() as tx:
        await tx.execute("update stores set state = 'suspended'")
    assert await lock(house, at, code) is Refusal.STORE_NOT_OPEN
    assert isinstance(await refund(house, at, paid.redemption_id, 100_000), Refund)
    await counted_again(house, campaign)
