"""The fund from the command line, on the books of the season."""

import pytest

from tests.cli.conftest import Command
from tests.cli.test_books import CODE, ask


def run(huiquan: Command, *words: str) -> str:
    said = huiquan("fund", *words)
    assert said.status == 0, said.err
    return said.out


@pytest.mark.requirement("R2.4")
def test_tranches_are_planned_received_and_listed(huiquan: Command) -> None:
    planned = run(
        huiquan,
        *("plan", CODE, "1,000.50", "--payer", "武汉市商务局", "--on", "2026-02-20"),
        *("--ref", "P-1"),
        *("--account", "4201-01"),
    )
    assert "tranche 2 of 1,000.50 yuan is due on 2026-02-20" in planned
    listed = run(huiquan, "tranches", CODE)
    assert "武汉市商务局" in listed
    assert "bank-7" not in listed
    for _ in range(2):
        received = run(huiquan, "receive", CODE, "2", "1,000.50", "--ref", "bank-7")
        assert "401,000.50 yuan appropriated in all" in received
    assert "bank-7" in run(huiquan, "tranches", CODE)
    again = huiquan("fund", "receive", CODE, "2", "1", "--ref", "bank-8")
    assert (again.status, "tranche_received" in again.err) == (1, True)


@pytest.mark.requirement("R2.4")
@pytest.mark.requirement("R5.7")
def test_balances_pledges_and_alerts_are_read_on_the_screen(
    huiquan: Command, season_url: str
) -> None:
    live = run(huiquan, "live", CODE)
    for word in ("武汉市", "餐饮大礼包", "20260206", "合计", "lasts"):
        assert word in live
    assert int(run(huiquan, "count", CODE).split()[1].replace(",", "")) > 0
    assert ": 0 transfers counted" in run(huiquan, "count", CODE)
    assert run(huiquan, "live", CODE).partition("(")[0] == live.partition("(")[0]
    one = run(huiquan, "live", CODE, "--day", "2026-02-06")
    assert "20260206" in one
    assert "20260207" not in one
    run(huiquan, "pledge", CODE, "500", "--document", "配套承诺函")
    assert "500.00" in run(huiquan, "matching", CODE)
    ask(
        season_url,
        "insert into fund_alerts (campaign_id, kind, below, subject, measured, zh, en, raised_at)"
        " values (1, 'days_left', 3, '', 2, '资金池还可投放 2 天。', 'Two days.', now())",
    )
    ask(
        season_url,
        "insert into staff (login, name, role, password_hash, opened_at)"
        " values ('li', '李处', 'supervisor', '', now())",
    )
    assert "not seen yet" in run(huiquan, "alerts", CODE)
    run(huiquan, "acknowledge", "1", "--by", "li")
    assert "seen by 李处" in run(huiquan, "alerts", CODE)
    stranger = huiquan("fund", "acknowledge", "1", "--by", "nobody")
    assert (stranger.status, "nobody signs in as nobody" in stranger.err) == (1, True)


@pytest.mark.requirement("R3.6")
def test_what_is_made_good_and_repaid_is_booked(huiquan: Command, season_url: str) -> None:
    words = ("--ref", "good-1", "--payer", "惠券平台", "--reason", "invented orders")
    assert "12.00 yuan compensated in all" in run(huiquan, "compensate", CODE, "12", *words)
    owed = ask(
        season_url,
        "select holder, amount_fen from balances where account = 'receivable' and amount_fen > 0",
    )
    too_much = huiquan("fund", "repay", CODE, "1", "999999", "--ref", "cash-1")
    assert (too_much.status, "more_than_owed" in too_much.err) == (1, True)
    for holder, amount_fen in owed[:1]:
        assert isinstance(amount_fen, int)
        yuan = f"{amount_fen // 100}.{amount_fen % 100:02}"
        said = run(huiquan, "repay", CODE, str(holder), yuan, "--ref", "cash-2")
        assert "still owes 0.00 yuan" in said
    assert huiquan("check").status == 0
    shown = run(huiquan, "show", CODE)
    assert "平台赔付" in shown


@pytest.mark.requirement("R2.4")
def test_a_campaign_that_runs_is_not_closed(huiquan: Command, season_url: str) -> None:
    seen = run(huiquan, "closing", CODE)
    assert "in the way: 活动尚未结束 · the campaign is not over" in seen
    ask(
        season_url,
        "insert into staff (login, name, role, password_hash, opened_at)"
        " values ('li', '李处', 'supervisor', '', now())",
    )
    for words, code in (
        (("close", CODE, "--by", "li"), "not_ready_to_close"),
        (("approve", CODE, "--by", "li"), "no_closing"),
        (("return", CODE, "1", "5", "--ref", "back"), "no_closing"),
    ):
        said = huiquan("fund", *words)
        assert (said.status, code in said.err) == (1, True), said.err
