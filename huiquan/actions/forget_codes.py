"""Forget codes nobody used: a phone that shows one makes a new one every half minute.  清理旧码"""

from datetime import timedelta

from huiquan.app import App
from huiquan.db import campaigns, codes
from huiquan.domain.refusals import Refusal

KEPT_FOR = timedelta(days=7)
"""A voucher's whole life: as long as it may be asked why a code did not work."""

MOST = 5_000


async def forget_codes(app: App, code: str) -> int | Refusal:
    """Delete unused codes that ended a week ago; gives how many. Again gives 0.

    Used codes are evidence of a redemption and stay. Each lane is a transaction of its own, and
    no more than `MOST` rows at a time, so that no till waits. Refuses UNKNOWN_CAMPAIGN.
    """
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
    if campaign is None:
        return Refusal.UNKNOWN_CAMPAIGN
    before, forgotten = app.clock() - KEPT_FOR, 0
    for lane in range(campaign.lanes):
        while True:
            async with app.db.transaction() as tx:
                deleted = await codes.forget(tx, lane, before, MOST)
            forgotten += deleted
            if deleted < MOST:
                break
    return forgotten
