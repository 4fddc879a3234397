"""The campaigns an official may choose from.  活动列表"""

from datetime import date

from huiquan.views.campaigns import campaign_lines
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import page
from huiquan.web.wire import Wire


class CampaignLine(Wire):
    """A campaign to choose."""

    campaign: int
    name_zh: str
    name_en: str
    starts_on: date
    ends_on: date


class CampaignPage(Wire):
    """Campaigns."""

    items: list[CampaignLine]


@page("/api/v1/console/campaigns", operation_id="listCampaigns", summary="Campaigns")
async def list_campaigns(house: House, official: Staff) -> CampaignPage:
    """Every campaign of the house, the newest first; any official may see the list."""
    return CampaignPage(
        items=[
            CampaignLine(
                campaign=line.campaign_id,
                name_zh=line.name_zh,
                name_en=line.name_en,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
            )
            for line in await campaign_lines(house)
        ]
    )


ROUTES = (list_campaigns,)
