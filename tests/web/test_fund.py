"""The fund over the console's doors: who may look, who may act, and what they are shown."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.roles import Role
from huiquan.jobs.tasks import end_day
from tests.actions.test_fund import SMALL, end_draws
from tests.actions.tills import redeemed
from tests.houses import House, bearer, make_house, publish, sign_in_console, source_of_2026, visit
from tests.shops import shop, winner

FUND = "/api/v1/console/fund"


@pytest.fixture
async def house(database: Database) -> House:
    opened = make_house(database)
    await publish(opened, source_of_2026(*SMALL))
    return opened


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(house) as opened:
        yield opened


async def signed_in(house: House, client: httpx.AsyncClient, role: Role, **more: Any) -> Any:
    return bearer((await sign_in_console(house, client, role, **more))["token"])


@pytest.mark.requirement("R2.4")
async def test_the_page_shows_every_fen_by_pack_city_and_day(
    house: House, client: httpx.AsyncClient
) -> None:
    from_code = await standing(house)
    at = await shop(house, from_code)
    await redeemed(house, at, await winner(house, from_code))
    await winner(house, from_code, city="420500")
    official = await signed_in(house, client, Role.SUPERVISOR)
    page = (await client.get(f"{FUND}?campaign=1", headers=official)).json()
    account = page["account"]
    assert account["bank_fen"] == 40_000_000
    assert page["total"]["payable_fen"] == account["payable_fen"] == 20_000
    assert page["total"]["reserved_fen"] == account["reserved_fen"] == 20_000
    assert page["total"]["available_fen"] == account["released_fen"]
    assert [(one["key"], one["issued_fen"]) for one in page["by_city"]] == [
        ("420100", 20_000),
        ("420500", 20_000),
    ]
    assert {one["key"]: one["issued_fen"] for one in page["by_pack"]}["3"] == 40_000
    assert [one["key"] for one in page["by_day"]] == ["20260206"]
    assert page["tranches"][0]["bank_ref"] == "appropriation 1"
    assert "running" in [one["code"] for one in page["closing"]["obstacles"]]
    city = await signed_in(house, client, Role.CITY_SUPERVISOR, city="420500")
    seen = (await client.get(f"{FUND}?campaign=1", headers=city)).json()
    assert [one["key"] for one in seen["by_city"]] == ["420500"]


async def standing(house: House) -> Any:
    """The campaign as it stands."""
    async with house.app.db.reading() as tx:
        return await load_campaign(tx, "2026-mashangyouli")


@pytest.mark.requirement("R5.8")
async def test_a_days_register_is_downloaded_line_by_line(
    house: House, client: httpx.AsyncClient
) -> None:
    official = await signed_in(house, client, Role.SUPERVISOR)
    answer = await client.get(f"{FUND}/register?campaign=1&day=20260206", headers=official)
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:4] == ["时间", "账簿", "编号", "业务"]
    assert {line[3] for line in lines[1:]} == {"投放"}
    span = f"{FUND}/register?campaign=1&day=20260205&until="
    both = await client.get(f"{span}20260206", headers=official)
    told = list(csv.reader(io.StringIO(both.content.decode("utf-8-sig"))))
    assert told == [lines[0], *(line for line in told if line[3] == "拨款"), *lines[1:]]
    assert len(told) == len(lines) + 1
    for wrong in ("20260204", "20270207", "20260230"):
        refused = await client.get(f"{span}{wrong}", headers=official)
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    for day in ("0", "-1", "20260230", "9223372036854775808", "9" * 30):
        wrong = await client.get(f"{FUND}/register?campaign=1&day={day}", headers=official)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "malformed"), day
    city = await signed_in(house, client, Role.CITY_SUPERVISOR, city="420500")
    refused = await client.get(f"{FUND}/register?campaign=1&day=20260206", headers=city)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


DOORS: dict[str, dict[str, Any]] = {
    "/tranches": {
        "request_key": "tranche-1",
        "campaign": 1,
        "planned_fen": 5,
        "due_on": "2026-03-01",
        "payer": "武汉市商务局",
    },
    "/tranches/1/receive": {"campaign": 1, "amount_fen": 40_000_000, "bank_ref": "x"},
    "/closing": {"campaign": 1},
    "/closing/approve": {"campaign": 1},
    "/closing/shares/1/return": {"campaign": 1, "amount_fen": 5, "bank_ref": "x"},
    "/alerts/1/acknowledge": {},
    "/compensations": {
        "campaign": 1,
        "amount_fen": 500,
        "bank_ref": "made good",
        "payer": "示范平台",
        "reason": "违规核销",
    },
    "/repayments": {"campaign": 1, "merchant": 1, "amount_fen": 5, "bank_ref": "x"},
    "/pledges": {"campaign": 1, "pledged_fen": 5, "document": "承诺函 1 号", "merchant": 77},
}
SAID = {
    "/tranches": (200, None),
    "/tranches/1/receive": (409, "tranche_received"),
    "/closing": (409, "not_ready_to_close"),
    "/closing/approve": (404, "no_closing"),
    "/closing/shares/1/return": (404, "no_closing"),
    "/alerts/1/acknowledge": (404, "unknown_alert"),
    "/compensations": (200, None),
    "/repayments": (422, "more_than_owed"),
    "/pledges": (404, "unknown_merchant"),
}


@pytest.mark.parametrize("door", DOORS)
async def test_a_citys_official_looks_on_and_the_provinces_acts(
    house: House, client: httpx.AsyncClient, door: str
) -> None:
    body = DOORS[door] or None
    for role, city, expected in (
        (Role.CITY_SUPERVISOR, "420100", (403, "forbidden")),
        (Role.SUPERVISOR, None, SAID[door]),
    ):
        who = await signed_in(house, client, role, city=city)
        answer = await client.post(f"{FUND}{door}", json=body, headers=who)
        told = (answer.status_code, answer.json().get("code"))
        assert told == expected, answer.text
    stranger = await client.post(f"{FUND}{door}", json=body)
    assert stranger.status_code == 401


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.7")
async def test_what_others_pay_in_or_pledge_counts_once(
    house: House, client: httpx.AsyncClient
) -> None:
    who = await signed_in(house, client, Role.OPERATOR)
    again = {**DOORS["/compensations"]}
    for body, told in ((again, {"fen": 500}), (again, {"fen": 500})):
        answer = await client.post(f"{FUND}/compensations", json=body, headers=who)
        assert answer.json() == told
    other = await client.post(
        f"{FUND}/compensations", json={**again, "amount_fen": 501}, headers=who
    )
    assert other.json()["code"] == "bank_ref_used"
    pledge = {"campaign": 1, "pledged_fen": 9_000, "document": "承诺函 2 号"}
    numbers = [
        (await client.post(f"{FUND}/pledges", json=pledge, headers=who)).json() for _ in range(2)
    ]
    assert numbers[0] == numbers[1]
    page = (await client.get(f"{FUND}?campaign=1", headers=who)).json()
    assert page["account"]["compensated_fen"] == 500
    assert page["account"]["bank_fen"] == 40_000_500
    assert [(one["merchant"], one["pledged_fen"]) for one in page["matching"]] == [(None, 9_000)]


@pytest.mark.requirement("R2.4")
async def test_a_campaign_is_closed_by_two_people_over_the_doors(
    house: House, client: httpx.AsyncClient
) -> None:
    await end_draws(house)
    house.clock.now = house.clock.now.replace(month=4, day=2) + timedelta(minutes=1)
    await end_day(house.app)
    first = await signed_in(house, client, Role.SUPERVISOR)
    second = await signed_in(house, client, Role.OPERATOR)
    opened = await client.post(f"{FUND}/closing", json={"campaign": 1}, headers=first)
    assert opened.json()["state"] == "opened"
    for who in (first, first, second):
        answer = await client.post(f"{FUND}/closing/approve", json={"campaign": 1}, headers=who)
    closing = answer.json()
    assert (closing["state"], len(closing["approvers"])) == ("approved", 2)
    (share,) = closing["shares"]
    back = {"campaign": 1, "amount_fen": share["amount_fen"], "bank_ref": "back"}
    done = await client.post(f"{FUND}/closing/shares/1/return", json=back, headers=second)
    assert done.json() == {"fen": 0}
    page = (await client.get(f"{FUND}?campaign=1", headers=first)).json()
    assert page["closing"]["state"] == "closed"
    assert page["account"]["bank_fen"] == 0
