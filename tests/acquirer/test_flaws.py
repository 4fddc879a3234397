"""Whoever wrote a client that is not let in, or asks for a wrong amount, is told what to mend."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database
from huiquan.domain.acquirer_errors import ADVICE
from huiquan.domain.request_signing import time_in_ms
from tests.acquirers import Machine, machine
from tests.houses import make_house, publish, visit
from tests.shops import order, shop

QUOTE = "/acquirer/v1/quote"
KNOWN = {one.code.value for one in ADVICE}
RIGHT: dict[str, Any] = {"store": "jianghan", "code": "900000000001", **order("1000")}


async def send(
    client: httpx.AsyncClient, at: Machine, body: bytes, changes: dict[str, str | None]
) -> dict[str, Any]:
    """A quote whose headers were changed after they were signed; None takes one away."""
    headers = {**at.headers("POST", QUOTE, body), **changes}
    sent = {name: value for name, value in headers.items() if value is not None}
    answer = await client.post(QUOTE, content=body, headers=sent)
    told: dict[str, Any] = answer.json()
    assert told["code"] in KNOWN, told
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"] == "Huiquan-Signature"
    assert told["zh"].endswith("。"), told
    return told


@pytest.mark.requirement("R3.8")
async def test_a_request_that_is_not_let_in_is_told_what_is_wrong_with_it(
    database: Database,
) -> None:
    house = make_house(database)
    await shop(house, await publish(house))
    at = await machine(house, is_sandbox=True)
    body = json.dumps(RIGHT).encode()
    async with visit(house) as client:
        missing = await send(client, at, body, {"Huiquan-Nonce": None})
        assert (missing["code"], missing["detail"]["header"]) == (
            "signature_wrong",
            "Huiquan-Nonce",
        )
        assert "缺失" in missing["zh"]
        in_seconds = await send(client, at, body, {"Huiquan-Time": "1770345000"})
        assert in_seconds["detail"] == {
            "header": "Huiquan-Time",
            "wanted": "milliseconds since 1970, 13 digits",
        }
        wrapped = await send(client, at, body, {"Huiquan-Signature": "A" * 81})
        assert wrapped["detail"]["header"] == "Huiquan-Signature"
        other = await send(client, at, body, {"Huiquan-Nonce": "n" * 20})
        lines = other["detail"]["signed_text"].split("\n")
        assert (other["code"], lines[:3]) == (
            "signature_wrong",
            ["huiquan-request/1", "POST", QUOTE],
        )
        assert (lines[4], lines[6:]) == ("n" * 20, [""])
        nobody = await send(client, at, body, {"Huiquan-Key": "wepay-9"})
        assert (nobody["code"], nobody["detail"]) == ("key_unknown", {"key": "wepay-9"})
        for late, zh in ((timedelta(minutes=-6), "慢 360 秒"), (timedelta(minutes=6), "快 360 秒")):
            theirs = time_in_ms(house.clock.now + late)
            stale = await send(client, at, body, {"Huiquan-Time": theirs})
            assert (stale["code"], zh in stale["zh"]) == ("request_stale", True)
            assert stale["detail"]["now_ms"] == int(time_in_ms(house.clock.now))


MESSAGES: list[tuple[bytes, str, dict[str, Any]]] = [
    (b"{", "malformed", {"reason": "not JSON: Input data was truncated"}),
    (json.dumps({**RIGHT, "order_fen": 1000.5}).encode(), "malformed", {
        "fields": [{"key": "order_fen", "message": "Expected `int`, got `float`"}]}),
    (json.dumps({**RIGHT, "order_fen": "100000"}).encode(), "malformed", {
        "fields": [{"key": "order_fen", "message": "Expected `int`, got `str`"}]}),
    (json.dumps({**RIGHT, "tip": 1}).encode(), "malformed", {
        "fields": [{"key": "data", "message": "Object contains unknown field `tip`"}]}),
    (json.dumps({"store": "jianghan"}).encode(), "malformed", {
        "fields": [{"key": "data", "message": "Object missing required field `code`"}]}),
    (json.dumps({**RIGHT, "store": "x" * 70_000}).encode(), "too_large", {"most_bytes": 65_536}),
]  # fmt: skip


async def test_a_message_that_cannot_be_read_is_told_which_field_and_why(
    database: Database,
) -> None:
    house = make_house(database)
    await shop(house, await publish(house))
    at = await machine(house, is_sandbox=True)
    async with visit(house) as client:
        for body, code, detail in MESSAGES:
            told = await send(client, at, body, {})
            assert (told["code"], told["detail"]) == (code, detail), body[:80]


async def test_a_wrong_amount_is_refused_with_the_right_one_beside_it(database: Database) -> None:
    house = make_house(database)
    await shop(house, await publish(house))
    at = await machine(house, is_sandbox=True)
    async with visit(house) as client:
        locked = await at.post(client, "locks", order_ref="o-1", **RIGHT)
        assert locked.status_code == 201, locked.text
        paid = {"order_ref": "o-1", "payment_ref": "p-1", "paid_fen": 79_999}
        less = (await at.post(client, "redemptions", **paid)).json()
        assert (less["code"], less["detail"]) == ("amount_differs", {"to_pay_fen": 80_000})
        assert less["zh"] == "应付 800.00 元，上报的实付是 799.99 元：请退还顾客并解除占用。"
        assert (
            await at.post(client, "redemptions", **{**paid, "paid_fen": 80_000})
        ).status_code == 201
        for number, left_fen in ((1, 100_000), (2, 99_999)):
            back = {"refund_ref": f"f-{number}", "payment_ref": "p-1", "amount_fen": 100_001}
            more = (await at.post(client, "refunds", **back)).json()
            assert (more["code"], more["detail"]) == ("refund_too_large", {"left_fen": left_fen})
            some = await at.post(client, "refunds", **{**back, "amount_fen": 1})
            assert some.status_code == 201, some.text
