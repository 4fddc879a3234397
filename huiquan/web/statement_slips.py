"""How settlements, statements and disputes are written, for officials and merchants.  结算报文"""

from datetime import datetime

from litestar import Response

from huiquan.views.settlements import SettlementLine
from huiquan.views.statement_pdf import statement_pdf
from huiquan.views.statement_sums import sum_lines
from huiquan.views.statement_workbook import statement_workbook
from huiquan.views.statements import Dispute, Statement
from huiquan.web.wire import Wire, alike, shanghai

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


class ShownOrder(Wire):
    """One order of a statement."""

    redemption: str
    payment_ref: str
    store: str
    redeemed_at: datetime
    order_fen: int
    net_fen: int
    discount_fen: int
    returned_fen: int
    due_fen: int


class StatementSum(Wire):
    """One step from the vouchers to the payment."""

    label_zh: str
    label_en: str
    amount_fen: int


class ShownKept(Wire):
    """A debt of which something was kept from this payment; goods_fen is null where no goods came
    back, but a payment that had been called failed went through after all."""

    ref: str
    arose_at: datetime
    store: str | None
    payment_ref: str | None
    goods_fen: int | None
    owed_fen: int
    kept_fen: int


class ShownDispute(Wire):
    """What a merchant said is wrong, and what it was answered."""

    dispute_id: int
    settlement_id: int
    ref: str
    merchant: str
    redemption: str | None
    words: str
    opened_at: datetime
    verdict: str | None
    answer: str | None
    answered_at: datetime | None


class ShownStatement(Wire):
    """One statement, whole."""

    settlement: SettlementLine
    uscc: str
    campaign_zh: str
    account_end: str | None
    settled_at: datetime
    paid_at: datetime | None
    sums: list[StatementSum]
    orders: list[ShownOrder]
    carried_refs: list[str]
    kept: list[ShownKept]
    disputes: list[ShownDispute]


class DisputePage(Wire):
    """Disputes."""

    items: list[ShownDispute]


def shown_dispute(one: Dispute) -> ShownDispute:
    """A dispute as the pages ask for it."""
    names = ShownDispute.__struct_fields__
    fields = {name: getattr(one, name) for name in names}
    fields["opened_at"] = shanghai(one.opened_at)
    fields["answered_at"] = shanghai(one.answered_at) if one.answered_at else None
    return ShownDispute(**fields)


def shown_statement(one: Statement) -> ShownStatement:
    """A statement as the pages ask for it."""
    return ShownStatement(
        settlement=one.settlement,
        uscc=one.uscc,
        campaign_zh=one.campaign_zh,
        account_end=one.account_end,
        settled_at=shanghai(one.settled_at),
        paid_at=shanghai(one.paid_at) if one.paid_at else None,
        sums=[
            StatementSum(label_zh=zh, label_en=en, amount_fen=fen) for zh, en, fen in sum_lines(one)
        ],
        orders=[alike(ShownOrder, order) for order in one.orders],
        carried_refs=one.carried_refs,
        kept=[alike(ShownKept, debt) for debt in one.kept],
        disputes=[shown_dispute(each) for each in one.disputes],
    )


def as_file(raw: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep; its name is ours, never a caller's."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(raw, media_type=media_type, headers=headers)


def as_workbook(one: Statement) -> Response[bytes]:
    """A statement as an xlsx file, named after its settlement."""
    return as_file(statement_workbook(one), WORKBOOK, f"{one.settlement.ref}.xlsx")


def as_pdf(one: Statement) -> Response[bytes]:
    """A statement as a PDF file, named after its settlement."""
    return as_file(statement_pdf(one), PDF, f"{one.settlement.ref}.pdf")
