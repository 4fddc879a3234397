"""A list with real signer processes, from sign-up to the till and the verdict.  名单全程"""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from huiquan.actions.export_draws import Exported, export_draws
from huiquan.actions.import_list import import_list
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.run_checks import run_checks
from huiquan.actions.seal_list import seal_list
from huiquan.actions.send_configs import send_configs
from huiquan.actions.send_messages import send_messages
from huiquan.cli.verify import run_verify
from huiquan.db.connection import Database
from huiquan.domain.lists import PublishedList
from huiquan.domain.refusals import Refusal
from huiquan.gateways.notary import connect_signer
from huiquan.jobs.rounds import open_today
from huiquan.jobs.tasks import TASKS
from tests.houses import bearer, make_house, publish, visit
from tests.lists import (
    CODE,
    DAY,
    DRAW,
    PUBLICITY_OVER,
    REDEEM,
    SIGN_UP,
    ListHouse,
    files_in,
    source,
)
from tests.shops import new_key, shop, till
from tests.signers import SignerProcesses, signers_at

pytestmark = pytest.mark.slow
PEOPLE = 30


@dataclass(kw_only=True)
class Desks:
    """Both signers' machines, and what is typed at them."""

    signers: SignerProcesses

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """One command at a signer's machine."""
        return subprocess.run(
            [sys.executable, "-m", "notary", *words, "--clock-file", str(self.signers.clock.path)],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )

    def draw(self, role: str, folder: Path, count: int, *more: str) -> str:
        """Hold the ceremony; what was shown."""
        home = str(self.signers.home / role)
        done = self.run(
            "draw", str(folder), "--role", role, "--home", home, *more, typed=f"{count}\n"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self, role: str) -> Path:
        """A signer's status in a file."""
        done = self.run("status", "--role", role, "--home", str(self.signers.home / role))
        assert done.returncode == 0, done.stderr
        path = self.signers.home / f"{role}.json"
        path.write_text(done.stdout)
        return path


@pytest.mark.requirement("R5.1")
@pytest.mark.requirement("R1.2")
async def test_a_list_is_drawn_by_commands_issued_redeemed_and_verified(
    database: Database, tmp_path: Path
) -> None:
    with signers_at(tmp_path / "signers", SIGN_UP - timedelta(days=1)) as signers:
        notary = await connect_signer("notary", signers.url("notary"))
        auditor = await connect_signer("auditor", signers.url("auditor"))
        house = make_house(database, at=SIGN_UP, notary=notary, auditor=auditor)
        house.app.keys.pseudonym[CODE] = house.app.keys.pseudonym["2026-mashangyouli"]
        campaign = await publish(house, source())
        assert await send_configs(house.app) == 1
        signers.clock.now = SIGN_UP
        await open_today(house.app, campaign)
        async with visit(house) as client:
            standing = ListHouse(
                house=house, campaign=campaign, client=client, homes={}, keys={}, folder=tmp_path
            )
            await standing.sign_up(PEOPLE)
            house.clock.now = signers.clock.now = DRAW
            files = await seal_list(house.app, CODE, DAY)
            assert not isinstance(files, Refusal), files
            folder = standing.put(files)
            await asyncio.to_thread(hold_both, Desks(signers=signers), folder, auditor.key)
            published = await import_list(house.app, CODE, DAY, files_in(folder), "staff:1")
            assert isinstance(published, PublishedList)
            await log_rounds(house.app, campaign.campaign_id)
            await publish_checkpoint(house.app, campaign)
            house.clock.now = signers.clock.now = PUBLICITY_OVER
            early = await export_draws(house.app, CODE, DAY, lambda *_: None)
            assert early is Refusal.OBJECTIONS_RUNNING
            await TASKS["issue_lists"](house.app)
            told = await standing.draws()
            winners = [one for one in zip(standing.tokens, told, strict=True) if one[1]["serial"]]
            assert await send_messages(house.app) == len(winners) > 0
            await TASKS["end_day"](house.app)
            house.clock.now = signers.clock.now = REDEEM
            await spend(standing, *winners[0])
            day: dict[str, bytes] = {}
            exported = await export_draws(house.app, CODE, DAY, day.__setitem__)
            assert isinstance(exported, Exported), exported
        run = await run_checks(house.app, recount=True)
        assert [one.name for one in run.failed if not one.name.startswith("i32")] == []
        await notary.close()
        await auditor.close()
    out = tmp_path / "day"
    for path, raw in day.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(raw)
    verdict = run_verify(out)
    assert verdict.is_right, verdict


def hold_both(desks: Desks, folder: Path, auditor_key: bytes) -> None:
    """Notary, then auditor; the notary looks once more and sees the same outcome."""
    words = ("--peer-status", str(desks.status("auditor")), "--peer-key", auditor_key.hex())
    shown = desks.draw("notary", folder, PEOPLE, *words)
    assert "名单人数" in shown
    outcome = desks.draw("auditor", folder, PEOPLE).split("摇号完成")[1]
    words = ("--peer-status", str(desks.status("auditor")), "--peer-key", auditor_key.hex())
    assert desks.draw("notary", folder, PEOPLE, *words).split("摇号完成")[1] == outcome


async def spend(standing: ListHouse, token: str, won: dict[str, str]) -> None:
    """Show the code at a till, and pay."""
    at = await shop(standing.house, standing.campaign, packs=(1,))
    minted = await standing.client.post(
        f"/api/v1/vouchers/{won['serial']}/codes",
        json={"request_key": new_key()},
        headers=bearer(token),
    )
    assert minted.status_code == 201, minted.text
    bill = {"order_fen": int(won["threshold_fen"]), "offers": []}
    lock = await till(standing.client, at, "locks", code=minted.json()["digits"], **bill)
    assert lock.status_code == 201, lock.text
    paid = await till(
        standing.client, at, f"locks/{lock.json()['lock']}/redeem", payment_ref=new_key()
    )
    assert paid.status_code == 201, paid.text
