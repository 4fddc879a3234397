"""Online orders at the console: which need people, and the evidence of one.  订单"""

from typing import Annotated

from litestar.params import Parameter

from huiquan.domain.order_evidence import Stage
from huiquan.views import orders as views
from huiquan.web.answers import accepted
from huiquan.web.callers import Campaigns, House, Staff
from huiquan.web.console.doors import page
from huiquan.web.console.money import payer
from huiquan.web.console.order_messages import (
    OrderPage,
    ShownOrderFile,
    file_slip,
    line_slip,
)

AskedCampaign = Annotated[int, Parameter(ge=1, le=32_767)]
InPath = Annotated[str, Parameter(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


@page("/api/v1/console/orders", operation_id="listOnlineOrders", summary="Online orders")
async def list_orders(
    house: House,
    campaigns: Campaigns,
    official: Staff,
    campaign: AskedCampaign,
    troubled: bool = False,
    stage: Stage | None = None,
) -> OrderPage:
    """Those in doubt or late first, then the oldest; at most five hundred."""
    payer(official)
    known = accepted(campaigns.asked(campaign))
    found = await views.orders(
        house, known.campaign_id, only_troubled=troubled, stage=stage.value if stage else None
    )
    return OrderPage(items=[line_slip(one) for one in found])


@page(
    "/api/v1/console/orders/{platform:str}/{order_ref:str}",
    operation_id="getOrderFile",
    summary="One order's chain of evidence",
)
async def get_order_file(
    house: House, official: Staff, platform: InPath, order_ref: InPath
) -> ShownOrderFile:
    """Promised, paid, every parcel and word with its signature verified anew, hold, settlement."""
    payer(official)
    return file_slip(accepted(await views.evidence(house, platform, order_ref)))


ROUTES = (list_orders, get_order_file)
