"""Opening a store: where it stands, what it takes, who works there."""

from dataclasses import replace

import pytest

from huiquan.actions.open_store import OpenedStore, open_store
from huiquan.db.at_till import store_for
from huiquan.db.connection import Database
from huiquan.domain.coordinates import Datum, wgs84_to_gcj02
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Channel
from huiquan.domain.tills import Till
from tests.houses import make_house, new_store, publish


@pytest.mark.requirement("R3.3")
async def test_a_stores_city_follows_from_its_point_in_either_datum(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    true = await open_store(house.app, campaign, new_store(1), "test")
    lat, lng = wgs84_to_gcj02(new_store(2).lat, new_store(2).lng)
    drawn = replace(new_store(2), lat=lat, lng=lng, datum=Datum.GCJ02)
    shifted = await open_store(house.app, campaign, drawn, "test")
    assert isinstance(true, OpenedStore)
    assert isinstance(shifted, OpenedStore)
    assert (true.city, true.county) == (shifted.city, shifted.county) == ("420100", "420103")
    async with house.app.db.reading() as tx:
        points = await tx.fetch("select round(lat::numeric, 6), round(lng::numeric, 6) from stores")
    assert points[0] == points[1], "both are kept in WGS-84"


async def test_a_store_is_opened_once_and_its_merchant_kept_once(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    first = await open_store(house.app, campaign, new_store(1), "test")
    again = await open_store(house.app, campaign, new_store(1), "test")
    second = await open_store(house.app, campaign, new_store(2), "test")
    assert isinstance(first, OpenedStore)
    assert again == replace(first, is_new=False)
    assert isinstance(second, OpenedStore)
    assert second.merchant_id == first.merchant_id
    assert second.store_id != first.store_id


async def test_a_store_that_cannot_take_part_is_refused_and_leaves_nothing(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await open_store(house.app, campaign, new_store(1), "test")
    changes = {
        Refusal.UNKNOWN_PACK: {"packs": (2, 9)},
        Refusal.MIXED_CHANNELS: {"packs": (1, 2)},
        Refusal.OUTSIDE_AREA: {"lat": 28.228, "lng": 112.939},
        Refusal.LOGIN_TAKEN: {"login": new_store(1).login},
    }
    for refusal, change in changes.items():
        new = replace(new_store(2), uscc="91420100000000000X", **change)
        assert await open_store(house.app, campaign, new, "test") is refusal
    async with house.app.db.reading() as tx:
        assert await tx.fetchval("select count(*) from stores") == 1
        assert await tx.fetchval("select count(*) from merchants") == 1


async def test_a_doubtful_credit_code_is_a_warning_not_a_refusal(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    answer = await open_store(
        house.app, campaign, replace(new_store(1), uscc="91420100123456789A"), "test"
    )
    assert isinstance(answer, OpenedStore)
    assert answer.is_uscc_doubtful


@pytest.mark.requirement("R1.2")
async def test_a_store_that_takes_the_online_pack_is_an_online_store(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    online = await open_store(house.app, campaign, new_store(1, packs=(1,)), "test")
    on_the_spot = await open_store(house.app, campaign, new_store(2), "test")
    assert isinstance(online, OpenedStore)
    assert isinstance(on_the_spot, OpenedStore)
    async with house.app.db.reading() as tx:
        desks = [
            await store_for(tx, Till(store_id=one.store_id, cashier_id=0), campaign.campaign_id)
            for one in (online, on_the_spot)
        ]
    assert [desk.channel for desk in desks] == [Channel.ONLINE, Channel.OFFLINE]
