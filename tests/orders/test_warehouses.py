"""Which warehouses are registered, and from when on they ship."""

from typing import Any

import pytest

from huiquan.actions.approve_warehouse import approve_warehouse
from huiquan.actions.close_warehouse import close_warehouse
from huiquan.actions.register_warehouse import register_warehouse
from huiquan.db.connection import Database
from huiquan.db.warehouses import WarehouseRow
from huiquan.domain.approvals import Given
from huiquan.domain.coordinates import Datum
from huiquan.domain.parcel_events import Sender
from huiquan.domain.refusals import Refusal
from tests.houses import make_house, publish, visit
from tests.online import ONLINE, ask, opening, proposed, signing, trade
from tests.shops import shop

BEIJING = {"lat": 39.9, "lng": 116.4}

PROPOSALS: list[tuple[dict[str, Any], Refusal]] = [
    ({"proof": " "}, Refusal.MALFORMED),
    ({"proof_sha256": b"short"}, Refusal.MALFORMED),
    (BEIJING, Refusal.OUTSIDE_AREA),
    ({"address": "北京市东城区和平里1号"}, Refusal.ADDRESS_OUTSIDE),
    ({"address": "湖北省武汉市江汉路1号"}, Refusal.ADDRESS_UNCLEAR),
    ({"address": "湖北省武汉市洪山区珞喻路1号"}, Refusal.WAREHOUSE_PLACE_DIFFERS),
    ({"store": "nowhere"}, Refusal.UNKNOWN_STORE),
    ({"operator": "nobody"}, Refusal.UNKNOWN_ACQUIRER),
    ({"operator": "carrier"}, Refusal.UNKNOWN_ACQUIRER),
]


@pytest.mark.requirement("R3.7")
async def test_which_warehouses_are_registered(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    await shop(house, campaign, "online", packs=(ONLINE,))
    await signing(house, "keeper", Sender.WAREHOUSE)
    await signing(house, "carrier", Sender.CARRIER)
    for changes, refusal in PROPOSALS:
        assert await register_warehouse(house.app, proposed(**changes), "test") is refusal
    kept = await register_warehouse(house.app, proposed(), "test")
    assert isinstance(kept, WarehouseRow)
    assert (kept.county, kept.state) == ("420103", "proposed")
    assert await register_warehouse(house.app, proposed(), "test") is Refusal.WAREHOUSE_KNOWN
    from_a_map = await register_warehouse(house.app, proposed("wh-map", datum=Datum.GCJ02), "test")
    assert isinstance(from_a_map, WarehouseRow)
    shifted = abs(from_a_map.lat - kept.lat) + abs(from_a_map.lng - kept.lng)
    assert (from_a_map.told_datum, 0.003 < shifted < 0.02) == ("gcj02", True)


@pytest.mark.requirement("R3.7")
async def test_a_warehouse_ships_once_two_people_have_approved_it(database: Database) -> None:
    house = make_house(database)
    at = await trade(house, await publish(house))
    row = await register_warehouse(house.app, proposed("wh-2"), "test")
    assert isinstance(row, WarehouseRow)
    async with visit(house) as client:

        async def tried() -> str:
            message = opening("o-1", "123456789012", warehouse="wh-2")
            return str((await ask(client, at.platform, "orders", **message)).json()["code"])

        async with house.app.db.reading() as tx:
            ops, dept = await tx.fetchrow("select min(staff_id), max(staff_id) from staff")
        assert await tried() == "warehouse_not_open"
        first = await approve_warehouse(house.app, row.warehouse_id, ops)
        assert isinstance(first, Given)
        assert not first.is_complete
        again = await approve_warehouse(house.app, row.warehouse_id, ops)
        assert again is Refusal.ALREADY_APPROVED_BY_YOU
        assert await tried() == "warehouse_not_open"
        last = await approve_warehouse(house.app, row.warehouse_id, dept)
        assert isinstance(last, Given)
        assert last.is_complete
        assert await tried() == "code_unknown"
        after = await approve_warehouse(house.app, row.warehouse_id, dept)
        assert after is Refusal.WAREHOUSE_DECIDED
        assert await close_warehouse(house.app, row.warehouse_id, "退租", "test") is True
        assert await close_warehouse(house.app, row.warehouse_id, "退租", "test") is False
        assert await close_warehouse(house.app, 99, "退租", "test") is Refusal.UNKNOWN_WAREHOUSE
        message = opening("o-2", "123456789012", warehouse="wh-2")
        refused = await ask(client, at.platform, "orders", **message)
        assert refused.json()["code"] == "warehouse_not_open"
