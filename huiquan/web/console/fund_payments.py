"""Money from elsewhere at the console: compensation, repayment, matching money.  赔付、还款、配套

The platform makes good, a merchant pays back, somebody pledges; each under the name of the official
who books it.
"""

from typing import Annotated

from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from huiquan.actions.compensate_fund import Compensation, compensate_fund
from huiquan.actions.pledge_matching import pledge_matching
from huiquan.actions.repay_debt import repay_debt
from huiquan.web.answers import accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed
from huiquan.web.console.fund_orders import Fen, FundSum, Name, Ref
from huiquan.web.console.money import booking
from huiquan.web.wire import CampaignNumber, Wire

Merchant = Annotated[int, Meta(ge=1, le=2**53)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
RedemptionName = Annotated[str, Meta(min_length=1, max_length=64)]


class CompensationPaid(Wire):
    """What the platform paid in, why, and for which redemption; null: for none in particular."""

    campaign: CampaignNumber
    amount_fen: Fen
    bank_ref: Ref
    payer: Name
    reason: Reason
    redemption: RedemptionName | None = None


class DebtRepaid(Wire):
    """What a merchant paid back in cash, under the bank's reference."""

    campaign: CampaignNumber
    merchant: Merchant
    amount_fen: Fen
    bank_ref: Ref


class MatchingPledged(Wire):
    """Who adds how much on its own account, by which document; merchant null is the platform."""

    campaign: CampaignNumber
    pledged_fen: Fen
    document: Name
    merchant: Merchant | None = None


class PledgeRecorded(Wire):
    """The pledge's number."""

    pledge: int


@deed(
    "/api/v1/console/fund/compensations",
    operation_id="compensateFund",
    summary="The platform made something good",
    status_code=HTTP_200_OK,
)
async def compensate(data: CompensationPaid, house: House, official: Staff) -> FundSum:
    """Book it under the bank's reference; gives what was compensated in all."""
    code, by = await booking(house, official, data.campaign)
    paid = Compensation(
        amount_fen=data.amount_fen,
        bank_ref=data.bank_ref,
        payer=data.payer,
        reason=data.reason,
        redemption=data.redemption,
    )
    return FundSum(fen=accepted(await compensate_fund(house, code, paid, by)))


@deed(
    "/api/v1/console/fund/repayments",
    operation_id="repayDebt",
    summary="A merchant paid back what it owed",
    status_code=HTTP_200_OK,
)
async def repay(data: DebtRepaid, house: House, official: Staff) -> FundSum:
    """Book it under the bank's reference; gives what the merchant still owes."""
    code, by = await booking(house, official, data.campaign)
    owed = await repay_debt(house, code, data.merchant, data.amount_fen, data.bank_ref, by)
    return FundSum(fen=accepted(owed))


@deed(
    "/api/v1/console/fund/pledges",
    operation_id="pledgeMatching",
    summary="Somebody pledged matching money",
    status_code=HTTP_200_OK,
)
async def pledge(data: MatchingPledged, house: House, official: Staff) -> PledgeRecorded:
    """Record a pledge under its document; no money moves in these books."""
    code, by = await booking(house, official, data.campaign)
    number = await pledge_matching(
        house,
        code,
        merchant_id=data.merchant,
        pledged_fen=data.pledged_fen,
        document=data.document,
        by=by,
    )
    return PledgeRecorded(pledge=accepted(number))


ROUTES = (compensate, repay, pledge)
