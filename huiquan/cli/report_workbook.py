"""The daily report as a workbook for the department.  日报表"""

from collections.abc import Sequence
from pathlib import Path

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from huiquan.domain.figures import Nine
from huiquan.views.figures import Part
from huiquan.views.fund import lines_of
from huiquan.views.report import NINE, NOTES_ZH, Report
from huiquan.views.sheets import (
    Styles,
    add_sheet,
    day_zh,
    in_yuan,
    moment,
    open_workbook,
    write_head,
)

ADDS_UP = {"issued_count", "issued_fen", "redeemed_count", "redeemed_fen", "order_fen"} | {
    "refunded_fen"
}


def write_report(path: Path, report: Report) -> None:
    """Write the report: the nine, by city, by pack and platform, two weeks, the fund, the notes."""
    title = f"{report.name_zh}日报"
    book, styles = open_workbook(path, title=title, author=report.organiser_zh)
    _write_day(book, styles, report, title)
    counted = report.figures
    _write_parts(book, styles, report, "分市州", counted.by_city)
    _write_parts(book, styles, report, "分礼包", counted.by_pack)
    _write_parts(book, styles, report, "分平台", counted.by_platform)
    _write_trend(book, styles, report)
    _write_fund(book, styles, report)
    _write_notes(book, styles)
    book.close()


def _subtitle(report: Report, unit: str = "金额单位：元") -> str:
    counted = report.figures
    return f"统计日：{day_zh(counted.day)}    {unit}    生成时间：{moment(counted.at)}"


def _write_day(book: Workbook, styles: Styles, report: Report, title: str) -> None:
    sheet = add_sheet(book, "日报", [8, 22, 20, 22, 60])
    headers = ["序号", "指标", "当日", "活动开始至当日", "口径"]
    row = write_head(sheet, styles, title, _subtitle(report), headers)
    counted = report.figures
    for number, name in enumerate(NINE, start=1):
        sheet.write_number(row, 0, number, styles.count)
        sheet.write_string(row, 1, name.zh, styles.text)
        for column, nine in ((2, counted.total), (3, counted.cumulative)):
            _write_figure(sheet, styles, row, column, nine, name.field, is_total=False)
        sheet.write_string(row, 4, name.means_zh, styles.text)
        row += 1
    sheet.write_number(row, 0, len(NINE) + 1, styles.count)
    sheet.write_string(row, 1, "参与摇号人次", styles.text)
    sheet.write_number(row, 2, counted.entered_count, styles.count)
    sheet.write_string(row, 3, "", styles.text)
    sheet.write_string(row, 4, "当日参与摇号的人次，每人每日一次。", styles.text)
    row += 1
    sheet.write_number(row, 0, len(NINE) + 2, styles.count)
    sheet.write_string(row, 1, "核销率", styles.text)
    sheet.write_string(row, 2, "", styles.text)
    sheet.write_number(row, 3, counted.redemption_rate_bp / 10_000, styles.percent)
    sheet.write_string(row, 4, "活动开始至当日，核销金额占发放金额的比例。", styles.text)


def _write_figure(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    column: int,
    nine: Nine,
    field: str,
    *,
    is_total: bool,
) -> None:
    value: int = getattr(nine, field)
    if field.endswith("_fen"):
        style = styles.total_money if is_total else styles.money
        sheet.write_number(row, column, in_yuan(value), style)
    else:
        style = styles.total_count if is_total else styles.count
        sheet.write_number(row, column, value, style)


def _write_parts(
    book: Workbook, styles: Styles, report: Report, name: str, parts: Sequence[Part]
) -> None:
    """A row for each part; sums are formulas, distinct persons and merchants are counted anew."""
    sheet = add_sheet(book, name, [26] + [15] * len(NINE))
    headers = [name.removeprefix("分")] + [
        f"{one.zh}（{'元' if one.is_money else _unit(one.field)}）" for one in NINE
    ]
    title = f"{report.name_zh}日报（{name}）"
    row = first = write_head(sheet, styles, title, _subtitle(report), headers)
    for part in parts:
        sheet.write_string(row, 0, part.zh, styles.text)
        for column, one in enumerate(NINE, start=1):
            _write_figure(sheet, styles, row, column, part.nine, one.field, is_total=False)
        row += 1
    sheet.write_string(row, 0, "合计", styles.total_text)
    for column, one in enumerate(NINE, start=1):
        if one.field in ADDS_UP:
            letter = chr(ord("A") + column)
            style = styles.total_money if one.is_money else styles.total_count
            value: int = getattr(report.figures.total, one.field)
            sheet.write_formula(
                row,
                column,
                f"=SUM({letter}{first + 1}:{letter}{row})",
                style,
                float(in_yuan(value)) if one.is_money else value,
            )
        else:
            _write_figure(
                sheet, styles, row, column, report.figures.total, one.field, is_total=True
            )


def _unit(field: str) -> str:
    if field in ("holder_count", "redeemer_count"):
        return "人"
    return "户" if field == "redeeming_merchant_count" else "张"


def _write_trend(book: Workbook, styles: Styles, report: Report) -> None:
    sheet = add_sheet(book, "近14日", [16, 20, 20, 20])
    headers = ["日期", "计划投放（元）", "发放金额（元）", "核销金额（元）"]
    title = f"{report.name_zh}近14日走势"
    row = first = write_head(sheet, styles, title, _subtitle(report), headers)
    for one in report.figures.trend:
        sheet.write_string(row, 0, day_zh(one.day), styles.text)
        amounts = (one.planned_fen, one.issued_fen, one.redeemed_fen)
        for column, amount_fen in enumerate(amounts, start=1):
            sheet.write_number(row, column, in_yuan(amount_fen), styles.money)
        row += 1
    chart = book.add_chart({"type": "column"})
    for column, colour in ((1, "#CBD2D9"), (2, "#3E7CB1"), (3, "#D64545")):
        chart.add_series(
            {
                "name": ["近14日", 3, column],
                "categories": ["近14日", first, 0, row - 1, 0],
                "values": ["近14日", first, column, row - 1, column],
                "fill": {"color": colour},
            }
        )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 900, "height": 320})
    sheet.insert_chart(row + 1, 0, chart)


def _write_fund(book: Workbook, styles: Styles, report: Report) -> None:
    sheet = add_sheet(book, "专户资金", [28, 24])
    title = f"{report.name_zh}专户资金"
    subtitle = f"截至 {moment(report.figures.at)}    金额单位：元"
    row = write_head(sheet, styles, title, subtitle, ["项目", "金额"])
    for zh, _, amount_fen in lines_of(report.figures.fund):
        sheet.write_string(row, 0, zh, styles.text)
        sheet.write_number(row, 1, in_yuan(amount_fen), styles.money)
        row += 1


def _write_notes(book: Workbook, styles: Styles) -> None:
    sheet = add_sheet(book, "说明", [110])
    sheet.write_string(0, 0, "统计口径说明", styles.title)
    lines = [f"{one.zh}：{one.means_zh}" for one in NINE] + list(NOTES_ZH)
    for row, line in enumerate(lines, start=2):
        sheet.write_string(row, 0, f"{row - 1}. {line}", styles.note)
