"""The exclusion list as it stood when a config was published.  排除名单"""

from datetime import datetime

from huiquan.app import App
from huiquan.db import campaign_state, exclusions
from huiquan.domain.refusals import Refusal


async def exclusion_list_at(app: App, code: str, at: datetime) -> bytes | Refusal:
    """The bytes whose SHA-256 a config published at this instant names. UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        return await exclusions.list_at(tx, campaign.campaign_id, at)
