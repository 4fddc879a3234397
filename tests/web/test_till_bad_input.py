"""Whatever is thrown at the till and at the wallet, the answer is a reason, never an error."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from huiquan.db.connection import Database
from huiquan.domain.serials import Name, write_name
from tests.houses import make_house, publish, visit
from tests.shops import Shop, Winner, fresh_code, locked, new_key, order, redeemed, shop, winner
from tests.web.test_bad_input import NASTY, TOKENS, WHOLE_BODIES, expect_reason, with_raw


@dataclass(frozen=True, kw_only=True)
class Open:
    """Open doors, with somebody at each, and a thing to act on behind each."""

    client: httpx.AsyncClient
    who: Winner
    at: Shop
    paths: dict[str, tuple[dict[str, Any], dict[str, str]]]


@pytest.fixture
async def doors(database: Database) -> AsyncIterator[Open]:
    """A house with a code that was shown, a lock that is open and a redemption that was made."""
    house = make_house(database)
    campaign = await publish(house)
    at = await shop(house, campaign)
    who, waiting, spent = [await winner(house, campaign) for _ in range(3)]
    async with visit(house) as client:
        code = await fresh_code(client, who)
        lock = await locked(client, at, waiting)
        redemption = await redeemed(client, at, spent)
        key, till = {"request_key": new_key()}, "/api/v1/till"
        yield Open(
            client=client,
            who=who,
            at=at,
            paths={
                f"/api/v1/vouchers/{waiting.serial}/codes": (key, waiting.headers),
                f"{till}/quotes": ({"code": code, **order("1000", "1")}, at.headers),
                f"{till}/locks": ({**key, "code": code, **order("1", "1")}, at.headers),
                f"{till}/locks/{lock}/redeem": ({**key, "payment_ref": ""}, at.headers),
                f"{till}/locks/{lock}x/unlock": (key, at.headers),
                f"{till}/redemptions/{redemption}/refunds": (
                    {**key, "amount_fen": 0},
                    at.headers,
                ),
            },
        )


async def test_any_value_in_any_field_gets_a_reason(doors: Open) -> None:
    for path, (body, caller) in doors.paths.items():
        headers = {**caller, "Content-Type": "application/json"}
        for field in body:
            for raw in NASTY:
                content = with_raw(body, (field,), raw)
                answer = await doors.client.post(path, content=content, headers=headers)
                expect_reason(answer, (path, field, raw[:40]))
        for field in ("funder", "name", "amount_fen") if "offers" in body else ():
            for raw in NASTY:
                offer = with_raw(body["offers"][0], (field,), raw).decode()
                content = with_raw(body, ("offers",), f"[{offer}]")
                answer = await doors.client.post(path, content=content, headers=headers)
                expect_reason(answer, (path, field, raw[:40]))


async def test_any_body_and_any_pass_gets_a_reason(doors: Open) -> None:
    for path, (body, caller) in doors.paths.items():
        for content in WHOLE_BODIES:
            headers = {**caller, "Content-Type": "application/json"}
            answer = await doors.client.post(path, content=content, headers=headers)
            expect_reason(answer, (path, content[:20]))
            assert answer.status_code >= 400
        other = doors.who.headers if caller is doors.at.headers else doors.at.headers
        answer = await doors.client.post(path, json=body, headers=other)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        for token in TOKENS:
            answer = await doors.client.post(
                path, json=body, headers={b"authorization": token.encode("latin-1")}
            )
            assert answer.status_code == 401, (path, token)


async def test_yuan_written_as_a_text_are_never_read_as_fen(doors: Open) -> None:
    """ "1000.00" is a thousand yuan to whoever wrote it; read as fen it would be ten."""
    headers = {**doors.at.headers, "Content-Type": "application/json"}
    path = "/api/v1/till/quotes"
    body, _ = doors.paths[path]
    for raw in ('"1000.00"', '"100000"', '"1e5"', "1000.5", "true"):
        content = with_raw(body, ("order_fen",), raw)
        answer = await doors.client.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), raw
        (fault,) = answer.json()["detail"]["fields"]
        assert fault["key"] == "order_fen", raw
        assert "`int`" in fault["message"], raw


# Names that are written rightly and belong to nothing: the numbers are at and beyond their limits.
NUMBERS = [0, 1, 9999, 32_767, 32_768, 99_999]
INDICES = [0, 7, 2**63 - 1, 2**63, 10**19 - 1]
NAMES = ["x", "%00", "%FF", "%20", "..%2F..", "V001-0000-000000000", "🐎" * 30, "9" * 4000]


@pytest.mark.parametrize(
    ("letter", "attempts", "method", "path"),
    [
        ("V", 0, "GET", "/api/v1/vouchers/{}"),
        ("V", 0, "POST", "/api/v1/vouchers/{}/codes"),
        ("L", 1, "POST", "/api/v1/till/locks/{}/redeem"),
        ("L", 1, "POST", "/api/v1/till/locks/{}/unlock"),
        ("R", 1, "GET", "/api/v1/till/redemptions/{}"),
        ("R", 1, "POST", "/api/v1/till/redemptions/{}/refunds"),
    ],
)
async def test_any_name_gets_a_reason(
    doors: Open, letter: str, attempts: int, method: str, path: str
) -> None:
    written = [
        write_name(letter, Name(campaign, lane, idx, (number,) * attempts))
        for campaign in NUMBERS
        for lane in (0, 9999)
        for idx in INDICES
        for number in (NUMBERS if attempts else [0])
    ]
    caller = doors.at.headers if "till" in path else doors.who.headers
    more = {"redeem": {"payment_ref": "p"}, "refunds": {"amount_fen": 1}}
    for name in [*NAMES, *written[:: 3 if attempts else 1]]:
        body = {"request_key": new_key(), **more.get(path.rsplit("/", 1)[1], {})}
        content = json.dumps(body) if method == "POST" else None
        headers = {**caller, "Content-Type": "application/json"}
        answer = await doors.client.request(
            method, path.format(name), content=content, headers=headers
        )
        expect_reason(answer, (path, name[:60]))
        assert answer.status_code >= 400 or name in {doors.who.serial}, (path, name[:60])
