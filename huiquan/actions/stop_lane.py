"""Stop a lane by hand: nobody enters it and nothing is sealed until two people decide.  停用通道"""

from huiquan.app import App
from huiquan.db import audit, campaign_state, lanes
from huiquan.domain.refusals import Refusal


async def stop_lane(app: App, code: str, lane: int, by: str, reason: str) -> Refusal | None:
    """Stop one lane; one that is stopped already keeps its first reason.

    One person may stop what two must let go on. Refuses UNKNOWN_CAMPAIGN, NOT_FOUND for a lane that
    does not exist.
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if not 0 <= lane < campaign.lanes:
            return Refusal.NOT_FOUND
        if await lanes.mark_frozen(tx, campaign.campaign_id, lane, f"{by}: {reason}", now):
            detail = {"reason": reason}
            subject = f"{code} lane {lane}"
            await audit.note(
                tx, at=now, actor=by, tag="lane:frozen", subject=subject, detail=detail
            )
    return None
