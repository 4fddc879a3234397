"""Accounts at the console: asked for by one, confirmed by another, seen before a file goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from huiquan.db.connection import Database
from huiquan.domain.roles import Role
from simulation.bank import Bank
from simulation.paying import name_accounts, two_payers
from tests.houses import make_house, publish, source_of_2026, visit
from tests.shops import Winner, redeemed, shop, winner
from tests.web.test_settlement_doors import SOON, Stand, all_is_well

REQUESTS = "/account-requests"
NEW = {
    "uscc": "91420100MA4KXXXX0A",
    "account_no": "6222020000000017734",
    "account_name": "武汉江汉百货有限公司",
    "bank_name": "中国工商银行武汉江汉支行",
    "bank_code": "102521000101",
}


@asynccontextmanager
async def paid_before(database: Database) -> AsyncIterator[tuple[Stand, Winner]]:
    """A shop that was paid once on its first account, and somebody who can still buy there."""
    house = make_house(database)
    campaign = await publish(house, source_of_2026(SOON))
    at, who = await shop(house, campaign), await winner(house, campaign)
    another = await winner(house, campaign)
    await name_accounts(house.app, await two_payers(house.app))
    async with visit(house) as client:
        one = Stand(house, at, who, client)
        await redeemed(client, at, who)
        await one.next_day_settled()
        first = await one.file_sent()
        (change,) = first["changes"]
        said = (change["previous_end"], change["asked_by"], change["confirmed_by"])
        assert said == (None, "payer", "approver"), "it was never paid before"
        assert first["file"]["changed_count"] == 0
        await one.bank_says(Bank(), first["file"]["file_id"])
        yield one, another


async def asked(one: Stand) -> dict[str, Any]:
    told = await one.console("POST", REQUESTS, **NEW)
    assert told.status_code == 201, told.text
    body: dict[str, Any] = told.json()
    return body


@pytest.mark.requirement("R2.4")
async def test_a_change_of_account_takes_two_and_is_seen_before_the_file_is_approved(
    database: Database,
) -> None:
    async with paid_before(database) as (one, another):
        request = await asked(one)
        assert (request["state"], request["account_before"]) == ("open", "0001")
        assert await asked(one) == request, "a lost answer is asked for again"
        at, number = (
            f"{REQUESTS}/{request['request_id']}/confirm",
            {"account_no": NEW["account_no"]},
        )
        own = await one.console("POST", at, **number)
        assert (own.status_code, own.json()["code"]) == (409, "already_approved_by_you")
        other = await one.console("POST", at, Role.SUPERVISOR, account_no="6222020000000017735")
        assert (other.status_code, other.json()["code"]) == (422, "account_differs")
        done = await one.console("POST", at, Role.SUPERVISOR, **number)
        assert done.status_code == 200, done.text
        assert done.json()["is_in_force"]
        assert (await one.console("POST", at, Role.SUPERVISOR, **number)).json() == done.json()
        listed = await one.console("GET", REQUESTS)
        ends = [(each["account_end"], each["is_in_force"]) for each in listed.json()["items"]]
        assert ends == [("7734", True), ("0001", False)]
        assert NEW["account_no"] not in listed.text + done.text

        await redeemed(one.client, one.at, another)
        await one.next_day_settled()
        drafted = await one.console("POST", "/payment-files", campaign=one.who.campaign_id)
        assert drafted.json()["file"]["changed_count"] == 1
        (change,) = drafted.json()["changes"]
        said = (change["previous_end"], change["account_end"])
        assert said == ("0001", "7734")
        assert (change["asked_by"], change["confirmed_by"]) == ("王处", "王处")
        assert change["confirmed_at"] == done.json()["decided_at"]
        assert await all_is_well(one.house)


async def test_a_request_ends_without_an_account_and_cities_see_none(database: Database) -> None:
    async with paid_before(database) as (one, another):
        request = await asked(one)
        at, city = f"{REQUESTS}/{request['request_id']}", Role.CITY_SUPERVISOR
        for method, path, body in (
            ("GET", REQUESTS, {}),
            ("POST", REQUESTS, NEW),
            ("POST", f"{at}/confirm", {"account_no": NEW["account_no"]}),
            ("POST", f"{at}/refuse", {"reason": "x"}),
        ):
            told = await one.console(method, path, city, **body)
            assert (told.status_code, told.json()["code"]) == (403, "forbidden"), path
        refused = await one.console("POST", f"{at}/refuse", Role.SUPERVISOR, reason="函件无公章")
        assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "函件无公章")
        again = await asked(one)
        assert again["request_id"] != request["request_id"]
        mine = await one.console("POST", f"{REQUESTS}/{again['request_id']}/refuse", reason="填错")
        assert mine.json()["state"] == "withdrawn"
        late = await one.console(
            "POST",
            f"{REQUESTS}/{again['request_id']}/confirm",
            Role.SUPERVISOR,
            account_no=NEW["account_no"],
        )
        assert (late.status_code, late.json()["code"]) == (409, "account_request_decided")
        nobody = await one.console("POST", f"{REQUESTS}/99/refuse", reason="x")
        assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_account_request")

        await redeemed(one.client, one.at, another)
        await one.next_day_settled()
        sent = await one.file_sent()
        assert (sent["changes"], sent["file"]["changed_count"]) == ([], 0)
        assert [line["account_end"] for line in sent["payments"]] == ["0001"]
