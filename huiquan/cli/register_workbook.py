"""The register as a workbook: a day's movements, what stood before and after, and the sums again.

资金使用明细台账。 Rows are written as they come from the database, so a day of any size is written
in constant memory. The sums on the first sheet are formulas over the rows themselves: whoever opens
the file adds it up again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from huiquan.domain.ledger import HOUSE_LANE, Account
from huiquan.views.fund import ACCOUNT_ZH, KIND_ZH
from huiquan.views.register import AccountLine, Line, LinkLine, Register
from huiquan.views.sheets import (
    Styles,
    add_sheet,
    day_zh,
    in_yuan,
    moment,
    open_workbook,
    write_head,
)

ROWS_MAX = 1_000_000
GROWS_BY_DEBIT = {Account.BANK, Account.RECEIVABLE}

_HEADERS = (
    *("序号", "时间", "通道", "账内编号", "业务", "借方科目", "贷方科目", "金额（元）"),
    *("券号", "商户", "凭证号", "链号"),
)
_WIDTHS = [9, 20, 8, 11, 16, 14, 14, 16, 26, 30, 34, 8]


@dataclass
class _Detail:
    """The sheets with the movements, and how far they have been written."""

    book: Workbook
    styles: Styles
    title: str
    subtitle: str
    rows_max: int
    sheets: list[Worksheet] = field(default_factory=list)
    row: int = 0
    written: int = 0

    def write(self, line: Line) -> None:
        """Write one movement; a full sheet is followed by another."""
        if not self.sheets or self.row - 4 >= self.rows_max:
            sheet = add_sheet(self.book, f"明细{len(self.sheets) + 1}", _WIDTHS)
            self.row = write_head(sheet, self.styles, self.title, self.subtitle, _HEADERS)
            self.sheets.append(sheet)
        sheet, styles, row = self.sheets[-1], self.styles, self.row
        self.written += 1
        sheet.write_number(row, 0, self.written, styles.count)
        sheet.write_string(row, 1, moment(line.booked_at), styles.text)
        sheet.write_string(row, 2, _lane(line.lane), styles.text)
        sheet.write_number(row, 3, line.no, styles.count)
        sheet.write_string(row, 4, KIND_ZH[line.kind], styles.text)
        sheet.write_string(row, 5, ACCOUNT_ZH[line.debit], styles.text)
        sheet.write_string(row, 6, ACCOUNT_ZH[line.credit], styles.text)
        sheet.write_number(row, 7, in_yuan(line.amount_fen), styles.money)
        sheet.write_string(row, 8, line.serial or "", styles.code)
        sheet.write_string(row, 9, line.merchant or "", styles.text)
        sheet.write_string(row, 10, line.ref, styles.code)
        sheet.write_string(row, 11, "" if line.link_no is None else str(line.link_no), styles.code)
        self.row += 1

    def sum_where(self, column: str, word: str) -> str:
        """The sum of all amounts in whose row this column says this word, as a formula."""
        if not self.sheets:
            return "0"
        return "+".join(
            f"SUMIFS('{sheet.get_name()}'!$H:$H,'{sheet.get_name()}'!${column}:${column},\"{word}\")"
            for sheet in self.sheets
        )


async def write_register(
    path: Path,
    register: Register,
    *,
    on_progress: Callable[[int], None] = lambda written: None,
    rows_max: int = ROWS_MAX,
) -> int:
    """Write the workbook; gives the number of movements. on_progress hears it every thousand."""
    title = f"{register.name_zh}资金使用明细台账"
    subtitle = f"日期：{day_zh(register.day)}    单位：元    生成时间：{moment(register.made_at)}"
    book, styles = open_workbook(path, title=title, author=register.organiser_zh)
    sums = add_sheet(book, "汇总", [18, 20, 20, 20, 20, 20, 10])
    detail = _Detail(book, styles, title, subtitle, rows_max)
    kinds: dict[str, int] = {}
    async for line in register.lines():
        detail.write(line)
        name = KIND_ZH[line.kind]
        kinds[name] = kinds.get(name, 0) + line.amount_fen
        if detail.written % 1_000 == 0:
            on_progress(detail.written)
    accounts = await register.accounts()
    row = _write_accounts(sums, detail, accounts)
    _write_kinds(sums, detail, kinds, row + 2)
    _write_merchants(detail, accounts)
    _write_chain(detail, await register.links())
    book.close()
    return detail.written


def _lane(lane: int) -> str:
    return "总账" if lane == HOUSE_LANE else str(lane)


def _write_accounts(sheet: Worksheet, detail: _Detail, accounts: Sequence[AccountLine]) -> int:
    """Each kind of account: opening, in, out, closing, and the closing added up from the rows."""
    styles = detail.styles
    headers = ["科目", "期初余额", "本日增加", "本日减少", "期末余额", "明细复算期末", "相符"]
    row = write_head(sheet, styles, detail.title, detail.subtitle, headers)
    for account in Account:
        lines = [line for line in accounts if line.account is account]
        amounts = [
            sum(line.opening_fen for line in lines),
            sum(line.in_fen for line in lines),
            sum(line.out_fen for line in lines),
            sum(line.closing_fen for line in lines),
        ]
        sheet.write_string(row, 0, ACCOUNT_ZH[account], styles.text)
        for column, amount_fen in enumerate(amounts, start=1):
            sheet.write_number(row, column, in_yuan(amount_fen), styles.money)
        word = ACCOUNT_ZH[account]
        debits, credits = detail.sum_where("F", word), detail.sum_where("G", word)
        grows, falls = (debits, credits) if account in GROWS_BY_DEBIT else (credits, debits)
        formula = f"=ROUND(B{row + 1}+({grows})-({falls}),2)"
        sheet.write_formula(row, 5, formula, styles.money, float(in_yuan(amounts[3])))
        check = f'=IF(ROUND(E{row + 1}-F{row + 1},2)=0,"相符","不符")'
        sheet.write_formula(row, 6, check, styles.text, "相符")
        row += 1
    return row


def _write_kinds(sheet: Worksheet, detail: _Detail, kinds: dict[str, int], row: int) -> None:
    """What each kind of movement came to, counted while writing and added up again."""
    styles = detail.styles
    for column, header in enumerate(["业务", "金额（元）", "明细复算", "相符"]):
        sheet.write_string(row, column, header, styles.header)
    for name in KIND_ZH.values():
        if name not in kinds:
            continue
        row += 1
        amount = in_yuan(kinds[name])
        sheet.write_string(row, 0, name, styles.text)
        sheet.write_number(row, 1, amount, styles.money)
        formula = f"=ROUND({detail.sum_where('E', name)},2)"
        sheet.write_formula(row, 2, formula, styles.money, float(amount))
        check = f'=IF(ROUND(B{row + 1}-C{row + 1},2)=0,"相符","不符")'
        sheet.write_formula(row, 3, check, styles.text, "相符")


def _write_merchants(detail: _Detail, accounts: Sequence[AccountLine]) -> None:
    """Each merchant's accounts, opening to closing."""
    styles = detail.styles
    sheet = add_sheet(detail.book, "商户往来", [12, 34, 14, 18, 18, 18, 18])
    headers = ["商户编号", "商户", "科目", "期初余额", "本日增加", "本日减少", "期末余额"]
    row = write_head(sheet, styles, detail.title, detail.subtitle, headers)
    for line in accounts:
        if line.merchant_id is None:
            continue
        sheet.write_number(row, 0, line.merchant_id, styles.text)
        sheet.write_string(row, 1, line.merchant or "", styles.text)
        sheet.write_string(row, 2, ACCOUNT_ZH[line.account], styles.text)
        amounts = (line.opening_fen, line.in_fen, line.out_fen, line.closing_fen)
        for column, amount_fen in enumerate(amounts, start=3):
            sheet.write_number(row, column, in_yuan(amount_fen), styles.money)
        row += 1


def _write_chain(detail: _Detail, links: Sequence[LinkLine]) -> None:
    """The links over the day's movements: whoever keeps one hash can tell if a row was changed."""
    styles = detail.styles
    sheet = add_sheet(detail.book, "台账链", [8, 8, 12, 12, 68, 68, 20])
    headers = ["通道", "链号", "首笔编号", "末笔编号", "上一链哈希", "本链哈希", "封链时间"]
    row = write_head(sheet, styles, detail.title, detail.subtitle, headers)
    for link in links:
        sheet.write_string(row, 0, _lane(link.lane), styles.text)
        sheet.write_number(row, 1, link.link_no, styles.count)
        sheet.write_number(row, 2, link.first_no, styles.count)
        sheet.write_number(row, 3, link.next_no - 1, styles.count)
        sheet.write_string(row, 4, link.prev_hash.hex(), styles.code)
        sheet.write_string(row, 5, link.link_hash.hex(), styles.code)
        sheet.write_string(row, 6, moment(link.closed_at), styles.text)
        row += 1
