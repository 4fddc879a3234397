"""A person takes part, takes consent back, and comes again: the draw follows at once."""

import secrets
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database
from tests.houses import House, bearer, location, make_house, person, publish, register, visit


async def tap(house: House, client: httpx.AsyncClient, header: dict[str, str]) -> httpx.Response:
    body: dict[str, Any] = {
        "request_key": secrets.token_hex(8),
        "client_nonce": secrets.token_hex(16),
        "pack": 3,
        "location": location(house),
    }
    return await client.post("/api/v1/draws", json=body, headers=header)


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R2.1")
async def test_who_takes_consent_back_cannot_enter_until_it_is_given_again(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        header = bearer((await register(house, client, campaign, person(1))).json()["token"])
        for kind in ("location", "identity"):
            revoking = {"request_key": f"revoke-{kind}", "kinds": [kind]}
            await client.post("/api/v1/me/consents/revoke", json=revoking, headers=header)
            refused = await tap(house, client, header)
            assert (refused.status_code, refused.json()["code"]) == (403, "consent_revoked")
            house.clock.move(minutes=1)
            granting = {"request_key": f"grant-{kind}", "kinds": [kind], "version": "2026-01"}
            await client.post("/api/v1/me/consents/grant", json=granting, headers=header)
        entered = await tap(house, client, header)
        me = (await client.get("/api/v1/me", headers=header)).json()
        assert entered.status_code == 200, entered.text
        assert (me["today"], me["entered_days"]) == ("pending", 1)

        house.clock.move(days=1)
        me = (await client.get("/api/v1/me", headers=header)).json()
        assert (me["today"], me["entered_days"]) == ("not_entered", 1)


@pytest.mark.requirement("R3.3")
async def test_a_person_from_one_city_may_enter_from_another_but_not_from_outside(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        told = (await register(house, client, campaign, person(1))).json()
        header = bearer(told["token"])
        body = {
            "request_key": secrets.token_hex(8),
            "client_nonce": secrets.token_hex(16),
            "pack": 3,
        }
        changsha = location(house, lat=28.228, lng=112.939)
        enshi = location(house, lat=30.272, lng=109.488)
        outside = await client.post(
            "/api/v1/draws", json={**body, "location": changsha}, headers=header
        )
        inside = await client.post(
            "/api/v1/draws", json={**body, "location": enshi}, headers=header
        )
    assert told["city_zh"] == "武汉市"
    assert (outside.status_code, outside.json()["code"]) == (403, "outside_area")
    assert inside.status_code == 200, inside.text
