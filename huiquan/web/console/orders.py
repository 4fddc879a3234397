"""Online orders at the console: which need people, and the evidence of one.  订单"""

from typing import Annotated

from litestar.params import Parameter

from huiquan.actions.assign_order_case import assign_order_case
from huiquan.actions.rule_order import rule_order
from huiquan.domain.order_evidence import Stage
from huiquan.views import orders as views
from huiquan.web.answers import accepted
from huiquan.web.callers import Campaigns, House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import payer
from huiquan.web.console.order_messages import (
    OrderCaseRuling,
    OrderPage,
    ShownOrderFile,
    file_slip,
    line_slip,
)
from huiquan.web.console.reconciliation_messages import CaseClosed, CaseOwner

AskedCampaign = Annotated[int, Parameter(ge=1, le=32_767)]
CaseInPath = Annotated[int, Parameter(ge=1, le=2**62)]
InPath = Annotated[str, Parameter(pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$")]


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
    return OrderPage(items=[line_slip(one, house.clock()) for one in found])


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
    found = accepted(await views.evidence(house, platform, order_ref))
    return file_slip(found, house.clock())


@deed(
    "/api/v1/console/order-cases/{case:int}/owner",
    operation_id="assignOrderCase",
    summary="Give an order's case an owner",
)
async def post_owner(data: CaseOwner, house: House, official: Staff, case: CaseInPath) -> CaseOwner:
    """From now on somebody answers for the case."""
    payer(official)
    owner = accepted(await assign_order_case(house, case, data.owner, official.login))
    return CaseOwner(owner=owner)


@deed(
    "/api/v1/console/order-cases/{case:int}/ruling",
    operation_id="ruleOrderCase",
    summary="Decide an order's case",
)
async def post_ruling(
    data: OrderCaseRuling, house: House, official: Staff, case: CaseInPath
) -> CaseClosed:
    """To refuse takes one person; to pay takes two, and then the hold is lifted."""
    payer(official)
    ruling = await rule_order(house, case, data.decision, data.reason, official.login)
    return CaseClosed(is_final=accepted(ruling).is_final)


ROUTES = (list_orders, get_order_file, post_owner, post_ruling)
