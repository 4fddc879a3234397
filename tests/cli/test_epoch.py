"""huiquan epoch: what an operator types when a signer's key is lost.  换钥命令"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from huiquan.cli.main import app as command
from huiquan.db.connection import Database
from huiquan.domain.fingerprints import fingerprint_of
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.rounds import drain
from tests.houses import CAMPAIGN
from tests.log.test_rollback import write_keys
from tests.stories.changing_keys import new_home, new_key, replace_signer, sign_folder
from tests.stories.test_todays_draw import DrawHouse, draw_and_log, draw_house, enter

SAID = ["--by", "值班员", "--campaign", CAMPAIGN]
GOOD = ["--key", "ab" * 32, "--reason", "硬盘损坏", "--out", "folder", *SAID]


def test_what_is_typed_wrongly_is_named_in_both_languages() -> None:
    for words, said in (
        (["witness", *GOOD], "应为 notary 或 auditor"),
        (["notary", "--key", "AB" * 32, *GOOD[2:]], "64 位小写十六进制"),
        (["notary", "--key", "ab", *GOOD[2:]], "64 lower-case hex digits"),
    ):
        refused = CliRunner().invoke(command, ["epoch", "declare", *words])
        assert refused.exit_code == 1
        assert said in refused.output


def environment_of(standing: DrawHouse, url: str, keys: Path) -> dict[str, str]:
    """The settings under which the operator's commands find the house."""
    write_keys(keys)
    roles = ("notary", "auditor", "witness")
    return {
        **{f"HUIQUAN_{role.upper()}_URL": standing.signers.url(role) for role in roles},
        "HUIQUAN_KEYS_DIR": str(keys),
        "HUIQUAN_CLOCK_FILE": str(standing.signers.clock.path),
        "HUIQUAN_DATABASE_URL": url,
        "COLUMNS": "200",
    }


@pytest.mark.slow
@pytest.mark.requirement("R5.1")
async def test_an_operator_declares_begins_and_shows_a_change_of_keys(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path / "s", 8) as standing:
        environment = environment_of(standing, database_url, tmp_path / "keys")
        folder = tmp_path / "folder"

        async def huiquan(*words: str) -> Result:
            told: Any = await asyncio.to_thread(
                CliRunner().invoke, command, ["epoch", *words], env=environment
            )
            return told

        for token in standing.tokens[:4]:
            await enter(standing.house, standing.client, token)
        await draw_and_log(standing)
        # The house has met the notary before; then its machine dies.
        assert (await huiquan("withdraw", *SAID)).exit_code == 1
        home = new_home(standing, "notary")
        key = new_key(home)
        await asyncio.to_thread(standing.signers.kill, "notary")
        for token in standing.tokens[4:]:
            await enter(standing.house, standing.client, token)
        with pytest.raises(OutsiderFault):
            await drain(standing.house.app, standing.campaign)

        shown = await huiquan("show", "--campaign", CAMPAIGN)
        assert "没有换过密钥 · no key was changed" in shown.output
        words = ["--key", key, "--reason", "硬盘损坏", "--out", str(folder), *SAID]
        declared = await huiquan("declare", "notary", *words)
        assert declared.exit_code == 0, declared.output
        assert fingerprint_of(bytes.fromhex(key)) in declared.output
        assert "python -m notary declare" in declared.output
        assert (await huiquan("declare", "notary", *words)).exit_code == 1, (
            "the folder is not empty"
        )
        assert "正在签署" in (await huiquan("show", "--campaign", CAMPAIGN)).output
        early = await huiquan("begin", str(folder), *SAID)
        assert "epoch_unsigned" in early.output
        assert await sign_folder(standing, folder, "auditor", standing.signers.home / "auditor")
        assert await sign_folder(standing, folder, "notary", home)
        assert "new_key_not_there" in (await huiquan("begin", str(folder), *SAID)).output
        await replace_signer(standing, "notary")
        for _ in range(2):
            begun = await huiquan("begin", str(folder), *SAID)
            assert begun.exit_code == 0, begun.output
            assert "新密钥自" in begun.output
        shown = await huiquan("show", "--campaign", CAMPAIGN)
        assert "已生效" in shown.output
        assert key in shown.output
        assert "epoch_taken" in (await huiquan("withdraw", *SAID)).output
