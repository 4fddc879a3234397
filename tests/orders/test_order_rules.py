"""Where a voucher of the online pack may be used: in an order, and at no desk."""

import pytest

from huiquan.actions.run_checks import run_checks
from huiquan.db.connection import Database
from tests.houses import make_house, publish, visit
from tests.online import TOP_ONLINE, ask, opening, ordered, trade
from tests.shops import fresh_code, order, till, winner


@pytest.mark.requirement("R3.7")
@pytest.mark.requirement("R1.2")
async def test_an_online_voucher_is_used_in_its_order_alone(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    at = await trade(house, campaign)
    who = await winner(house, campaign, tier=TOP_ONLINE)
    async with visit(house) as client:
        code = await fresh_code(client, who)
        desk = await till(client, at.shop, "locks", code=code, **order("800"))
        assert desk.json()["code"] == "order_needed"
        asked = {"store": "online", "code": code, **order("800")}
        without = await at.platform.post(client, "locks", order_ref="o-1", **asked)
        assert without.json()["code"] == "order_needed"
        lapsed = opening("o-2", "123456789012")
        assert (await ask(client, at.platform, "orders", **lapsed)).json()["code"] == "code_unknown"
        other = {**asked, **order("900")}
        differs = await at.platform.post(client, "locks", order_ref="o-2", **other)
        assert differs.json()["code"] == "order_needed"
        answer = await ask(client, at.platform, "orders", **opening("o-2", code))
        assert answer.status_code == 201, answer.text
        await ordered(client, at, lane=1)
    failed = {one.name for one in (await run_checks(house.app)).failed}
    assert {name for name in failed if name.startswith(("o1", "o2", "o3"))} == set()
