"""Officials sign in; anyone fetches keys and configs; machines ask whether the house is well."""

import pytest

from huiquan.db.connection import Database
from huiquan.domain.draw_config import (
    ConfigSignatures,
    cfg_hash_of,
    decode_config,
    is_config_signed,
)
from huiquan.domain.roles import Role
from huiquan.views.people import Official
from huiquan.web.callers import city_shown_to
from tests.houses import bearer, make_house, publish, sign_in_console, visit


@pytest.mark.requirement("R5.2")
async def test_an_official_signs_in_and_sees_the_campaigns(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        told = await sign_in_console(house, client, Role.CITY_SUPERVISOR, "420100")
        page = await client.get("/api/v1/console/campaigns", headers=bearer(told["token"]))
    assert (told["name"], told["role"], told["city"]) == ("王处", "city_supervisor", "420100")
    assert told["expires_at"] == "2026-02-06T19:30:00+08:00"
    assert page.json()["items"] == [
        {
            "campaign": campaign.campaign_id,
            "name_zh": "2026年“乐购湖北 马上有礼”新春消费大礼包",
            "name_en": '2026 "Shop Hubei" New-Year consumption packs',
            "starts_on": "2026-02-02",
            "ends_on": "2026-03-31",
        }
    ]


@pytest.mark.requirement("R5.2")
def test_a_citys_official_is_shown_the_own_city_and_others_the_province() -> None:
    cities = {
        role: city_shown_to(Official(staff_id=1, name="王处", role=role, city="420100"))
        for role in Role
    }
    assert cities == {
        Role.SUPERVISOR: None,
        Role.OPERATOR: None,
        Role.CITY_SUPERVISOR: "420100",
    }


async def test_a_sign_in_that_was_taken_away_stops_at_once(database: Database) -> None:
    house = make_house(database)
    async with visit(house) as client:
        told = await sign_in_console(house, client)
        async with house.app.db.transaction() as tx:
            await tx.execute("delete from staff")
        page = await client.get("/api/v1/console/campaigns", headers=bearer(told["token"]))
    assert (page.status_code, page.json()["code"]) == (401, "unauthenticated")


@pytest.mark.requirement("R3.1")
async def test_anyone_can_check_a_config_with_what_the_house_hands_out(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        keys = (await client.get("/api/v1/public/keys")).json()
        at = f"/api/v1/public/configs/{campaign.lane_hash.hex()}"
        answer = await client.get(at)
        signed = (await client.get(f"{at}/signatures")).json()
        unknown = await client.get(f"/api/v1/public/configs/{bytes(32).hex()}/signatures")
    assert unknown.status_code == 404
    assert answer.headers["content-type"].startswith("application/json")
    assert "immutable" in answer.headers["cache-control"]
    assert cfg_hash_of(answer.content) == campaign.lane_hash
    config = decode_config(answer.content)
    third = next(one for one in config.log.witnesses if one.name == "witness.huiquan")
    assert keys.pop("witness") == third.key
    assert keys == {
        name: getattr(config.keys, name) for name in ("platform", "approver", "notary", "auditor")
    } | {"lost": []}
    both = {party: bytes.fromhex(signature) for party, signature in signed.items()}
    signatures = ConfigSignatures(**both)
    assert is_config_signed(config, campaign.lane_hash, signatures)


async def test_a_living_house_says_so_and_a_house_without_a_database_asks_for_patience(
    database: Database,
) -> None:
    house = make_house(database)
    async with visit(house) as client:
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        await database.close()
        assert (await client.get("/healthz")).status_code == 200
        away = await client.get("/readyz")
    assert (away.status_code, away.json()["code"]) == (503, "busy")
    assert away.headers["retry-after"]
