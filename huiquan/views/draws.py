"""The draw as it stands: which campaigns run, which lanes wait, what a person drew.  摇号现状"""

from collections.abc import Sequence

from huiquan.app import App
from huiquan.db import campaign_state, rounds
from huiquan.domain.campaigns import Campaign


async def campaigns_in_play(app: App) -> Sequence[Campaign]:
    """Every campaign with all its draw days: a round may wait for its signers however long."""
    async with app.db.reading() as tx:
        return await campaign_state.load_every_campaign(tx)


async def lanes_waiting(app: App, campaign_id: int) -> list[int]:
    """The lanes in which someone waits for a round or a round waits to be drawn."""
    async with app.db.reading() as tx:
        return await rounds.lanes_waiting(tx, campaign_id)
