"""huiquan list: every command of a list, typed as officials would type it.  名单命令"""

import asyncio
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from huiquan.actions.add_staff import NewStaff, add_staff
from huiquan.actions.send_configs import send_configs
from huiquan.cli import lists
from huiquan.db.connection import Database
from huiquan.domain.roles import Role
from huiquan.gateways.keys import load_keys, make_keys
from huiquan.gateways.notary import connect_signer
from huiquan.jobs.rounds import open_today
from tests.houses import House, make_house, publish, visit
from tests.lists import CODE, DAY, DRAW, PUBLICITY_OVER, SIGN_UP, ListHouse, source
from tests.signers import SignerProcesses, signers_at
from tests.stories.test_list_to_till import PEOPLE, Desks, hold_both

pytestmark = pytest.mark.slow
PASSWORD = "a long password"

Typed = Callable[..., Result]


def typing(url: str, keys: Path, signers: SignerProcesses) -> Typed:
    """Type one command of `huiquan list`, in the house's environment."""
    environment = {
        "HUIQUAN_DATABASE_URL": url,
        "HUIQUAN_KEYS_DIR": str(keys),
        "HUIQUAN_CAMPAIGN": CODE,
        "HUIQUAN_NOTARY_URL": signers.url("notary"),
        "HUIQUAN_AUDITOR_URL": signers.url("auditor"),
        "HUIQUAN_CLOCK_FILE": str(signers.clock.path),
        "COLUMNS": "200",
    }

    def typed(*words: str) -> Result:
        return CliRunner().invoke(
            lists.app, list(words), input=f"{PASSWORD}\n", env={**os.environ, **environment}
        )

    return typed


async def signed_up(house: House, signers: SignerProcesses, folder: Path) -> None:
    """The campaign is published, and people sign up for its first round."""
    for login in ("wang", "li"):
        new = NewStaff(login=login, name=login, role=Role.OPERATOR, city=None, password=PASSWORD)
        assert isinstance(await add_staff(house.app, new, "test"), int)
    campaign = await publish(house, source())
    assert await send_configs(house.app) == 1
    signers.clock.now = SIGN_UP
    await open_today(house.app, campaign)
    async with visit(house) as client:
        standing = ListHouse(
            house=house, campaign=campaign, client=client, homes={}, keys={}, folder=folder
        )
        await standing.sign_up(PEOPLE)


@pytest.mark.requirement("R5.1")
async def test_a_list_goes_by_commands_from_its_config_to_its_vouchers(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    keys, day = tmp_path / "keys", str(DAY)
    make_keys(keys, (CODE,), secrets.token_bytes)
    with signers_at(tmp_path / "signers", SIGN_UP - timedelta(days=1)) as signers:
        notary = await connect_signer("notary", signers.url("notary"))
        auditor = await connect_signer("auditor", signers.url("auditor"))
        house = make_house(
            database, at=SIGN_UP, notary=notary, auditor=auditor, keys=load_keys(keys)
        )
        await signed_up(house, signers, tmp_path)
        typed = typing(database_url, keys, signers)
        signers.clock.now = DRAW
        await asyncio.to_thread(_all_of_it, typed, signers, tmp_path, day, auditor.key)
        await notary.close()
        await auditor.close()


def _all_of_it(
    typed: Typed, signers: SignerProcesses, home: Path, day: str, auditor_key: bytes
) -> None:
    """What is typed, in order, and what is answered."""
    config, folder = home / "config", home / "list"
    assert "config.json, signatures.json" in typed("config", day, "--out", str(config)).output
    assert "没有公示" in typed("show", day).output
    assert "entries.bin" in typed("seal", day, "--out", str(folder)).output
    assert typed("seal", day, "--out", str(folder)).exit_code == 1, "the folder is not empty"
    assert typed("import", day, str(folder), "--as", "wang").exit_code == 1, "nobody has drawn"
    hold_both(Desks(signers=signers), folder, auditor_key)
    told = typed("import", day, str(folder), "--as", "wang")
    assert "objections until 2025-11-29 00:00" in told.output, told.output
    out = home / "wins.csv"
    assert typed("show", day, "--out", str(out)).exit_code == 0
    wins = out.read_text("utf-8-sig").splitlines()[1:]
    number = wins[0].split(",")[0]
    assert number.startswith(f"D{day}-00-")
    whole = ("--from", "李四", "--grounds", "员工参与", "--as", "wang")
    assert "objection 1" in typed("object", number, *whole).output
    assert typed("object", "42", *whole).exit_code == 1
    upheld = ("decide", "1", "--verdict", "upheld", "--reason", "属实", "--as")
    assert "a second person decides" in typed(*upheld, "wang").output
    assert "须由另一人" in typed(*upheld, "wang").output
    assert "decided by two" in typed(*upheld, "li").output
    assert typed(*upheld, "nobody").exit_code == 1
    assert "公示期还没有结束" in typed("issue", day).output
    signers.clock.now = PUBLICITY_OVER
    assert f"{len(wins) - 1} issued, 1 voided" in typed("issue", day).output
    assert "issued already" in typed("issue", day).output
    assert "属实" in typed("show", day).output
