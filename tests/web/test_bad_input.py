"""Whatever is thrown at a door, the house answers with a reason, never with an error of its own."""

import copy
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database
from huiquan.domain.refusals import Refusal
from tests.houses import bearer, location, make_house, person, publish, register, visit

# Values that stand where something sensible is expected; raw JSON, so that anything can be said.
NASTY = [
    "null",
    "true",
    "-1",
    "0",
    "1e308",
    "-0.0",
    "9" * 400,
    "1e999",
    "NaN",
    "Infinity",
    '""',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u202e\\u200b"',
    json.dumps("🐎" * 60),
    json.dumps("x" * 5000),
    json.dumps("'; drop table registrations; --"),
    '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:59-14:00"',
    '"2026-02-06T10:30:00"',
    "[]",
    "[null]",
    "{}",
    '{"a": {"b": []}}',
]

BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/sms-codes": {"campaign": 1, "phone": "13800000009"},
    "/api/v1/registrations": {
        "request_key": "bad-input-1",
        "campaign": 1,
        "phone": "13800000009",
        "sms_code": "000000",
        "name": "李四",
        "document": {"kind": "resident_id", "number": person(9).number},
        "consents": {"identity": True, "location": True, "version": "2026-01"},
        "location": {},
        "device": "device",
    },
    "/api/v1/sessions": {
        "campaign": 1,
        "phone": "13800000009",
        "sms_code": "000000",
        "device": "device",
    },
    "/api/v1/me/consents/revoke": {"request_key": "bad-input-2", "kinds": ["location"]},
    "/api/v1/me/consents/grant": {
        "request_key": "bad-input-3",
        "kinds": ["location"],
        "version": "2026-01",
    },
    "/api/v1/till/sessions": {"login": "nobody", "pin": "000000"},
    "/api/v1/console/sessions": {"login": "nobody", "password": "secret"},
}

WHOLE_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"campaign": "\xff", "phone": "\xed\xa0\x80", "request_key": "\xc3("}',
    b'{"login": "\xff", "pin": "\xff", "password": "\xff"}',
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"campaign": 1, "campaign": 2}',
    b'{"unknown": 1}',
    b" " * 100_000,
]

ADDRESSES = [
    "/api/v1/now?campaign=",
    "/api/v1/now?campaign=x",
    "/api/v1/now?campaign=99999999999999999999",
    "/api/v1/now?campaign=-1",
    "/api/v1/now?campaign=7",
    "/api/v1/now?campaign=1&campaign=2",
    "/api/v1/rules?campaign=%00",
    "/api/v1/rules?campaign=1e3",
    "/api/v1/stores?city=%00",
    "/api/v1/stores?city=42010",
    "/api/v1/stores?city=%F0%9F%90%8E",
    "/api/v1/stores?city=%FF",
    "/api/v1/stores?pack=0",
    "/api/v1/stores?pack=99999999999999",
    "/api/v1/stores?lat=30",
    "/api/v1/stores?lat=nan&lng=nan",
    "/api/v1/stores?lat=inf&lng=1",
    "/api/v1/stores?lat=1e400&lng=1",
    "/api/v1/stores?lat=91&lng=114",
    "/api/v1/stores?most=0",
    "/api/v1/stores?most=201",
    "/api/v1/stores?skip=-1",
    "/api/v1/stores?skip=99999999999999999999",
    "/api/v1/public/configs/xyz",
    "/api/v1/public/configs/" + "0" * 64,
    "/api/v1/public/configs/" + "G" * 64,
    "/api/v1/public/configs/%00",
    "/api/v1/public/lists/a%00b/20260206",
    "/api/v1/public/lists/%FF/20260206",
    "/api/v1/nothing",
    "/api/v1/../etc/passwd",
]

TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer " + "A" * 72,
    "Bearer " + "A" * 5000,
    "Basic dXNlcjpwYXNz",
    "Bearer \xff\xfe",
    "bearer a b c",
]


def leaves(body: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value in a body, the inner ones too."""
    for key, value in body.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))


def with_raw(body: dict[str, Any], path: tuple[str, ...], raw: str) -> bytes:
    """The body as JSON, with raw text in one place."""
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = "@here@"
    return json.dumps(changed).replace('"@here@"', raw).encode()


def expect_reason(answer: httpx.Response, what: object) -> None:
    """A success or a refusal with its sentences; 503 only where an outsider would be away."""
    assert answer.status_code < 500, (what, answer.status_code, answer.text)
    if answer.status_code >= 400:
        told = answer.json()
        assert set(told) == {"code", "zh", "en", "detail"}, what
        assert Refusal(told["code"]).status == answer.status_code, what
        assert told["zh"], what
        assert told["en"], what


@pytest.fixture
async def doors(database: Database) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """A site with a campaign, and the header of somebody who is signed in."""
    house = make_house(database)
    campaign = await publish(house)
    BODIES["/api/v1/registrations"]["location"] = location(house)
    async with visit(house) as client:
        registered = await register(house, client, campaign, person(1))
        assert registered.status_code == 201, registered.text
        yield client, bearer(registered.json()["token"])


@pytest.mark.parametrize("path", BODIES)
async def test_any_value_in_any_field_gets_a_reason(
    doors: tuple[httpx.AsyncClient, dict[str, str]], path: str
) -> None:
    client, header = doors
    headers = {**header, "Content-Type": "application/json"}
    secrets_path = path.endswith(("till/sessions", "console/sessions"))
    for leaf in leaves(BODIES[path]):
        for raw in NASTY[:: 2 if secrets_path else 1]:
            content = with_raw(BODIES[path], leaf, raw)
            answer = await client.post(path, content=content, headers=headers)
            expect_reason(answer, (path, leaf, raw[:40]))


@pytest.mark.parametrize("path", BODIES)
async def test_any_body_of_any_type_gets_a_reason(
    doors: tuple[httpx.AsyncClient, dict[str, str]], path: str
) -> None:
    client, header = doors
    for body in WHOLE_BODIES:
        for kind in ("application/json", "text/plain", "multipart/form-data", "nonsense", ""):
            headers = {**header, "Content-Type": kind}
            answer = await client.post(path, content=body, headers=headers)
            expect_reason(answer, (path, body[:20], kind))
            assert answer.status_code >= 400, (path, body[:20], kind)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        expect_reason(await client.request(method, path), (method, path))


async def test_any_address_gets_a_reason(
    doors: tuple[httpx.AsyncClient, dict[str, str]],
) -> None:
    client, _ = doors
    for address in ADDRESSES:
        expect_reason(await client.get(address), address)


async def test_any_pass_gets_a_reason(doors: tuple[httpx.AsyncClient, dict[str, str]]) -> None:
    client, _ = doors
    for token in TOKENS:
        for path in ("/api/v1/me", "/api/v1/console/campaigns"):
            raw = [(b"Authorization", token.encode("latin-1"))]
            answer = await client.get(path, headers=httpx.Headers(raw))
            assert answer.status_code == 401, (token, answer.text)
            assert answer.json()["code"] == "unauthenticated"


async def test_a_pass_opens_only_its_own_door(
    doors: tuple[httpx.AsyncClient, dict[str, str]],
) -> None:
    client, header = doors
    answer = await client.get("/api/v1/console/campaigns", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
