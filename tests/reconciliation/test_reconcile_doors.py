"""The doors of reconciliation: the console's, the command line's and the daily job's."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.cli.main import run
from huiquan.domain.roles import Role
from huiquan.jobs.tasks import reconcile
from simulation.bill_shapes import SHAPES
from tests.houses import bearer, sign_in_console, visit
from tests.reconciliation.bills import DAYS, FIRST, Books, bring, of_day

AT = "/api/v1/console/reconciliation"


async def token_of(books: Books, login: str, client: httpx.AsyncClient) -> dict[str, str]:
    new = NewStaff(login=login, name=login, role=Role.SUPERVISOR, password="supervise")
    assert isinstance(await add_staff(books.house.app, new, "test"), int)
    told = await client.post(
        "/api/v1/console/sessions", json={"login": login, "password": "supervise"}
    )
    return bearer(told.json()["token"])


def torn_by_a_fen(books: Books) -> bytes:
    """The first day's bill, with one fen less for one sale."""
    first, *rest = of_day(books.facts, FIRST)
    return SHAPES["wechat"]([replace(first, amount_fen=first.amount_fen - 1), *rest])


@pytest.mark.requirement("R2.4")
async def test_a_file_becomes_a_case_that_two_officials_close(books: Books) -> None:
    query = {"campaign": 1, "source": "till", "mapping": "wechat", "name": "b.csv"}
    async with visit(books.house) as client:
        wang = await token_of(books, "wangchu", client)
        li = await token_of(books, "lichu", client)
        sent = await client.post(
            f"{AT}/files", params={**query, "day": 20260206}, content=torn_by_a_fen(books),
            headers=wang,
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
        assert (sent.json()["is_new"], sent.json()["opened_count"]) == (True, 1)
        again = await client.post(
            f"{AT}/files", params={**query, "day": 20260206}, content=torn_by_a_fen(books),
            headers=wang,
        )  # fmt: skip
        assert (again.json()["is_new"], again.json()["file"]) == (False, sent.json()["file"])

        (day,) = (await client.get(f"{AT}/days?campaign=1", headers=wang)).json()["items"]
        assert (day["day"], day["open_count"], day["has_file"]) == (20260206, 1, True)
        assert day["ours_fen"] - day["theirs_fen"] == 1
        assert 0 < day["matched_bp"] < 10_000

        (case,) = (await client.get(f"{AT}/cases?campaign=1", headers=wang)).json()["items"]
        assert (case["kind"], case["state"], case["age_days"]) == ("amount", "open", 5)
        number = case["case"]
        owned = await client.post(
            f"{AT}/cases/{number}/owner", json={"owner": "lichu"}, headers=wang
        )
        assert owned.json() == {"owner": "lichu"}
        closing = {"cause": "their_error", "reason": "来函更正"}
        first = await client.post(f"{AT}/cases/{number}/closing", json=closing, headers=wang)
        assert first.json() == {"is_final": False}
        alone = await client.post(f"{AT}/cases/{number}/closing", json=closing, headers=wang)
        assert (alone.status_code, alone.json()["code"]) == (403, "same_person")
        second = await client.post(f"{AT}/cases/{number}/closing", json=closing, headers=li)
        assert second.json() == {"is_final": True}
        again = await client.post(f"{AT}/cases/{number}/closing", json=closing, headers=li)
        assert again.json() == {"is_final": True}
        other = closing | {"cause": "our_error"}
        late = await client.post(f"{AT}/cases/{number}/closing", json=other, headers=li)
        assert late.json()["code"] == "case_closed"

        told = (await client.get(f"{AT}/cases/{number}", headers=li)).json()
        assert [(one["did"], one["actor"]) for one in told["steps"]] == [
            ("opened", "house"),
            ("assigned", "wangchu"),
            ("proposed", "wangchu"),
            ("closed", "lichu"),
        ]
        assert (await client.get(f"{AT}/cases?campaign=1", headers=li)).json()["items"] == []


async def test_a_case_shows_its_lines_and_what_a_later_file_tells_of_them(books: Books) -> None:
    first, *rest = of_day(books.facts, FIRST)
    torn = replace(first, amount_fen=first.amount_fen - 1)
    await bring(books.house, [torn, *rest], FIRST)
    await reconcile(books.house.app)
    await bring(books.house, [first, *rest[1:]], FIRST)
    async with visit(books.house) as client:
        wang = await token_of(books, "wangchu", client)
        listed = (await client.get(f"{AT}/cases?campaign=1", headers=wang)).json()["items"]
        numbers = {one["kind"]: one["case"] for one in listed if one["day"] == 20260206}
        assert set(numbers) == {"amount", "changed", "withdrawn"}
        told = {
            kind: (await client.get(f"{AT}/cases/{number}", headers=wang)).json()["lines"]
            for kind, number in numbers.items()
        }
    sums = {kind: [(one["side"], one["amount_fen"]) for one in told[kind]] for kind in told}
    kept, now = first.amount_fen - 1, first.amount_fen
    assert sums["amount"] == [("ours", now), ("theirs", kept), ("later", now)]
    assert sums["changed"] == [("theirs", kept), ("later", now)]
    assert sums["withdrawn"] == [("theirs", rest[0].amount_fen), ("later", None)]
    assert told["amount"][2]["case"] == numbers["changed"]
    assert all(one["file"] for line in told.values() for one in line if one["side"] != "ours")


async def test_what_is_wrong_with_a_file_is_said_row_by_row(books: Books) -> None:
    async with visit(books.house) as client:
        told = await sign_in_console(books.house, client)
        for mapping, day, raw, code in (
            ("house", 20260206, b"kind,payment_ref\n", "bad_file"),
            ("house", 20260230, b"", "malformed"),
            ("another", 20260206, b"", "unknown_mapping"),
            ("icbc", 20260206, b"PK\x03\x04", "bad_file"),
        ):
            answer = await client.post(
                f"{AT}/files",
                params={
                    "campaign": 1, "source": "x", "mapping": mapping, "name": "b", "day": day,
                },
                content=raw,
                headers=bearer(told["token"]),
            )  # fmt: skip
            assert answer.json()["code"] == code, answer.text
            assert 400 <= answer.status_code < 500
            if code == "bad_file":
                assert answer.json()["detail"]["flaws"][0]["zh"]
        choices = await client.get(f"{AT}/choices", headers=bearer(told["token"]))
        assert {"wechat", "alipay", "unionpay", "icbc"} <= {
            one["code"] for one in choices.json()["formats"]
        }
    assert await books.owner.fetchval("select count(*) from imported_files") == 0


@pytest.mark.requirement("R5.2")
async def test_a_citys_official_and_a_stranger_see_no_books(books: Books) -> None:
    async with visit(books.house) as client:
        told = await sign_in_console(books.house, client, Role.CITY_SUPERVISOR, "420100")
        for path in (f"{AT}/days?campaign=1", f"{AT}/cases?campaign=1", f"{AT}/choices"):
            seen = await client.get(path, headers=bearer(told["token"]))
            assert (seen.status_code, seen.json()["code"]) == (403, "forbidden")
            assert (await client.get(path)).status_code == 401


async def test_the_daily_job_compares_what_is_due_and_then_nothing(books: Books) -> None:
    for day in DAYS[:-1]:
        await bring(books.house, of_day(books.facts, day), day)
    done = await reconcile(books.house.app)
    assert isinstance(done, list)
    assert [one.day for one in done] == DAYS
    assert [one.has_file for one in done] == [True] * 4 + [False]
    waits = await books.cases()
    assert [(case["kind"], case["day"]) for case in waits] == [("no_file", 20260210)]
    await bring(books.house, of_day(books.facts, DAYS[-1]), DAYS[-1])
    again = await reconcile(books.house.app)
    assert isinstance(again, list)
    assert [one.day for one in again] == [DAYS[-1]]
    assert await reconcile(books.house.app) == []
    assert {case["state"] for case in await books.cases()} == {"closed"}


async def test_the_command_line_imports_compares_and_closes(
    books: Books,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with visit(books.house) as client:
        for login in ("wangchu", "lichu"):
            await token_of(books, login, client)
    clock, bill = tmp_path / "clock", tmp_path / "bill.csv"
    clock.write_text(books.house.clock.now.isoformat())
    bill.write_bytes(torn_by_a_fen(books))
    monkeypatch.setenv("HUIQUAN_DATABASE_URL", books.url)
    monkeypatch.setenv("HUIQUAN_CLOCK_FILE", str(clock))
    monkeypatch.setenv("COLUMNS", "200")

    def command(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["huiquan", "reconcile", *line.split()])
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), told.out + told.err

    async def said(line: str) -> tuple[int, str]:
        return await asyncio.to_thread(command, line)

    send = f"import {bill} --source till --mapping wechat --day 2026-02-06"
    assert "taken:" in (await said(send))[1]
    assert "nothing changed" in (await said(send))[1]
    assert "1 new cases" in (await said("run --day 2026-02-06"))[1]
    status, listed = await said("cases")
    assert status == 1
    assert "金额不符 amount" in listed
    (case,) = await books.cases()
    number = case["case_id"]
    assert "lichu answers" in (await said(f"assign {number} --to lichu --by wangchu"))[1]
    close = f"close {number} --cause their_error --reason corrected --by"
    assert "waits for a second person" in (await said(f"{close} wangchu"))[1]
    assert (await said(f"{close} nobody"))[0] == 1
    assert "closed" in (await said(f"{close} lichu"))[1]
    assert "wangchu proposed" in (await said(f"show {number}"))[1]
    assert (await said("cases"))[0] == 0
    bill.write_bytes(b"nothing")
    status, wrong = await said(send)
    assert status == 1
    assert "没有找到包含所需列的表头" in wrong
