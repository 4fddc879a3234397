"""Officials at the command line: checks, reports, the register, the fund, settlements."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from huiquan.domain.money import yuan
from huiquan.views.report import NINE
from tests.cli.conftest import Command
from tests.cli.workbooks import read_workbook, worked_out

CODE = "2026-mashangyouli"
DAY = 20260207


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """Put a question to the database as its owner."""

    async def _ask() -> list[tuple[object, ...]]:
        owner = await asyncpg.connect(url)
        rows = await owner.fetch(query)
        await owner.close()
        return [tuple(row) for row in rows]

    return asyncio.run(_ask())


@pytest.mark.requirement("R5.8")
def test_check_says_how_many_promises_hold(huiquan: Command) -> None:
    said = huiquan("check")
    assert said.status == 0, said.out
    kept, of = said.out.split(" promises hold")[0].split(" of ")
    assert kept == of
    quick = huiquan("check", "--quick")
    assert quick.status == 0
    assert quick.out.startswith(f"{int(of) - 3} of {int(of) - 3} ")


@pytest.mark.requirement("R2.4")
def test_check_shows_what_is_broken_and_fails(huiquan: Command, season_url: str) -> None:
    ask(season_url, "update balances set amount_fen = amount_fen + 1 where account = 'bank'")
    said = huiquan("check", "--quick")
    assert said.status == 1
    assert "✗ I24 余额等于流水" in said.out
    assert "✗ I26 资金等式" in said.out
    assert "balance_fen" in said.out


@pytest.mark.requirement("R2.8")
@pytest.mark.parametrize("day", ["20260207", "2026-02-07"])
def test_a_report_is_read_on_the_screen(huiquan: Command, day: str) -> None:
    plain = json.loads(huiquan("report", day, "--json").out)
    said = huiquan("report", day)
    assert said.status == 0
    for one in NINE:
        value = plain["total"][one.field]
        line = next(line for line in said.out.splitlines() if one.en in line)
        assert (yuan(value) if one.is_money else f"{value:,}") in line


@pytest.mark.requirement("R2.8")
def test_a_report_as_json_has_the_nine_by_city_pack_and_platform(
    huiquan: Command, season_url: str
) -> None:
    plain = json.loads(huiquan("report", str(DAY), "--json").out)
    (counted,) = ask(
        season_url,
        f"select count(*), sum(amount_fen)::bigint from transfers "
        f"where kind = 'reserve' and day = {DAY}",
    )
    assert (plain["total"]["issued_count"], plain["total"]["issued_fen"]) == counted
    assert (plain["day"], plain["campaign"]) == (DAY, CODE)
    assert len(plain["by_city"]) == 17
    for parts in ("by_city", "by_pack", "by_platform"):
        assert sum(part["redeemed_fen"] for part in plain[parts]) == plain["total"]["redeemed_fen"]
    assert plain["fund"]["appropriated_fen"] == 40_000_000


@pytest.mark.requirement("R2.8")
@pytest.mark.requirement("R5.8")
def test_a_report_as_a_workbook_adds_up(huiquan: Command, tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    said = huiquan("report", str(DAY), "--xlsx", str(file))
    assert (said.status, file.exists()) == (0, True), said.err
    plain = json.loads(huiquan("report", str(DAY), "--json").out)
    book = read_workbook(file)
    assert list(book) == ["日报", "分市州", "分礼包", "分平台", "近14日", "专户资金", "说明"]
    day = book["日报"].rows()
    assert day[0] == ["2026年“乐购湖北 马上有礼”新春消费大礼包日报"]
    assert "统计日：2026年2月7日" in day[1][0]
    assert "金额单位：元" in day[1][0]
    for row, one in zip(day[3:], NINE, strict=False):
        value, so_far = plain["total"][one.field], plain["cumulative"][one.field]
        divisor = 100 if one.is_money else 1
        assert row[1:5] == [one.zh, value / divisor, so_far / divisor, one.means_zh]
    for name in ("分市州", "分礼包", "分平台"):
        sheet = book[name]
        sums = dict(worked_out(book, sheet))
        assert len(sums) == 6
        for place, added in sums.items():
            assert added == pytest.approx(sheet.cells[place])
        total = sheet.rows()[-1]
        expected = [plain["total"][one.field] / (100 if one.is_money else 1) for one in NINE]
        assert total == ["合计", *expected]
    assert len(book["近14日"].rows()) == 3 + 14


@pytest.mark.requirement("R2.4")
def test_the_register_holds_every_movement_and_adds_up_by_itself(
    huiquan: Command, season_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "register.xlsx"
    said = huiquan("ledger", "export", str(DAY), "--xlsx", str(file))
    assert said.status == 0, said.err
    book = read_workbook(file)
    assert list(book) == ["汇总", "明细1", "商户往来", "台账链"]
    lines = book["明细1"].rows()[3:]
    kept = ask(
        season_url,
        f"select lane, no, amount_fen, ref from transfers where day = {DAY} "
        "order by booked_at, lane, no",
    )
    assert [
        (-1 if line[2] == "总账" else int(line[2]), int(line[3]), round(line[7] * 100), line[10])
        for line in lines
    ] == kept
    assert [int(line[0]) for line in lines] == list(range(1, len(lines) + 1))
    sums = book["汇总"]
    added = dict(worked_out(book, sums))
    assert len(added) >= 9
    for place, amount in added.items():
        assert amount == pytest.approx(sums.cells[place]), place
    assert {v for v in sums.cells.values() if v in ("相符", "不符")} == {"相符"}


@pytest.mark.requirement("R2.4")
def test_the_register_closes_as_the_next_day_opens(huiquan: Command, tmp_path: Path) -> None:
    opening: dict[str, float] | None = None
    for day in range(20260206, 20260212):
        file = tmp_path / f"{day}.xlsx"
        assert huiquan("ledger", "export", str(day), "--xlsx", str(file)).status == 0
        rows = [row for row in read_workbook(file)["汇总"].rows()[3:] if len(row) == 7]
        if opening is not None:
            assert {row[0]: row[1] for row in rows} == opening
        opening = {row[0]: row[4] for row in rows}
        assert len(opening) == 9


@pytest.mark.requirement("R2.4")
def test_the_register_names_vouchers_merchants_and_links(
    huiquan: Command, season_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "register.xlsx"
    huiquan("ledger", "link")
    huiquan("ledger", "export", str(DAY), "--xlsx", str(file))
    book = read_workbook(file)
    serials = {str(serial) for (serial,) in ask(season_url, "select serial from vouchers")}
    links = {
        (lane, number): bytes(link).hex()  # type: ignore[call-overload]
        for lane, number, link in ask(season_url, "select lane, link_no, link_hash from links")
    }
    for line in book["明细1"].rows()[3:]:
        named = line[4] in ("发券", "核销", "过期", "核销退款", "清算后退款")
        assert (line[8] in serials) == named, line
        of_merchant = line[4] in ("核销", "核销退款", "清算后退款", "清算", "付款")
        assert not of_merchant or line[9].startswith("merchant "), line
        lane = -1 if line[2] == "总账" else int(line[2])
        assert (lane, int(line[11])) in links
    for lane, number, *_, link_hash, _ in book["台账链"].rows()[3:]:
        key = (-1 if lane == "总账" else int(lane), int(number))
        assert links[key] == link_hash


@pytest.mark.requirement("R2.4")
def test_an_appropriation_is_booked_once(huiquan: Command) -> None:
    words = ("fund", "appropriate", CODE, "1,000.50", "--ref", "bank 2")
    for _ in range(2):
        said = huiquan(*words)
        assert said.status == 0, said.err
        assert "401,000.50 yuan appropriated in all" in said.out
    other = huiquan("fund", "appropriate", CODE, "2000", "--ref", "bank 2")
    assert other.status == 1
    assert "request_key_reused" in other.err
    shown = huiquan("fund", "show", CODE)
    assert "累计拨款" in shown.out
    assert "401,000.50" in shown.out


@pytest.mark.requirement("R2.4")
def test_a_settlement_is_run_and_confirmed_from_the_command_line(
    huiquan: Command, season_url: str
) -> None:
    again = huiquan("settle", "run")
    assert again.status == 0
    assert "to pay 0.00 yuan" in again.out
    ((number, amount_fen),) = ask(
        season_url,
        "select settlement_id, amount_fen from settlements where state = 'in_file' limit 1",
    )
    assert isinstance(amount_fen, int)
    words = ("settle", "confirm", str(number), yuan(amount_fen), "--ref", "bank-x")
    for _ in range(2):
        said = huiquan(*words)
        assert said.status == 0, said.err
        assert f"{yuan(amount_fen)} yuan paid under bank-x" in said.out
    wrong = huiquan("settle", "confirm", str(number), yuan(amount_fen), "--ref", "bank-y")
    assert wrong.status == 1
    assert huiquan("check").status == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("report", "2026-02-30"), "not a day"),
        (("report", "yesterday"), "not a day"),
        (("report", "20260207", "--campaign", "another"), "unknown_campaign"),
        (("report", "20260207", "--xlsx", "/nowhere/at/all.xlsx"), "no such directory"),
        (("ledger", "export", "20260207", "--xlsx", "/nowhere/at/all.xlsx"), "no such directory"),
        (("fund", "appropriate", CODE, "-1", "--ref", "x"), ""),
        (("fund", "appropriate", "another", "1", "--ref", "x"), "unknown_campaign"),
        (("fund", "show", "another"), "unknown_campaign"),
        (("settle", "run", "--campaign", "another"), "unknown_campaign"),
        (("settle", "confirm", "999", "1", "--ref", "x"), "unknown_settlement"),
        (
            ("settle", "hold", "--reason", "x", "--ref", "h-1", "--merchant", "999"),
            "unknown_merchant",
        ),
        (("settle", "hold", "--reason", "x", "--ref", " ", "--merchant", "1"), "malformed"),
        (("settle", "lift", "999", "--reason", "x"), "unknown_hold"),
        (
            ("payment", "accounts", "/nowhere/at/all.csv", "--login", "x", "--password", "x"),
            "no such file",
        ),
        (("payment", "list", "--campaign", "another"), "unknown_campaign"),
        (("ledger", "link", "--campaign", "another"), "unknown_campaign"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    huiquan: Command, words: tuple[str, ...], reason: str
) -> None:
    said = huiquan(*words)
    assert said.status != 0
    if reason:
        assert said.err.strip().count("\n") == 0, said.err
        assert said.err.startswith("huiquan: ")
        assert reason in said.err


def test_without_a_database_the_command_says_so(
    huiquan: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIQUAN_DATABASE_URL")
    said = huiquan("check")
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert "HUIQUAN_DATABASE_URL" in said.err
