"""What officials do with the fund: plan, receive, acknowledge, close.  资金办理

A city's official looks on; the province's and the platform's people act, each under their name.
"""

from datetime import date
from typing import Annotated

from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from huiquan.actions.acknowledge_alert import acknowledge_alert
from huiquan.actions.approve_closing import approve_closing
from huiquan.actions.fund_campaign import fund_campaign
from huiquan.actions.open_closing import open_closing
from huiquan.actions.plan_tranche import TrancheAsked, plan_tranche
from huiquan.actions.return_share import return_share
from huiquan.domain.refusals import Refusal
from huiquan.views.campaigns import code_of
from huiquan.views.fund_money import closing_of
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed
from huiquan.web.console.fund import FundClosing, shown_closing
from huiquan.web.console.money import booking, payer
from huiquan.web.wire import CampaignNumber, RequestKeyText, Wire

Fen = Annotated[int, Meta(ge=1, le=10**15)]
Ref = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Account = Annotated[str, Meta(max_length=64)]


class TranchePlan(Wire):
    """A tranche that is to come."""

    request_key: RequestKeyText
    campaign: CampaignNumber
    planned_fen: Fen
    due_on: date
    payer: Name
    payer_account: Account = ""


class TranchePlanned(Wire):
    """The tranche's number."""

    tranche: int


class MoneyMoved(Wire):
    """What the bank says it moved, and its reference."""

    campaign: CampaignNumber
    amount_fen: Fen
    bank_ref: Ref


class FundSum(Wire):
    """What it comes to now, in fen."""

    fen: int


class ForCampaign(Wire):
    """The campaign it is about."""

    campaign: CampaignNumber


class Acknowledged(Wire):
    """The alert was seen."""

    alert: int


@deed(
    "/api/v1/console/fund/tranches",
    operation_id="planTranche",
    summary="Plan a tranche",
    status_code=HTTP_200_OK,
)
async def plan(data: TranchePlan, house: House, official: Staff) -> TranchePlanned:
    """Plan who will pay how much, and when; no money moves."""
    code, by = await booking(house, official, data.campaign)
    asked = TrancheAsked(
        request_key=data.request_key,
        planned_fen=data.planned_fen,
        due_on=data.due_on,
        payer=data.payer,
        payer_account=data.payer_account,
    )
    return TranchePlanned(tranche=accepted(await plan_tranche(house, code, asked, by)))


@deed(
    "/api/v1/console/fund/tranches/{tranche:int}/receive",
    operation_id="receiveTranche",
    summary="A tranche has arrived",
    status_code=HTTP_200_OK,
)
async def receive(tranche: int, data: MoneyMoved, house: House, official: Staff) -> FundSum:
    """Book a tranche under the bank's reference; the same again changes nothing."""
    code, by = await booking(house, official, data.campaign)
    fen = await fund_campaign(
        house, code, data.amount_fen, data.bank_ref, by, tranche_no=_small(tranche)
    )
    return FundSum(fen=accepted(fen))


@deed(
    "/api/v1/console/fund/alerts/{alert:int}/acknowledge",
    operation_id="acknowledgeAlert",
    summary="An alert was seen",
    status_code=HTTP_200_OK,
)
async def acknowledge(alert: int, house: House, official: Staff) -> Acknowledged:
    """Say that one has seen an alert; the first who says so stands."""
    who = payer(official)
    if not 0 < alert < 2**63:
        raise RefusedError(Refusal.UNKNOWN_ALERT)
    refusal = await acknowledge_alert(house, alert, who.staff_id)
    if refusal is not None:
        raise RefusedError(refusal)
    return Acknowledged(alert=alert)


@deed(
    "/api/v1/console/fund/closing",
    operation_id="openClosing",
    summary="Open the closing of a campaign",
    status_code=HTTP_200_OK,
)
async def begin_closing(data: ForCampaign, house: House, official: Staff) -> FundClosing:
    """Open the closing over what the pool holds; no money moves."""
    who = payer(official)
    code = accepted(await code_of(house, data.campaign))
    accepted(await open_closing(house, code, who.staff_id))
    return shown_closing(accepted(await closing_of(house, code)))


@deed(
    "/api/v1/console/fund/closing/approve",
    operation_id="approveClosing",
    summary="Approve the closing",
    status_code=HTTP_200_OK,
)
async def approve(data: ForCampaign, house: House, official: Staff) -> FundClosing:
    """Approve the open closing; the second person's approval makes it final."""
    who = payer(official)
    code = accepted(await code_of(house, data.campaign))
    accepted(await approve_closing(house, code, who.staff_id))
    return shown_closing(accepted(await closing_of(house, code)))


@deed(
    "/api/v1/console/fund/closing/shares/{tranche:int}/return",
    operation_id="returnShare",
    summary="A share of the remainder went back",
    status_code=HTTP_200_OK,
)
async def give_back(tranche: int, data: MoneyMoved, house: House, official: Staff) -> FundSum:
    """Book that a share went back; gives what is still to go. The last one closes the campaign."""
    code, by = await booking(house, official, data.campaign)
    left = await return_share(house, code, _small(tranche), data.amount_fen, data.bank_ref, by)
    return FundSum(fen=accepted(left))


def _small(tranche: int) -> int:
    """A number that a tranche may have."""
    if not 0 < tranche <= 32_767:
        raise RefusedError(Refusal.UNKNOWN_TRANCHE)
    return tranche


ROUTES = (plan, receive, acknowledge, begin_closing, approve, give_back)
