"""Registering and signing in through the door, and what a signed-in person sees."""

from datetime import timedelta

import pytest

from huiquan.db.connection import Database
from huiquan.domain.tokens import Claims, Door, device_mark
from huiquan.web.callers import read_claims
from tests.houses import (
    DEVICE,
    ask_code,
    bearer,
    location,
    make_house,
    person,
    publish,
    register,
    registration,
    visit,
)

PLACE = ("city", "city_zh", "city_en", "county_zh", "county_en")


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R3.4")
async def test_a_person_registers_and_sees_their_own_page_masked(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        answer = await register(house, client, campaign, person(1))
        told = answer.json()
        me = await client.get("/api/v1/me", headers=bearer(told["token"]))
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert {key: told[key] for key in PLACE} == {
        "city": "420100",
        "city_zh": "武汉市",
        "city_en": "Wuhan",
        "county_zh": "江汉区",
        "county_en": "Jianghan District",
    }
    masked = {
        "registration_no": told["registration_no"],
        "name_masked": "李*",
        "document_masked": "4201**********001X",
        "phone_masked": "138****0001",
    }
    assert masked.items() <= told.items()
    assert masked.items() <= me.json().items()
    assert person(1).number not in answer.text + me.text
    assert person(1).phone not in answer.text + me.text
    assert me.json()["today"] == "not_entered"
    assert me.json()["entered_days"] == 0


async def test_the_same_request_again_gives_the_same_answer_to_the_bit(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        first = await register(house, client, campaign, person(1))
        house.clock.move(minutes=5)
        body = registration(house, campaign, person(1), location=location(house))
        again = await client.post("/api/v1/registrations", json=body)
        other = await client.post("/api/v1/registrations", json={**body, "device": "another"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "request_key_reused")


async def test_a_pass_is_bound_to_its_device_and_ends(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        told = (await register(house, client, campaign, person(1))).json()
        claims = read_claims(house.app, f"Bearer {told['token']}", Door.CONSUMER)
        house.clock.move(days=30)
        late = await client.get("/api/v1/me", headers=bearer(told["token"]))
        early = await client.get("/api/v1/now")
    assert isinstance(claims, Claims)
    assert claims.device == device_mark(DEVICE)
    assert told["expires_at"] == "2026-03-08T10:30:00+08:00"
    assert (late.status_code, late.json()["code"]) == (401, "token_expired")
    assert early.status_code == 200


async def test_a_person_signs_in_on_another_device(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        first = (await register(house, client, campaign, person(1))).json()
        house.clock.move(days=3)
        await ask_code(client, campaign, person(1))
        body = {
            "campaign": campaign.campaign_id,
            "phone": person(1).phone,
            "sms_code": house.sms.code_for(person(1).phone),
            "device": "a new phone",
        }
        second = await client.post("/api/v1/sessions", json=body)
        again = await client.post("/api/v1/sessions", json=body)
        unknown = await client.post("/api/v1/sessions", json={**body, "campaign": 9})
    told = second.json()
    assert second.status_code == 201
    assert told["registration_no"] == first["registration_no"]
    assert told["registered_at"] == first["registered_at"]
    assert told["token"] != first["token"]
    assert (again.status_code, again.json()["code"]) == (422, "sms_code_expired")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_campaign")


async def test_codes_come_once_a_minute_and_the_wait_is_told(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        sent = await ask_code(client, campaign, person(1))
        soon = await ask_code(client, campaign, person(1))
        house.sms.is_away = True
        away = await ask_code(client, campaign, person(2))
        house.sms.is_away = False
        next_try = await ask_code(client, campaign, person(2))
    assert (sent.status_code, sent.json()) == (202, {"wait_s": 60, "valid_s": 300})
    assert (soon.status_code, soon.json()["code"]) == (429, "sms_too_soon")
    assert soon.headers["retry-after"] == "60"
    assert (away.status_code, away.json()["code"]) == (503, "sms_unavailable")
    assert next_try.status_code == 202


@pytest.mark.requirement("R1.1")
async def test_consent_is_taken_back_and_given_again_as_easily(database: Database) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        header = bearer((await register(house, client, campaign, person(1))).json()["token"])
        house.clock.move(minutes=1)
        revoking = {"request_key": "revoke-0001", "kinds": ["location"]}
        path = "/api/v1/me/consents/revoke"
        revoked = await client.post(path, json=revoking, headers=header)
        house.clock.move(minutes=1)
        again = await client.post(path, json=revoking, headers=header)
        reused = await client.post(path, json={**revoking, "kinds": ["identity"]}, headers=header)
        granting = {"request_key": "grant-00001", "kinds": ["location"], "version": "2026-01"}
        path = "/api/v1/me/consents/grant"
        outdated = await client.post(path, json={**granting, "version": "2025"}, headers=header)
        granted = await client.post(path, json=granting, headers=header)
    at = [house.clock.now - timedelta(minutes=ago) for ago in (2, 1, 0)]
    first, second, third = (one.isoformat() for one in at)
    identity = {"kind": "identity", "granted_at": first, "revoked_at": None}
    taken_back = {"kind": "location", "granted_at": first, "revoked_at": second}
    assert revoked.json()["consents"] == [identity, taken_back]
    assert again.json() == revoked.json()
    assert (reused.status_code, reused.json()["code"]) == (409, "request_key_reused")
    assert (outdated.status_code, outdated.json()["code"]) == (422, "consent_outdated")
    assert granted.json()["consents"] == [
        identity,
        taken_back,
        {"kind": "location", "granted_at": third, "revoked_at": None},
    ]


async def test_consent_taken_back_and_given_again_in_one_instant_stands(
    database: Database,
) -> None:
    house = make_house(database)
    campaign = await publish(house)
    async with visit(house) as client:
        header = bearer((await register(house, client, campaign, person(1))).json()["token"])
        kinds = ["location", "identity"]
        revoking = {"request_key": "revoke-0001", "kinds": kinds}
        granting = {"request_key": "grant-00001", "kinds": kinds, "version": "2026-01"}
        revoked = await client.post("/api/v1/me/consents/revoke", json=revoking, headers=header)
        granted = await client.post("/api/v1/me/consents/grant", json=granting, headers=header)
    assert all(consent["revoked_at"] for consent in revoked.json()["consents"])
    assert [consent["revoked_at"] for consent in granted.json()["consents"]] == [None, None]
