"""A person stops the notary in the middle of a day: lanes wait, and go on in order.  停签与恢复"""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from huiquan.db.connection import Database
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.rounds import drain
from tests.stories.test_todays_draw import DrawHouse, draw_and_log, draw_house, enter_all
from tests.stories.test_todays_draw import outcomes_of as told

pytestmark = pytest.mark.slow
PEOPLE = 24


def at_the_machine(standing: DrawHouse, word: str) -> None:
    """The notary types stop or resume at its own machine, while the signer runs."""
    home = standing.signers.home / "notary"
    who = ["--name", "王公证员", "--reason", "核对异常"]
    clock = ["--clock-file", str(standing.signers.clock.path)]
    subprocess.run(
        [sys.executable, "-m", "notary", word, "--home", str(home), *who, *clock],
        check=True,
        cwd=Path(__file__).parents[2],
        capture_output=True,
    )


@pytest.mark.requirement("R5.1")
async def test_while_the_notary_is_stopped_entries_go_on_and_lanes_wait_in_order(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        app, campaign = standing.house.app, standing.campaign
        await asyncio.to_thread(at_the_machine, standing, "stop")
        receipts = await enter_all(standing)
        assert len({one["signature"] for one in receipts}) >= 1
        for _ in range(3):
            with pytest.raises(OutsiderFault, match="stopped"):
                await drain(app, campaign)
        assert {one["state"] for one in await told(standing)} == {"pending"}
        async with app.db.reading() as tx:
            before = await tx.fetch("select lane, seq, seal_hash from rounds order by lane, seq")
        # A restart does not make it forget.
        standing.signers.kill("notary")
        standing.signers.start("notary")
        with pytest.raises(OutsiderFault):
            await drain(app, campaign)
        await asyncio.to_thread(at_the_machine, standing, "resume")
        await _until_the_fuse_lets_through(standing)
        assert "pending" not in {one["state"] for one in await told(standing)}
        async with app.db.reading() as tx:
            after = await tx.fetch("select lane, seq, seal_hash from rounds order by lane, seq")
        assert before == [row for row in after if row in before]
        assert before, "the seals that waited are the seals that were drawn"


async def _until_the_fuse_lets_through(standing: DrawHouse) -> None:
    """The house asks again by itself; after faults in a row it rests for some seconds first."""
    for _ in range(60):
        try:
            await draw_and_log(standing)
        except OutsiderFault:
            await asyncio.sleep(0.2)
        else:
            return
    raise AssertionError("the lanes did not go on after the resumption")
