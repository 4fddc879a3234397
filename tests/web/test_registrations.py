"""Registering through the door: one person, one phone, one registration."""

import pytest

from huiquan.db.connection import Database
from tests.houses import bearer, make_house, person, publish, register, visit


@pytest.mark.requirement("R1.1")
async def test_a_person_registers_and_sees_their_own_page(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        answer = await register(house, client, campaign, person(1))
        assert answer.status_code == 201, answer.text
        told = answer.json()
        me = await client.get("/api/v1/me", headers=bearer(told["token"]))
        now = await client.get("/api/v1/now")
    assert me.status_code == 200, me.text
    assert now.status_code == 200, now.text
    print(told, me.json(), now.json())
