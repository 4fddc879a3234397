"""Let a stopped lane go on, once two people have decided it.  恢复通道"""

from huiquan.app import App
from huiquan.db import audit, campaign_state, lanes, notices
from huiquan.domain.refusals import Refusal


async def unfreeze_lane(
    app: App, code: str, lane: int, by: tuple[str, str], reason: str
) -> Refusal | None:
    """Let a lane go on; both names and the reason are kept, and the evidence stays published.

    Refuses TWO_PEOPLE_NEEDED, UNKNOWN_CAMPAIGN, LANE_NOT_FROZEN, and HOUSE_BEHIND while somebody
    outside holds more than this database: then names mend nothing, only the missing rounds do.
    """
    first, second = (name.strip() for name in by)
    if not first or not second or first == second or not reason.strip():
        return Refusal.TWO_PEOPLE_NEEDED
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if await notices.is_behind(tx, campaign.campaign_id):
            return Refusal.HOUSE_BEHIND
        if not 0 <= lane < campaign.lanes:
            return Refusal.LANE_NOT_FROZEN
        if not await lanes.mark_open(tx, campaign.campaign_id, lane):
            return Refusal.LANE_NOT_FROZEN
        await notices.end_of_lane(tx, campaign.campaign_id, lane, now)
        await audit.note(
            tx,
            at=now,
            actor=f"{first} + {second}",
            tag="lane:unfrozen",
            subject=f"{code} lane {lane}",
            detail={"by": [first, second], "reason": reason},
        )
    return None
