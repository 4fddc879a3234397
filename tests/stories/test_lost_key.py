"""A signer's key is lost in the middle of a day: everyone keeps their chance, nobody gets two."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from huiquan.actions.export_draws import Exported, export_draws
from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.cli.verify import run_verify
from huiquan.db import checks
from huiquan.db.connection import Database
from huiquan.domain.days import SHANGHAI
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.rounds import drain
from tests.houses import OPEN, House
from tests.stories.changing_keys import act, campaign_of, change_keys
from tests.stories.test_todays_draw import DrawHouse, draw_and_log, draw_house, enter

pytestmark = [pytest.mark.slow, pytest.mark.requirement("R5.1")]
DAY = 20260206
PEOPLE = 18
# Nobody sends messages in this test, and people wait for the new key.
WAITING = {"i32_no_message_waits", "i32_nobody_waits_for_a_draw", "h7_everyone_is_there_and_agrees"}


async def lose(standing: DrawHouse, role: str) -> None:
    """Six are drawn, six are sealed and wait for the signer that has died, six enter after that."""
    for token in standing.tokens[:6]:
        await enter(standing.house, standing.client, token)
    await draw_and_log(standing)
    await asyncio.to_thread(standing.signers.kill, role)
    for token in standing.tokens[6:12]:
        await enter(standing.house, standing.client, token)
    for _ in range(4):
        with pytest.raises(OutsiderFault):
            await drain(standing.house.app, standing.campaign)
    for token in standing.tokens[12:]:
        await enter(standing.house, standing.client, token)


async def publish_log(house: House) -> None:
    """What was drawn stands in the log."""
    campaign = await campaign_of(house)
    await log_rounds(house.app, campaign.campaign_id)
    await publish_checkpoint(house.app, campaign)


async def failed_checks(house: House) -> set[str]:
    """The promises that do not hold now."""
    async with house.app.db.reading() as tx:
        return {one.name for one in await checks.run_all(tx, house.clock())}


@pytest.mark.parametrize("role", ["notary", "auditor"])
async def test_what_waited_is_drawn_once_under_the_new_key_and_the_days_verify(
    database: Database, tmp_path: Path, role: str
) -> None:
    async with draw_house(database, tmp_path, PEOPLE) as standing:
        await lose(standing, role)
        house, begun = await change_keys(standing, tmp_path / "folder", role)
        voided = begun.declared.declaration.voided
        assert voided, "a seal waited for the lost key"
        await publish_log(house)
        assert await drain(house.app, await act(house)) == 0, "the new key's notice is not over"
        assert await failed_checks(house) <= WAITING

        later = begun.signs_from + timedelta(minutes=1)
        house.clock.now = standing.signers.clock.now = standing.house.clock.now = later
        campaign = await act(house)
        assert await drain(house.app, campaign) > 0
        await publish_log(house)
        async with house.app.db.reading() as tx:
            undrawn = await tx.fetchval("select sum(next_idx - final_idx) from lanes")
            hashes = {row["seal_hash"].hex() for row in await tx.fetch("select * from rounds")}
            void = {row["seal_hash"].hex() for row in await tx.fetch("select * from void_seals")}
        assert undrawn == 0
        assert void == {one.seal_hash for one in voided}
        assert not void & hashes

        next_day = (OPEN + timedelta(days=1)).astimezone(SHANGHAI)
        house.clock.now = standing.signers.clock.now = max(later, next_day)
        folder = tmp_path / "day"

        def sink(path: str, raw: bytes) -> None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)

        exported = await export_draws(house.app, campaign.code, DAY, sink)
        assert isinstance(exported, Exported), exported
        assert exported.entries == PEOPLE
        verdict = run_verify(folder)
        assert verdict.finding is None, verdict
        assert "epoch" in verdict.checked
        assert await failed_checks(house) <= WAITING
