"""Stores: who finds which, and in which order."""

import pytest

from huiquan.actions.open_store import OpenedStore, open_store
from huiquan.db.connection import Database
from tests.houses import make_house, new_store, publish, sign_in_till, visit
from tests.tables import rows

# One degree of latitude is 111.195 km on a sphere of 6,371 km.
STORES = rows("""
    n   name        lat       lng        packs
    1   Jianghan    30.5806   114.2867   2,3
    2   Wuchang     30.5406   114.3067   2
    3   Enshi       30.272    109.488    3
    4   Shiyan      32.629    110.798    2,3
""")

SEARCHES = rows("""
    query                        found                          total
    -                            Enshi Jianghan Shiyan Wuchang  4
    city=420100                  Jianghan Wuchang               2
    city=430100                  -                              0
    pack=3                       Enshi Jianghan Shiyan          3
    pack=1                       -                              0
    pack=3&city=420100           Jianghan                       1
    lat=30.55&lng=114.30         Wuchang Jianghan Shiyan Enshi  4
    lat=30.3&lng=109.5&pack=3    Enshi Shiyan Jianghan          3
    most=1                       Enshi                          4
    most=2&skip=3                Wuchang                        4
    skip=9                       -                              4
""")


@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R3.3")
async def test_stores_are_found_by_city_and_pack_and_the_nearest_comes_first(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    for case in STORES:
        new = new_store(
            int(case["n"]),
            name=case["name"],
            lat=float(case["lat"]),
            lng=float(case["lng"]),
            packs=[int(pack) for pack in case["packs"].split(",")],
        )
        assert isinstance(await open_store(house.app, campaign, new, "test"), OpenedStore)
    async with visit(house) as client:
        for case in SEARCHES:
            answer = await client.get(f"/api/v1/stores?{case['query']}")
            told = answer.json()
            names = " ".join(store["name"] for store in told["items"])
            assert (case["query"], names, told["total"]) == (
                case["query"],
                case["found"],
                int(case["total"]),
            )


async def test_distances_are_those_of_a_sphere(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await open_store(house.app, campaign, new_store(1, lat=30.5, lng=114.3), "test")
    async with visit(house) as client:
        for query, metres in {
            "city=420100": None,
            "lat=30.5&lng=114.3": 0,
            "lat=30.51&lng=114.3": 1_112,
            "lat=31.5&lng=114.3": 111_195,
            "lat=30.5&lng=114.31": 958,
        }.items():
            (store,) = (await client.get(f"/api/v1/stores?{query}")).json()["items"]
            assert store["distance_m"] == metres


IN_JIANGHAN = {
    "city_zh": "武汉市",
    "city_en": "Wuhan",
    "county_zh": "江汉区",
    "county_en": "Jianghan District",
}


async def test_a_closed_store_and_a_pack_that_ended_are_not_shown(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        told = await sign_in_till(house, client, campaign, 1)
        await sign_in_till(house, client, campaign, 2)
        assert told["cashier"] == "小陈"
        assert told["store"]["packs"] == [2, 3]
        assert {key: told["store"][key] for key in IN_JIANGHAN} == IN_JIANGHAN
        assert told["expires_at"] == "2026-02-07T00:30:00+08:00"
        async with house.app.db.transaction() as tx:
            await tx.execute("update stores set state = 'suspended' where code = 'store-1'")
            await tx.execute("update store_packs set open_until = $1", house.clock.now)
            await tx.execute("update store_packs set open_until = null where pack = 3")
        page = (await client.get("/api/v1/stores")).json()
    assert [(store["name"], store["packs"]) for store in page["items"]] == [("江汉路2号店", [3])]
    assert [{key: store[key] for key in IN_JIANGHAN} for store in page["items"]] == [IN_JIANGHAN]
