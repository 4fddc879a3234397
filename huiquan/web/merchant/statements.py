"""Statements for whoever leads a store: what was paid, why, and what they dispute.  结算单"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.open_dispute import WORDS_MAX, DisputeAsked, open_dispute
from huiquan.views import statements
from huiquan.views.settlements import SettlementLine
from huiquan.web.answers import NO_STORE, accepted
from huiquan.web.callers import SECURITY, Cashier, House
from huiquan.web.statement_slips import (
    PDF,
    WORKBOOK,
    DisputePage,
    ShownDispute,
    ShownStatement,
    as_pdf,
    as_workbook,
    shown_dispute,
    shown_statement,
)
from huiquan.web.wire import RequestKeyText, Wire, shanghai

Settlement = Annotated[int, Parameter(ge=1, le=2**53)]
PATH = "/api/v1/merchant/statements"


class Standing(Wire):
    """What the merchant is owed and owes now, in fen."""

    unsettled_fen: int
    on_its_way_fen: int
    paid_fen: int
    owed_fen: int
    is_held: bool


class StatementPage(Wire):
    """A merchant's statements, the newest first."""

    merchant: str
    items: list[SettlementLine]
    standing: Standing


class ShownLateRefund(Wire):
    """Goods that came back after the merchant was settled; to_fund_fen is kept from a payment."""

    redemption: str
    store: str
    refunded_at: datetime
    amount_fen: int
    to_fund_fen: int


class LateRefundPage(Wire):
    """Late refunds, the newest first."""

    items: list[ShownLateRefund]


class Disputing(Wire):
    """What is wrong with a statement, or with one line of it."""

    request_key: RequestKeyText
    words: Annotated[str, Meta(min_length=1, max_length=WORDS_MAX)]
    redemption: Annotated[str, Meta(max_length=64)] | None = None


class Disputed(Wire):
    """The dispute is on file."""

    dispute_id: int


@get(
    PATH,
    operation_id="listStatements",
    summary="The merchant's statements",
    tags=["merchant"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_statements(house: House, cashier: Cashier) -> StatementPage:
    """Every settlement of the merchant, and how it stands; for a store's manager."""
    page = accepted(await statements.statements_of(house, cashier.cashier_id))
    return StatementPage(
        merchant=page.merchant,
        items=page.items,
        standing=msgspec.convert(page.standing, Standing, from_attributes=True),
    )


@get(
    PATH + "/{settlement:int}",
    operation_id="getStatement",
    summary="One statement",
    tags=["merchant"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_statement(settlement: Settlement, house: House, cashier: Cashier) -> ShownStatement:
    """Each order behind a payment, and how the sum comes about."""
    found = accepted(await statements.statement_for(house, cashier.cashier_id, settlement))
    return shown_statement(found)


@get(
    PATH + "/{settlement:int}/workbook",
    operation_id="getStatementWorkbook",
    summary="One statement as a workbook",
    tags=["merchant"],
    security=SECURITY,
    media_type=WORKBOOK,
)
async def get_workbook(settlement: Settlement, house: House, cashier: Cashier) -> Response[bytes]:
    """The same as an xlsx file."""
    found = accepted(await statements.statement_for(house, cashier.cashier_id, settlement))
    return as_workbook(found)


@get(
    PATH + "/{settlement:int}/pdf",
    operation_id="getStatementPdf",
    summary="One statement to print",
    tags=["merchant"],
    security=SECURITY,
    media_type=PDF,
)
async def get_pdf(settlement: Settlement, house: House, cashier: Cashier) -> Response[bytes]:
    """The same as a PDF file."""
    found = accepted(await statements.statement_for(house, cashier.cashier_id, settlement))
    return as_pdf(found)


@post(
    PATH + "/{settlement:int}/disputes",
    operation_id="openDispute",
    summary="Say what is wrong with a statement",
    tags=["merchant"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def dispute(
    settlement: Settlement, data: Disputing, house: House, cashier: Cashier
) -> Disputed:
    """A dispute is recorded; nothing moves by it, and its answer stands beside it."""
    asked = DisputeAsked(
        request_key=data.request_key,
        settlement_id=settlement,
        words=data.words,
        redemption=data.redemption,
    )
    opened = await open_dispute(house, cashier.cashier_id, asked)
    return Disputed(dispute_id=accepted(opened))


@get(
    "/api/v1/merchant/disputes",
    operation_id="listMyDisputes",
    summary="The merchant's disputes",
    tags=["merchant"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_disputes(house: House, cashier: Cashier) -> DisputePage:
    """Every dispute with its answer."""
    found: list[statements.Dispute] = accepted(
        await statements.disputes_for(house, cashier.cashier_id)
    )
    items: list[ShownDispute] = [shown_dispute(one) for one in found]
    return DisputePage(items=items)


@get(
    "/api/v1/merchant/late-refunds",
    operation_id="listLateRefunds",
    summary="Goods that came back after settlement",
    tags=["merchant"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_late_refunds(house: House, cashier: Cashier) -> LateRefundPage:
    """What is kept from the next payments, order by order."""
    found = accepted(await statements.late_refunds_of(house, cashier.cashier_id))
    return LateRefundPage(
        items=[
            ShownLateRefund(
                redemption=one.redemption,
                store=one.store,
                refunded_at=shanghai(one.refunded_at),
                amount_fen=one.amount_fen,
                to_fund_fen=one.to_fund_fen,
            )
            for one in found
        ]
    )


ROUTES = (
    list_statements,
    get_statement,
    get_workbook,
    get_pdf,
    dispute,
    list_disputes,
    list_late_refunds,
)
