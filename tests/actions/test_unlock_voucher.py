"""Giving a lock up: the voucher is held again, and nothing can be paid under that lock."""

import pytest

from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.db.connection import Database
from huiquan.domain.redemptions import Unlock
from huiquan.domain.refusals import Refusal
from tests.actions.tills import locked, redeem, redeemed, unlock
from tests.houses import make_house, publish
from tests.shops import YICHANG, counted_again, new_key, shop, winner
from tests.tables import rows

ENDS = rows("""
    lock             by       outcome
    open             its own  released
    past its time    its own  released
    noted as lapsed  its own  released
    open             another  other_store
    released before  its own  lock_released
    redeemed         its own  already_redeemed
    followed by one  its own  lock_expired
    expired voucher  its own  voucher_expired
    unknown          its own  unknown_lock
""")


@pytest.mark.requirement("R5.3")
@pytest.mark.parametrize("case", ENDS, ids=lambda case: " ".join(case.values()))
async def test_which_locks_may_be_given_up(database: Database, case: dict[str, str]) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, other = await shop(house, campaign), await shop(house, campaign, "yichang", city=YICHANG)
    who = await winner(house, campaign)
    name = (await locked(house, at, who)).lock_id
    match case["lock"]:
        case "past its time":
            house.clock.move(seconds=301)
        case "noted as lapsed":
            house.clock.move(seconds=301)
            await expire_vouchers(house.app, campaign.code)
        case "released before":
            await unlock(house, at, name)
        case "redeemed":
            await redeem(house, at, name)
        case "followed by one":
            house.clock.move(seconds=301)
            await locked(house, other, who)
        case "expired voucher":
            house.clock.now = who.voucher.valid_until
            await expire_vouchers(house.app, campaign.code)
        case "unknown":
            name = "L001-0000-000000099-01-X"
    outcome = await unlock(house, at if case["by"] == "its own" else other, name)
    if case["outcome"] != "released":
        assert outcome == case["outcome"]
    else:
        assert isinstance(outcome, Unlock), outcome
        assert await redeem(house, at, name) is Refusal.LOCK_RELEASED
        await redeemed(house, other, who)
    await counted_again(house, campaign)


async def test_the_same_request_gives_the_same_answer_although_the_voucher_moved_on(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who, key = await shop(house, campaign), await winner(house, campaign), new_key()
    name = (await locked(house, at, who)).lock_id
    first = await unlock(house, at, name, key)
    second = (await locked(house, at, who)).lock_id
    assert await unlock(house, at, name, key) == first
    assert await unlock(house, at, second, key) is Refusal.REQUEST_KEY_REUSED
    assert await redeem(house, at, second, key=key) is Refusal.REQUEST_KEY_REUSED
