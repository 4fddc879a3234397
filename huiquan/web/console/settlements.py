"""Settlements at the console: who is paid what, what waits, and a run by hand.  清算"""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from huiquan.actions.settle_day import settle_day
from huiquan.domain.days import day_from_number
from huiquan.domain.refusals import Refusal
from huiquan.views import settlements, statements
from huiquan.views.campaigns import code_of_campaign
from huiquan.views.settlements import SettlementLine
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import SECURITY, House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import payer
from huiquan.web.statement_slips import (
    PDF,
    WORKBOOK,
    ShownStatement,
    as_pdf,
    as_workbook,
    shown_statement,
)
from huiquan.web.wire import CampaignNumber, Wire

Number = Annotated[int, Parameter(ge=1, le=2**53)]
Day = Annotated[int | None, Parameter(ge=20_000_101, le=99_991_231)]
PATH = "/api/v1/console/settlements"


class Waiting(Wire):
    """What is in no settlement yet, what bounced, what merchants owe, in fen."""

    unsettled_fen: int
    bounced_fen: int
    owed_fen: int
    without_account: int


class SettlementPage(Wire):
    """The newest settlements and what waits."""

    items: list[SettlementLine]
    waiting: Waiting


class RunAsked(Wire):
    """Settle a campaign now."""

    campaign: CampaignNumber


class RunDone(Wire):
    """What came of a run, in fen."""

    merchant_count: int
    payable_fen: int
    recovered_fen: int
    amount_fen: int


@page(PATH, operation_id="listSettlements", summary="Settlements of a campaign")
async def list_settlements(
    house: House,
    official: Staff,
    campaign: Annotated[int, Parameter(ge=1, le=32_767)],
    day: Day = None,
) -> SettlementPage:
    """Of one day, or the newest of all days."""
    payer(official)
    if day is not None:
        try:
            day_from_number(day)
        except ValueError as error:
            raise RefusedError(Refusal.MALFORMED, {"reason": "there is no such day"}) from error
    page = accepted(await settlements.settlements_of(house, campaign, day))
    return SettlementPage(
        items=page.items,
        waiting=msgspec.convert(page.waiting, Waiting, from_attributes=True),
    )


@deed(
    "/api/v1/console/settlement-runs",
    operation_id="runSettlement",
    summary="Settle a campaign now",
)
async def run_settlement(data: RunAsked, house: House, official: Staff) -> RunDone:
    """What the night's job does; run again, nothing is settled twice."""
    payer(official)
    code = accepted(await code_of_campaign(house, data.campaign))
    done = accepted(await settle_day(house, code))
    return RunDone(
        merchant_count=done.merchant_count,
        payable_fen=done.payable_fen,
        recovered_fen=done.recovered_fen,
        amount_fen=done.amount_fen,
    )


@page(
    PATH + "/{settlement:int}",
    operation_id="getSettlement",
    summary="One settlement with its orders",
)
async def get_settlement(settlement: Number, house: House, official: Staff) -> ShownStatement:
    """The merchant's statement as the merchant sees it."""
    payer(official)
    return shown_statement(accepted(await statements.statement(house, settlement)))


@get(
    PATH + "/{settlement:int}/workbook",
    operation_id="getSettlementWorkbook",
    summary="One settlement as a workbook",
    tags=["console"],
    security=SECURITY,
    media_type=WORKBOOK,
)
async def get_workbook(settlement: Number, house: House, official: Staff) -> Response[bytes]:
    """The merchant's statement as an xlsx file."""
    payer(official)
    found = accepted(await statements.statement(house, settlement))
    return as_workbook(found)


@get(
    PATH + "/{settlement:int}/pdf",
    operation_id="getSettlementPdf",
    summary="One settlement to print",
    tags=["console"],
    security=SECURITY,
    media_type=PDF,
)
async def get_pdf(settlement: Number, house: House, official: Staff) -> Response[bytes]:
    """The merchant's statement as a PDF file."""
    payer(official)
    found = accepted(await statements.statement(house, settlement))
    return as_pdf(found)


ROUTES = (list_settlements, run_settlement, get_settlement, get_workbook, get_pdf)
