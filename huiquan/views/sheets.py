"""Sheets an official can print and file: one look for every workbook of the house.  表格样式"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from huiquan.domain.days import SHANGHAI

MONEY = "#,##0.00"
COUNT = "#,##0"
PERCENT = "0.00%"


@dataclass(frozen=True, kw_only=True)
class Styles:
    """The formats of a workbook, each made once."""

    title: Format
    subtitle: Format
    header: Format
    text: Format
    money: Format
    count: Format
    percent: Format
    total_text: Format
    total_money: Format
    total_count: Format
    note: Format
    code: Format


def open_workbook(path: Path, *, title: str, author: str) -> tuple[Workbook, Styles]:
    """Begin a workbook that is written row by row, in constant memory; the caller closes it."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "remove_timezone": True})
    book.set_properties({"title": title, "author": author})
    song = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    cell = {**song, "border": 1, "border_color": "#9AA5B1"}
    total = {**cell, "bold": True, "bg_color": "#F2F5F8", "top": 2}
    head = {**cell, "bold": True, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
    styles = Styles(
        title=book.add_format({"font_name": "黑体", "font_size": 16, "valign": "vcenter"}),
        subtitle=book.add_format({**song, "font_color": "#52606D"}),
        header=book.add_format(head),
        text=book.add_format(cell),
        money=book.add_format({**cell, "num_format": MONEY}),
        count=book.add_format({**cell, "num_format": COUNT}),
        percent=book.add_format({**cell, "num_format": PERCENT}),
        total_text=book.add_format(total),
        total_money=book.add_format({**total, "num_format": MONEY}),
        total_count=book.add_format({**total, "num_format": COUNT}),
        note=book.add_format({**song, "text_wrap": True, "valign": "top"}),
        code=book.add_format({**cell, "font_name": "Consolas", "font_size": 9}),
    )
    return book, styles


def add_sheet(book: Workbook, name: str, widths: Sequence[float]) -> Worksheet:
    """A sheet with its column widths, set for A4 across, pages numbered, nothing cut off."""
    sheet = book.add_worksheet(name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R第 &P 页，共 &N 页")
    return sheet


def write_head(
    sheet: Worksheet, styles: Styles, title: str, subtitle: str, headers: Sequence[str]
) -> int:
    """Title, line under it and column headers, which stay in sight; gives the next row."""
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, title, styles.title)
    sheet.write_string(1, 0, subtitle, styles.subtitle)
    sheet.set_row(3, 30)
    for column, header in enumerate(headers):
        sheet.write_string(3, column, header, styles.header)
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    return 4


def in_yuan(amount_fen: int) -> Decimal:
    """Fen as the yuan of a cell, exactly to two decimals."""
    return Decimal(amount_fen).scaleb(-2)


def moment(at: datetime) -> str:
    """A time as officials write it, in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def day_zh(day: int) -> str:
    """20260206 as 2026年2月6日."""
    return f"{day // 10_000}年{day // 100 % 100}月{day % 100}日"
