"""A payment file from the command line: each signs for themselves, the bank's word counts once."""

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from huiquan.domain.money import yuan
from huiquan.gateways.passwords import hash_secret
from simulation.bank import read_file
from tests.cli.conftest import Command

PASSWORD = "a long password"
HEAD = "客户流水号,金额,处理结果,银行流水号,失败原因\r\n"


async def _prepare(url: str) -> tuple[int, str, int]:
    """Give both payers a password; gives a line the bank has not answered."""
    connection = await asyncpg.connect(url)
    await connection.execute("update staff set password_hash = $1", await hash_secret(PASSWORD))
    line = await connection.fetchrow(
        "select file_id, ref, amount_fen from payment_lines where state = 'waiting' limit 1"
    )
    await connection.close()
    return line["file_id"], line["ref"], line["amount_fen"]


@pytest.mark.requirement("R2.4")
def test_a_file_goes_from_the_draft_to_the_bank_and_an_answer_counts_once(
    huiquan: Command, season_url: str, tmp_path: Path
) -> None:
    number, ref, amount_fen = asyncio.run(_prepare(season_url))
    said = tmp_path / "answers.csv"
    amount = yuan(amount_fen).replace(",", "")
    said.write_bytes(f"{HEAD}{ref},{amount},失败,,户名不符\r\n".encode("gbk"))
    first = huiquan("payment", "answers", str(number), str(said))
    assert first.status == 0, first.err
    assert "1 came back" in first.out
    assert "1 heard before" in huiquan("payment", "answers", str(number), str(said)).out

    clock = tmp_path / "clock"
    later = datetime.fromisoformat(clock.read_text()) + timedelta(days=1)
    clock.write_text(later.isoformat())
    assert huiquan("settle", "run").status == 0

    def signed(who: str, *words: str) -> tuple[int, str]:
        done = huiquan("payment", *words, "--login", who, "--password", PASSWORD)
        return done.status, done.out + done.err

    status, drafted = signed("payer", "draft")
    assert status == 0, drafted
    found = re.match(r"file (\d+): ", drafted)
    assert found is not None
    new, out = found[1], tmp_path / "bank.csv"
    assert signed("payer", "send", new, str(out))[1].endswith("(file_not_approved)\n")
    assert "one more needed" in signed("payer", "approve", new)[1]
    assert "already_approved_by_you" in signed("payer", "approve", new)[1]
    wrong = huiquan("payment", "approve", new, "--login", "approver", "--password", "wrong")
    assert "wrong_sign_in" in wrong.err
    assert "may be sent" in signed("approver", "approve", new)[1]
    assert signed("payer", "send", new, str(out))[0] == 0
    _, orders = read_file(out.read_bytes())
    assert sum(one.amount_fen for one in orders) > 0
    assert signed("payer", "withdraw", new)[1].endswith("(file_already_sent)\n")
    assert "accepted" in signed("payer", "accept", new, "--batch", "B-17")[1]
    listed = huiquan("payment", "list").out
    assert re.search(rf"file {new} .* accepted .* approved by payer, approver", listed)


@pytest.mark.requirement("R2.4")
def test_accounts_are_asked_for_from_one_file_and_confirmed_from_another_persons(
    huiquan: Command, season_url: str, tmp_path: Path
) -> None:
    asyncio.run(_prepare(season_url))
    names = "uscc,account_no,account_name,bank_name,bank_code"
    line = (
        f"{asyncio.run(_usccs(season_url))[0]},{{}},某某百货有限公司,某某银行武汉分行,105521000018"
    )
    mine, theirs, short = (tmp_path / f"{name}.csv" for name in ("mine", "theirs", "short"))
    mine.write_text(f"{names}\n{line.format('6222020000000017734')}\n")
    theirs.write_text(f"{names}\n{line.format('6222020000000017735')}\n")
    short.write_text("uscc\n")

    def signed(who: str, *words: str) -> str:
        done = huiquan("payment", *words, "--login", who, "--password", PASSWORD)
        return done.out + done.err

    assert "the columns account_name, account_no" in signed("payer", "accounts", str(short))
    assert "1 wait for another person" in signed("payer", "accounts", str(mine))
    assert "1 wait for another person" in signed("approver", "accounts", str(mine))
    assert "account_request_open" in signed("payer", "accounts", str(theirs))
    assert "already_approved_by_you" in signed("payer", "confirm", str(mine))
    assert "account_differs" in signed("approver", "confirm", str(theirs))
    waiting = re.match(
        r"request (\d+)  open .* ···\d{4} -> ···7734 ", huiquan("payment", "requests").out
    )
    assert waiting is not None
    refused = ("refuse", waiting[1], "--reason", "no seal")
    assert "refused" in signed("approver", *refused)
    assert "account_request_decided" in signed("payer", *refused)
    signed("payer", "accounts", str(mine))
    assert "1 are in force, 0 wait" in signed("approver", "confirm", str(mine))
    assert "0 wait for another person, 1 are in force" in signed("payer", "accounts", str(mine))
    assert "···7734" in huiquan("payment", "requests").out.splitlines()[0]


async def _usccs(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select uscc from merchants order by merchant_id")
    await connection.close()
    return [row["uscc"] for row in rows]
