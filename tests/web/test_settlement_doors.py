"""From the till to the bank and back, through the doors: sums, statements, files, holds."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.repay_debt import repay_debt
from huiquan.actions.run_checks import run_checks
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import Database
from huiquan.domain.roles import Role
from huiquan.domain.tokens import Door
from huiquan.web.callers import staff_token
from simulation.bank import Bank, Lie
from simulation.paying import name_accounts, two_payers
from tests.houses import CAMPAIGN, House, bearer, make_house, publish, source_of_2026, visit
from tests.shops import Shop, Winner, new_key, redeemed, shop, till, winner

SOON = ("settlement_hold_days = 7", "settlement_hold_days = 1")
PASSWORD = "a long password"
CONSOLE, MERCHANT, TILL = "/api/v1/console", "/api/v1/merchant", "/api/v1/till"


class Stand:
    """A house with a shop, a customer who has paid, and officials at the console."""

    def __init__(self, house: House, at: Shop, who: Winner, client: httpx.AsyncClient) -> None:
        self.house, self.at, self.who, self.client = house, at, who, client
        self.signed_in: dict[Role, dict[str, str]] = {}

    async def official(self, role: Role) -> dict[str, str]:
        if role not in self.signed_in:
            city = "420100" if role is Role.CITY_SUPERVISOR else None
            new = NewStaff(login=role.value, name="王处", role=role, city=city, password=PASSWORD)
            staff_id = await add_staff(self.house.app, new, "test")
            assert isinstance(staff_id, int), staff_id
            until = (self.house.clock.now + timedelta(days=30)).replace(microsecond=0)
            token = staff_token(self.house.app, Door.CONSOLE, staff_id, until)
            self.signed_in[role] = bearer(token)
        return self.signed_in[role]

    async def console(
        self, method: str, path: str, role: Role = Role.OPERATOR, **body: Any
    ) -> httpx.Response:
        headers = await self.official(role)
        kind = {"json": body} if method == "POST" else {"params": body}
        return await self.client.request(method, f"{CONSOLE}{path}", headers=headers, **kind)

    async def merchant(self, method: str, path: str, **body: Any) -> httpx.Response:
        kind = {"json": body} if method == "POST" else {}
        return await self.client.request(
            method, f"{MERCHANT}{path}", headers=self.at.headers, **kind
        )

    async def next_day_settled(self) -> None:
        self.house.clock.now += timedelta(days=1)
        told = await self.console("POST", "/settlement-runs", campaign=self.who.campaign_id)
        assert told.status_code == 201, told.text

    async def file_sent(self) -> dict[str, Any]:
        drafted = await self.console("POST", "/payment-files", campaign=self.who.campaign_id)
        assert drafted.status_code == 201, drafted.text
        number = drafted.json()["file"]["file_id"]
        for role in (Role.OPERATOR, Role.SUPERVISOR):
            given = await self.console("POST", f"/payment-files/{number}/approvals", role)
            assert given.status_code == 201, given.text
        moved = await self.console("POST", f"/payment-files/{number}/moves", move="send")
        assert moved.status_code == 201, moved.text
        told: dict[str, Any] = moved.json()
        return told

    async def bank_says(self, bank: Bank, number: int) -> dict[str, Any]:
        raw = await self.console("GET", f"/payment-files/{number}/bank-file", encoding="gbk")
        assert raw.status_code == 200
        bank.take(raw.content, self.house.clock.now)
        said = bank.answers(self.house.clock.now + timedelta(days=9))
        assert said is not None
        text = said.decode("gb18030")
        told = await self.console("POST", f"/payment-files/{number}/answers", csv=text)
        assert told.status_code == 201, told.text
        booked: dict[str, Any] = told.json()
        return booked


@asynccontextmanager
async def standing(database: Database) -> AsyncIterator[Stand]:
    """The house is published before anyone comes to its doors."""
    house = make_house(database)
    campaign = await publish(house, source_of_2026(SOON))
    at, who = await shop(house, campaign), await winner(house, campaign)
    await name_accounts(house.app, await two_payers(house.app))
    async with visit(house) as client:
        yield Stand(house, at, who, client)


async def all_is_well(house: House) -> bool:
    """What is asked about settlements; these vouchers were given away without a draw."""
    run = await run_checks(house.app)
    asked = ("i23_settlements", "i28_", "i34_")
    return [one for one in run.failed if one.name.startswith(asked)] == []


@pytest.mark.requirement("R2.4")
async def test_a_refunds_sums_are_shown_before_it_and_stand_after_it(database: Database) -> None:
    async with standing(database) as one:
        client = one.client
        slip = await redeemed(client, one.at, one.who)
        at = f"{TILL}/redemptions/{slip}"
        mine = f"/api/v1/vouchers/{one.who.serial}"
        back = {"amount_fen": 30_000}
        quoted = await client.post(f"{at}/refund-quotes", json=back, headers=one.at.headers)
        to_me = await client.post(f"{mine}/refund-quotes", json=back, headers=one.who.headers)
        done = await client.post(
            f"{at}/refunds", json={"request_key": new_key(), **back}, headers=one.at.headers
        )
        after = (await client.get(f"{at}/refunds", headers=one.at.headers)).json()["items"]
        seen = (await client.get(f"{mine}/refunds", headers=one.who.headers)).json()["items"]
        too_much = await client.post(
            f"{mine}/refund-quotes", json={"amount_fen": 70_001}, headers=one.who.headers
        )
    assert quoted.status_code == 200, quoted.text
    told = quoted.json()
    assert (told["to_consumer_fen"], told["to_fund_fen"], told["left_fen"]) == (
        24_000,
        6_000,
        70_000,
    )
    assert to_me.json() == told
    assert {name: done.json()[name] for name in ("to_consumer_fen", "to_fund_fen")} == {
        name: told[name] for name in ("to_consumer_fen", "to_fund_fen")
    }
    assert after == seen == [told]
    sums = {line["label_en"].split(" (")[0]: line["amount_fen"] for line in told["lines"]}
    assert sums["Goods returned now"] == sums["To the customer now"] + sums["To the fund now"]
    assert sums["Paid by the customer"] == sums["Left to pay after offers"] + sums["Voucher"]
    assert [remark["zh"] for remark in told["remarks"]] == ["立减金不退。"]
    assert too_much.json()["code"] == "refund_too_large"


@pytest.mark.requirement("R2.4")
async def test_a_merchant_is_paid_through_a_file_of_two_people_and_reads_why(
    database: Database,
) -> None:
    async with standing(database) as one:
        client = one.client
        await redeemed(client, one.at, one.who)
        await one.next_day_settled()
        early = await one.console("GET", "/payment-files/1/bank-file")
        assert early.json()["code"] == "unknown_file"
        sent = await one.file_sent()
        number = sent["file"]["file_id"]
        assert sent["file"]["approvers"] == ["王处", "王处"]
        booked = await one.bank_says(Bank(), number)
        assert (booked["paid_count"], booked["paid_fen"]) == (1, 20_000)
        page = (await one.merchant("GET", "/statements")).json()
        assert page["standing"] == {
            "unsettled_fen": 0,
            "on_its_way_fen": 0,
            "paid_fen": 20_000,
            "owed_fen": 0,
            "is_held": False,
        }
        (line,) = page["items"]
        assert (line["state"], line["rail"], line["amount_fen"]) == ("paid", "direct", 20_000)
        at = f"/statements/{line['settlement_id']}"
        whole = (await one.merchant("GET", at)).json()
        assert [each["due_fen"] for each in whole["orders"]] == [20_000]
        assert whole["sums"][-1] == {
            "label_zh": "本次付款金额",
            "label_en": "This payment",
            "amount_fen": 20_000,
        }
        workbook = await one.merchant("GET", f"{at}/workbook")
        sheet = zipfile.ZipFile(io.BytesIO(workbook.content)).read("xl/sharedStrings.xml")
        assert "江汉路jianghan店" in sheet.decode()
        pdf = await one.merchant("GET", f"{at}/pdf")
        assert pdf.content.startswith(b"%PDF-")
        assert pdf.headers["content-type"] == "application/pdf"
        assert await all_is_well(one.house)


@pytest.mark.requirement("R2.4")
async def test_a_statement_names_each_payment_and_each_return_that_was_kept_from_it(
    database: Database,
) -> None:
    async with standing(database) as one:
        client = one.client
        async with one.house.app.db.reading() as tx:
            campaign = await load_campaign(tx, CAMPAIGN)
        assert campaign is not None
        other = await winner(one.house, campaign, lane=1)
        first = await redeemed(client, one.at, one.who)
        await one.next_day_settled()
        back = {"request_key": new_key(), "amount_fen": 30_000}
        late = await till(client, one.at, f"redemptions/{first}/refunds", **back)
        assert (late.status_code, late.json()["to_fund_fen"]) == (201, 6_000), late.text
        await redeemed(client, one.at, other)
        await one.next_day_settled()
        newest, oldest = (await one.merchant("GET", "/statements")).json()["items"]
        before, after = [
            (await one.merchant("GET", f"/statements/{line['settlement_id']}")).json()
            for line in (oldest, newest)
        ]
        at = f"/statements/{newest['settlement_id']}"
        workbook = (await one.merchant("GET", f"{at}/workbook")).content
        pdf = (await one.merchant("GET", f"{at}/pdf")).content
    paid = [order["payment_ref"] for order in before["orders"]]
    (kept,) = after["kept"]
    assert (before["kept"], after["settlement"]["recovered_fen"]) == ([], 6_000)
    assert (kept["payment_ref"], kept["store"]) == (paid[0], "江汉路jianghan店")
    assert (kept["goods_fen"], kept["owed_fen"], kept["kept_fen"]) == (30_000, 6_000, 6_000)
    shared = zipfile.ZipFile(io.BytesIO(workbook)).read("xl/sharedStrings.xml").decode()
    for text in (paid[0], after["orders"][0]["payment_ref"], "清算后退货", "收银员核销"):
        assert text in shared, text
    # A bookkeeper adds up a column: what is kept is numbers, in yuan.
    sheet = zipfile.ZipFile(io.BytesIO(workbook)).read("xl/worksheets/sheet1.xml").decode()
    rows = [
        re.findall(r'<c r="[FGH]\d+" s="\d+"><v>([^<]+)</v>', row)
        for row in re.findall(r"<row .*?</row>", sheet)
    ]
    assert ["300.00", "60.00", "60.00"] in rows, rows
    assert pdf.startswith(b"%PDF-")


@pytest.mark.requirement("R2.4")
async def test_cash_that_came_while_a_run_was_under_way_pays_off_the_oldest_debt(
    database: Database,
) -> None:
    async with standing(database) as one:
        app, client = one.house.app, one.client
        async with app.db.reading() as tx:
            campaign = await load_campaign(tx, CAMPAIGN)
        assert campaign is not None
        second, third = [await winner(one.house, campaign, lane=lane) for lane in (1, 2)]
        slips = [await redeemed(client, one.at, who) for who in (one.who, second)]
        await one.next_day_settled()
        for slip in slips:
            back = {"request_key": new_key(), "amount_fen": 30_000}
            late = await till(client, one.at, f"redemptions/{slip}/refunds", **back)
            assert late.status_code == 201, late.text
        await redeemed(client, one.at, third)
        left = await repay_debt(app, CAMPAIGN, one.at.merchant_id, 6_000, "cash-1", "test")
        assert left == 6_000
        await one.next_day_settled()
        newest, oldest = (await one.merchant("GET", "/statements")).json()["items"]
        # The run had begun before the cash came, and this merchant was settled after it.
        async with app.db.transaction() as tx:
            number = int(newest["settlement_id"])
            at = "select settled_at from settlements where settlement_id = $1"
            earlier = await tx.fetchval(at, number) - timedelta(days=2)
            await tx.execute(
                "update settlements set settled_at = $2 where settlement_id = $1", number, earlier
            )
        before, after = [
            (await one.merchant("GET", f"/statements/{line['settlement_id']}")).json()
            for line in (oldest, newest)
        ]
    paid = {each["redemption"]: each["payment_ref"] for each in before["orders"]}
    assert [each["payment_ref"] for each in after["kept"]] == [paid[slips[1]]]


@pytest.mark.requirement("R5.2")
async def test_nobody_who_may_not_comes_near_the_money(database: Database) -> None:
    """A city's officials, a second cashier of the store, the manager of another merchant."""
    async with standing(database) as one:
        client = one.client
        await redeemed(client, one.at, one.who)
        await one.next_day_settled()
        campaign = one.who.campaign_id
        for method, path, body in (
            ("GET", "/settlements", {"campaign": campaign}),
            ("GET", "/settlements/1", {}),
            ("POST", "/settlement-runs", {"campaign": campaign}),
            ("GET", "/payment-files", {"campaign": campaign}),
            ("POST", "/payment-files", {"campaign": campaign}),
            ("POST", "/payment-files/1/approvals", {}),
            (
                "POST",
                "/settlement-holds",
                {"request_key": "hold-key", "reason": "x", "merchant_id": 1},
            ),
            ("GET", "/disputes", {}),
        ):
            told = await one.console(method, path, Role.CITY_SUPERVISOR, **body)
            assert (told.status_code, told.json()["code"]) == (403, "forbidden"), path
        async with one.house.app.db.transaction() as tx:
            await tx.execute("update cashiers set is_manager = false")
        refused = await one.merchant("GET", "/statements")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        async with one.house.app.db.transaction() as tx:
            await tx.execute("update cashiers set is_manager = true")
            await tx.execute(
                "insert into merchants (name, uscc, opened_at) values ('x', 'x', now())"
            )
            await tx.execute("update stores set merchant_id = 2")
        refused = await one.merchant("GET", "/statements/1")
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_settlement")


async def test_two_of_the_platform_do_not_pay_without_the_department(database: Database) -> None:
    async with standing(database) as one:
        client = one.client
        await redeemed(client, one.at, one.who)
        await one.next_day_settled()
        await one.console("POST", "/payment-files", campaign=one.who.campaign_id)
        assert (await one.console("POST", "/payment-files/1/approvals")).status_code == 201
        async with one.house.app.db.transaction() as tx:
            await tx.execute(
                "insert into staff (login, name, role, password_hash, opened_at) "
                "select 'second', '李', role, password_hash, opened_at from staff "
                "where login = 'operator'"
            )
        body = {"login": "second", "password": PASSWORD}
        second = await client.post(f"{CONSOLE}/sessions", json=body)
        refused = await client.post(
            f"{CONSOLE}/payment-files/1/approvals", headers=bearer(second.json()["token"])
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "supervisor_needed")


@pytest.mark.requirement("R2.4")
async def test_a_hold_and_a_dispute_are_placed_answered_and_seen_by_both(
    database: Database,
) -> None:
    async with standing(database) as one:
        client = one.client
        slip = await redeemed(client, one.at, one.who)
        body = {
            "request_key": "hold-key-1",
            "reason": "满减异常，待核查",
            "merchant_id": one.at.merchant_id,
        }
        held = (await one.console("POST", "/settlement-holds", **body)).json()["hold_id"]
        # The answer was lost, and the page asks again by itself.
        assert (await one.console("POST", "/settlement-holds", **body)).json() == {"hold_id": held}
        await one.next_day_settled()
        page = (await one.merchant("GET", "/statements")).json()
        assert (page["items"], page["standing"]["is_held"]) == ([], True)
        listed = (await one.console("GET", "/settlement-holds")).json()["items"]
        assert [each["reason"] for each in listed] == ["满减异常，待核查"]
        lifted = await one.console(
            "POST", f"/settlement-holds/{held}/lift", reason="小票齐全", role=Role.SUPERVISOR
        )
        assert lifted.json() == {"was_in_force": True}
        await one.next_day_settled()
        (line,) = (await one.merchant("GET", "/statements")).json()["items"]
        at = f"/statements/{line['settlement_id']}/disputes"
        said = {"request_key": "dispute-1", "words": "这笔少算了", "redemption": slip}
        opened = await one.merchant("POST", at, **said)
        assert opened.status_code == 201, opened.text
        # The answer was lost, and the page asks again by itself.
        assert (await one.merchant("POST", at, **said)).json() == opened.json()
        other = await one.merchant("POST", at, **{**said, "words": "另一件事"})
        assert other.json()["code"] == "request_key_reused"
        strange = await one.merchant(
            "POST", at, request_key="dispute-2", words="x", redemption="R001-0003"
        )
        assert strange.json()["code"] == "unknown_redemption"
        number = opened.json()["dispute_id"]
        answer = {"verdict": "dismissed", "words": "已核对，该笔 200 元无误"}
        path = f"/disputes/{number}/answer"
        assert (await one.console("POST", path, **answer)).status_code == 201
        again = await one.console("POST", path, **answer)
        assert again.json()["code"] == "dispute_answered"
        (mine,) = (await one.merchant("GET", "/disputes")).json()["items"]
        assert (mine["verdict"], mine["answer"]) == ("dismissed", "已核对，该笔 200 元无误")
        (theirs,) = (await one.console("GET", "/disputes")).json()["items"]
        assert theirs == mine


@pytest.mark.requirement("R2.4")
async def test_a_bank_that_says_failed_after_paying_is_shown_and_nothing_is_paid_again(
    database: Database,
) -> None:
    async with standing(database) as one:
        client = one.client
        await redeemed(client, one.at, one.who)
        await one.next_day_settled()
        number = (await one.file_sent())["file"]["file_id"]
        bank = Bank(lies={Lie.ANSWER_DIFFERENTLY: 100})
        booked = await one.bank_says(bank, number)
        assert booked["contradiction_count"] == 1
        story = (await one.console("GET", f"/payment-files/{number}")).json()
        assert len(story["contradictions"]) == 1
        holds = (await one.console("GET", "/settlement-holds")).json()["items"]
        assert [each["placed_by"] for each in holds] == ["house"]
        await one.next_day_settled()
        nothing = await one.console("POST", "/payment-files", campaign=one.who.campaign_id)
        assert nothing.json()["code"] == "nothing_to_pay"
        assert await all_is_well(one.house)
