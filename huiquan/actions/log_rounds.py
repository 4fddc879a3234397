"""Give finished rounds their places in the public log.  记入公开日志"""

from huiquan.app import App
from huiquan.db import notices, public_log
from huiquan.db.log_growth import append_rounds

MOST = 1000


async def log_rounds(app: App, campaign_id: int) -> int:
    """Append every final round that has no place yet; gives how many were appended.

    Nothing while the database is behind what others hold: places that were given once are not given
    again in another order.
    """
    async with app.db.transaction() as tx:
        await public_log.hold(tx, campaign_id)
        if await notices.is_behind(tx, campaign_id):
            return 0
        return await append_rounds(tx, campaign_id, MOST)
