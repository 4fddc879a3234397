"""Expiry: at 24:00 of its last day a voucher ends, and its money is the fund's again."""

from datetime import timedelta

import pytest

from huiquan.actions.expire_vouchers import expire_vouchers
from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from tests.actions.tills import locked, redeem, redeemed
from tests.houses import House, make_house, publish
from tests.shops import counted_again, shop, winner
from tests.tables import rows


async def states(house: House) -> list[str]:
    async with house.app.db.reading() as tx:
        found = await tx.fetch("select state from vouchers order by lane, idx")
    return [row["state"] for row in found]


@pytest.mark.requirement("R2.4")
async def test_a_voucher_expires_at_24_00_of_its_seventh_day_and_not_before(
    database: Database,
) -> None:
    """Won on 6 February: good until 24:00 of the 12th."""
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign)
    before = await counted_again(house, campaign)
    house.clock.now = who.voucher.valid_until - timedelta(microseconds=1)
    assert await expire_vouchers(house.app, campaign.code) == 0
    assert await states(house) == ["held"]
    house.clock.now = who.voucher.valid_until
    assert await expire_vouchers(house.app, campaign.code) == 1
    assert await states(house) == ["expired"]
    after = await counted_again(house, campaign)
    assert before["reserved", 0, ""] - after["reserved", 0, ""] == 20_000
    assert after["returned", 0, ""] == 20_000


@pytest.mark.requirement("R2.4")
async def test_expiring_again_changes_nothing(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    who = await winner(house, campaign)
    house.clock.now = who.voucher.valid_until
    assert [await expire_vouchers(house.app, campaign.code) for _ in range(3)] == [1, 0, 0]
    async with house.app.db.reading() as tx:
        noted = await tx.fetch("select detail from audit where tag = 'vouchers:expired'")
        booked = await tx.fetch("select ref from transfers where kind = 'expire'")
    assert [row["detail"]["count"] for row in noted] == [1]
    assert [row["ref"] for row in booked] == [who.serial]


STATES = rows("""
    voucher                  after   becomes
    held                     7 days  expired
    locked                   5 min   held
    locked                   7 days  expired
    redeemed                 7 days  redeemed
    held                     5 min   held
    locked                   4 min   locked
""")


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("case", STATES, ids=lambda case: " ".join(case.values()))
async def test_what_becomes_of_vouchers_and_of_locks_left_open(
    database: Database, case: dict[str, str]
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    if case["voucher"] == "locked":
        await locked(house, at, who)
    if case["voucher"] == "redeemed":
        await redeemed(house, at, who)
    amount, unit = case["after"].split()
    house.clock.move(**{"days" if unit == "days" else "minutes": int(amount)})
    await expire_vouchers(house.app, campaign.code)
    assert await states(house) == [case["becomes"]]
    async with house.app.db.reading() as tx:
        open_locks = await tx.fetchval("select count(*) from locks where state = 'open'")
    assert open_locks == (case["becomes"] == "locked")
    await counted_again(house, campaign)


async def test_a_lapsed_lock_is_closed_at_most_once_and_may_still_be_paid(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at, who = await shop(house, campaign), await winner(house, campaign)
    taken = await locked(house, at, who)
    house.clock.move(minutes=6)
    await expire_vouchers(house.app, campaign.code)
    await expire_vouchers(house.app, campaign.code)
    assert not isinstance(await redeem(house, at, taken.lock_id), Refusal)
    assert await states(house) == ["redeemed"]
    await counted_again(house, campaign)


async def test_one_call_ends_at_most_as_many_as_it_was_asked_to(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    everyone = [await winner(house, campaign, lane=n % 3) for n in range(7)]
    house.clock.now = everyone[0].voucher.valid_until
    counts = [await expire_vouchers(house.app, campaign.code, most=3) for _ in range(4)]
    assert counts == [3, 3, 1, 0]
    await counted_again(house, campaign)


async def test_a_campaign_that_is_none_is_refused(database: Database) -> None:
    assert await expire_vouchers(make_house(database).app, "none") is Refusal.UNKNOWN_CAMPAIGN
