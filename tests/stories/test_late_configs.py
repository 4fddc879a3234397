"""A config that comes to a signer too late holds up nobody, and its days are planned again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huiquan.actions.publish_config import publish_config
from huiquan.actions.send_configs import send_configs
from huiquan.db.connection import Database
from huiquan.gateways.faults import OutsiderFault
from tests.houses import CAMPAIGN
from tests.stories.test_todays_draw import DrawHouse, draw_house

AWAY = timedelta(minutes=31)  # a config is half an hour on its way at most


async def outbox(standing: DrawHouse) -> list[Any]:
    """The configs for the signers: whether each was sent, or set aside."""
    async with standing.house.app.db.reading() as tx:
        rows = await tx.fetch(
            """
            select payload ->> 'cfg_hash' as cfg_hash, sent_at is not null as sent,
                   parked_at is not null as aside
              from outbox
             where kind = 'config'
             order by message_id
            """
        )
    return [(row["cfg_hash"], row["sent"], row["aside"]) for row in rows]


async def test_a_night_without_the_notary_costs_the_config_of_that_night_alone(
    database: Database, tmp_path: Path
) -> None:
    async with draw_house(database, tmp_path, 0) as standing:
        app, late = standing.house.app, list[int]()
        missed = await publish_config(app, CAMPAIGN)
        assert isinstance(missed, bytes)
        # A signer whose clock is ahead calls it late as well; by ours it is not, and it waits.
        standing.signers.clock.now = standing.house.clock.now + timedelta(hours=2)
        with pytest.raises(OutsiderFault):
            await send_configs(app, on_late=late.append)
        assert late == []
        assert (await outbox(standing))[1:] == [(missed.hex(), False, False)]
        standing.signers.kill("notary")
        standing.move_to(standing.house.clock.now + AWAY)
        standing.signers.start("notary")
        assert await send_configs(app, on_late=late.append) == 0
        assert late == [standing.campaign.campaign_id]
        again = await publish_config(app, CAMPAIGN, only_if_late=True)
        assert isinstance(again, bytes)
        assert await publish_config(app, CAMPAIGN, only_if_late=True) is None
        assert await send_configs(app, on_late=late.append) == 1
        assert (await outbox(standing))[1:] == [
            (missed.hex(), False, True),
            (again.hex(), True, False),
        ]
        async with app.db.reading() as tx:
            ruled = await tx.fetch(
                "select encode(cfg_hash, 'hex') as by from config_days where released_at is null"
            )
        assert {row["by"] for row in ruled} == {again.hex()}
        assert len(late) == 1
