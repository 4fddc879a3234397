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
