"""One voucher an order, no split bills, one's own account, asked through the real doors."""

import pytest

from huiquan.db.connection import Database
from huiquan.domain.campaigns import Campaign
from tests.acquirers import lock, machine, redeem
from tests.houses import House, make_house, publish, source_of_2026, visit
from tests.shops import (
    Winner,
    counted_again,
    fresh_code,
    let_win,
    order,
    shop,
    winner,
)


async def two_vouchers(house: House, campaign: Campaign) -> tuple[Winner, Winner]:
    """Somebody who won yesterday and today."""
    first = await winner(house, campaign)
    house.clock.move(days=1)
    second = await let_win(house, campaign, first.registrant)
    return first, Winner(
        campaign_id=campaign.campaign_id,
        registrant=first.registrant,
        voucher=second,
        headers=first.headers,
    )


@pytest.mark.requirement("R2.5")
@pytest.mark.parametrize("on_repeat", ["flag", "refuse"])
async def test_a_bill_that_was_split_in_two_is_noted_or_refused(
    database: Database, on_repeat: str
) -> None:
    house = make_house(database)
    campaign = await publish(
        house, source_of_2026(('on_repeat = "flag"', f'on_repeat = "{on_repeat}"'))
    )
    await shop(house, campaign)
    at, both = await machine(house), await two_vouchers(house, campaign)
    async with visit(house) as client:
        await lock(client, at, both[0], "o-1")
        assert (await redeem(client, at, "o-1", "p-1")).status_code == 201
        house.clock.move(minutes=9)
        code = await fresh_code(client, both[1])
        asked = {"order_ref": "o-2", "store": "jianghan", "code": code, **order("1000")}
        second = await at.post(client, "locks", **asked)
        assert (second.status_code == 201) == (on_repeat == "flag"), second.text
        if on_repeat == "refuse":
            assert second.json()["code"] == "order_repeated"
            house.clock.move(minutes=1)
            await lock(client, at, both[1], "o-3")
    async with house.app.db.reading() as tx:
        noted = await tx.fetchval("select count(*) from locks where is_repeat")
        audited = await tx.fetchval("select count(*) from audit where detail ? 'is_repeat'")
    assert noted == audited == (on_repeat == "flag")
    await counted_again(house, campaign)


async def test_one_number_of_an_order_and_of_a_payment_stands_for_one_voucher(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at = await machine(house)
    who, other = await winner(house, campaign), await winner(house, campaign, lane=1)
    async with visit(house) as client:
        await lock(client, at, who, "o-1")
        asked = {"order_ref": "o-1", "store": "jianghan", **order("1000")}
        more = await at.post(client, "locks", code=await fresh_code(client, other), **asked)
        assert more.json()["code"] == "request_key_reused"
        await lock(client, at, other, "o-2")
        assert (await redeem(client, at, "o-1", "p-1")).status_code == 201
        again = await redeem(client, at, "o-2", "p-1")
        assert again.json()["code"] == "request_key_reused"
    await counted_again(house, campaign)


async def test_somebody_elses_payment_does_not_spend_the_voucher(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign)
    at, who = await machine(house), await winner(house, campaign)
    async with visit(house) as client:
        await lock(client, at, who, "o-1")
        body = {"order_ref": "o-1", "payment_ref": "p-1", "paid_fen": 80_000}
        other = await at.post(client, "redemptions", paid_by="other", **body)
        assert other.json()["code"] == "not_own_account"
        less = await at.post(client, "redemptions", **{**body, "paid_fen": 79_999})
        assert less.json()["code"] == "amount_differs"
        own = await at.post(client, "redemptions", paid_by="holder", **body)
        assert own.status_code == 201, own.text
    await counted_again(house, campaign)
