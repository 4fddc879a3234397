"""Everyone who registered, as a list for the auditor who looks for ghosts.  报名人清单"""

from huiquan.app import App
from huiquan.db import campaign_state, registrations
from huiquan.domain.exclusions import exclusion_list
from huiquan.domain.refusals import Refusal


async def registrant_list(app: App, code: str) -> bytes | Refusal:
    """Person keys in the form of the exclusion list: hex, ascending, one a line. UNKNOWN_CAMPAIGN.

    A key is a keyed hash of the document: without the house's lookup key it says nothing.
    """
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return exclusion_list(await registrations.person_keys(tx, campaign.campaign_id))
