"""Put people on a campaign's exclusion list.  排除"""

from collections.abc import Sequence

from huiquan.app import App
from huiquan.db import audit, campaign_state, campaigns, exclusions
from huiquan.domain.exclusions import Exclusion
from huiquan.domain.refusals import Refusal


async def exclude_people(
    app: App, code: str, people: Sequence[Exclusion], by: str
) -> int | Refusal:
    """From now on these neither register nor enter nor spend; gives how many are new.

    The hash of the longer list stands in the next draw config. Refuses UNKNOWN_CAMPAIGN. (R5.1)
    """
    async with app.db.transaction() as tx:
        # One after another with publishing, so that a config's list is what it says.
        await campaigns.hold_publishing(tx)
        now = app.clock()
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        added = await exclusions.record(tx, campaign.campaign_id, people, now)
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="exclusions:added",
            subject=f"campaign:{campaign.campaign_id}",
            detail={"added": added},
        )
    return added
