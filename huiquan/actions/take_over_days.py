"""Let the configs of a new epoch rule their days, once their notice is over.  新密钥配置生效"""

from huiquan.app import App
from huiquan.db import audit, configs, notices
from huiquan.domain.campaigns import Campaign


async def take_over_days(app: App, campaign: Campaign) -> int:
    """Rule every open day by the config that takes it over; gives how many days changed.

    Nothing to do in a campaign whose keys were never changed, and no question is asked then.
    """
    if campaign.epoch == 0:
        return 0
    now = app.clock()
    async with app.db.transaction() as tx:
        taken = await configs.take_over(tx, campaign.campaign_id, now)
        if taken:
            await notices.end(tx, campaign.campaign_id, ("key_lost",), (), now)
            await audit.note(tx, at=now, actor="house", tag="epoch:acts", subject=campaign.code)
    return taken
