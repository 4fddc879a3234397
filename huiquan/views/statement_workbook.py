"""A statement as a workbook a shopkeeper can keep and add up.  结算单表格"""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from huiquan.domain.days import SHANGHAI
from huiquan.views.statement_sums import KEPT_HEADERS, NOTES, facts, kept_rows, sum_lines
from huiquan.views.statements import Statement

HEADERS = (
    *("序号", "付款单号", "核销号", "门店", "核销时间"),
    *("订单金额", "立减金", "清算前退回", "应付"),
)
WIDTHS = (6, 40, 36, 28, 20, 13, 11, 12, 12)
MONEY = "#,##0.00"


def statement_workbook(one: Statement) -> bytes:
    """The workbook: how the sum comes about, then every order. Names are text, never formulas."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": f"结算单 {one.settlement.ref}", "created": one.settled_at})
    cell = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1}
    text = book.add_format(cell)
    money = book.add_format({**cell, "num_format": MONEY})
    head = book.add_format({**cell, "bold": True, "bg_color": "#DCE6F1", "text_wrap": True})
    total = book.add_format({**cell, "bold": True, "num_format": MONEY, "top": 2})
    title = book.add_format({"font_name": "黑体", "font_size": 16})
    plain = book.add_format({"font_name": "宋体", "font_size": 10, "text_wrap": True})
    sheet = book.add_worksheet("结算单")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, f"{one.campaign_zh} 结算单", title)
    row = 2
    for name, value in facts(one):
        sheet.write_string(row, 1, name, text)
        sheet.write_string(row, 2, value, text)
        row += 1
    row += 1
    for name, _, amount_fen in sum_lines(one):
        sheet.write_string(row, 1, name, text)
        sheet.write_number(row, 2, in_yuan(amount_fen), money)
        row += 1
    row += 1
    for column, header in enumerate(HEADERS):
        sheet.write_string(row, column, header, head)
    row += 1
    row = _orders(sheet, one, row, text, money)
    sheet.write_string(row, 7, "合计", total)
    sheet.write_number(row, 8, in_yuan(one.settlement.payable_fen), total)
    row = _kept(sheet, one, row, head, text, money)
    for note in NOTES:
        row += 1
        sheet.merge_range(row, 0, row, len(HEADERS) - 1, note, plain)
    book.close()
    return out.getvalue()


def _orders(sheet: Any, one: Statement, row: int, text: Any, money: Any) -> int:
    """Every order on a line of its own; gives the row after the last."""
    for number, order in enumerate(one.orders, start=1):
        sheet.write_number(row, 0, number, text)
        names = (order.payment_ref, order.redemption, order.store, moment(order.redeemed_at))
        for column, name in enumerate(names, start=1):
            sheet.write_string(row, column, name, text)
        amounts = (order.order_fen, order.discount_fen, order.returned_fen, order.due_fen)
        for column, amount_fen in enumerate(amounts, start=5):
            sheet.write_number(row, column, in_yuan(amount_fen), money)
        row += 1
    return row


def _kept(sheet: Any, one: Statement, row: int, head: Any, text: Any, money: Any) -> int:
    """What was kept for earlier debts, one a line; gives the last row that was written.

    Amounts are numbers, so that a column can be added up; what has none bears a dash.
    """
    if not one.kept:
        return row
    row += 2
    for column, header in enumerate(KEPT_HEADERS, start=1):
        sheet.write_string(row, column, header, head)
    for debt, cells in zip(one.kept, kept_rows(one), strict=True):
        row += 1
        amounts = (debt.goods_fen, debt.owed_fen, debt.kept_fen)
        names, shown = cells[: -len(amounts)], cells[-len(amounts) :]
        for column, name in enumerate(names, start=1):
            sheet.write_string(row, column, name, text)
        for column, (amount_fen, dash) in enumerate(
            zip(amounts, shown, strict=True), start=1 + len(names)
        ):
            if amount_fen is None:
                sheet.write_string(row, column, dash, text)
            else:
                sheet.write_number(row, column, in_yuan(amount_fen), money)
    return row


def in_yuan(amount_fen: int) -> Decimal:
    """Fen as the yuan of a cell, exactly to two decimals."""
    return Decimal(amount_fen).scaleb(-2)


def moment(at: datetime) -> str:
    """A time as people write it, in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
