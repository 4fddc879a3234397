"""The register's workbook for people: balances, movements by kind, tranches, closing.  台账汇总

It is written from the CSV files beside it, so whoever reads the one has read the other.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from huiquan.domain.ledger import Account, Kind
from huiquan.views.fund import ACCOUNT_ZH, KIND_ZH
from huiquan.views.register_tables import RegisterTables
from huiquan.views.sheets import add_sheet, in_yuan, moment, open_workbook, write_head

_MONEY_TABLES = (
    ("tranches", "拨款批次", "tranches"),
    ("compensations", "平台赔付", "compensations"),
    ("repayments", "商户还款", "repayments"),
    ("shares", "余款退回", "remainder returned"),
    ("pledges", "配套资金", "matching money"),
    ("settlements", "清算单", "settlements"),
)


def write_summary(path: Path, folder: Path, register: RegisterTables) -> None:
    """Write the workbook from the tables of the folder."""
    title = f"资金使用明细台账汇总（{register.campaign}）"
    subtitle = f"单位：元    生成时间：{moment(register.made_at)}"
    book, styles = open_workbook(path, title=title, author=register.platform)
    sheet = add_sheet(book, "余额", [24, 24, 22])
    row = write_head(sheet, styles, title, subtitle, ["科目", "account", "余额（元）"])
    stands: Counter[str] = Counter()
    for line in _rows(folder, "balances"):
        stands[line["account"]] += int(line["amount_fen"])
    for account in Account:
        sheet.write_string(row, 0, ACCOUNT_ZH[account], styles.text)
        sheet.write_string(row, 1, account.value, styles.text)
        sheet.write_number(row, 2, in_yuan(stands[account.value]), styles.money)
        row += 1
    sheet = add_sheet(book, "业务", [24, 24, 14, 22])
    row = write_head(sheet, styles, title, subtitle, ["业务", "kind", "笔数", "金额（元）"])
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for line in _rows(folder, "transfers"):
        counts[line["kind"]] += 1
        sums[line["kind"]] += int(line["amount_fen"])
    for kind in Kind:
        sheet.write_string(row, 0, KIND_ZH[kind], styles.text)
        sheet.write_string(row, 1, kind.value, styles.text)
        sheet.write_number(row, 2, counts[kind.value], styles.count)
        sheet.write_number(row, 3, in_yuan(sums[kind.value]), styles.money)
        row += 1
    for name, zh, en in _MONEY_TABLES:
        with (folder / f"{name}.csv").open(newline="") as file:
            lines = csv.reader(file)
            head = next(lines)
            sheet = add_sheet(book, zh, [22] * len(head))
            row = write_head(sheet, styles, f"{zh} {en}", subtitle, head)
            for values in lines:
                for column, (key, value) in enumerate(zip(head, values, strict=True)):
                    if key.endswith("_fen") and value:
                        sheet.write_number(row, column, in_yuan(int(value)), styles.money)
                    else:
                        sheet.write_string(row, column, value, styles.text)
                row += 1
    book.close()


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as file:
        yield from csv.DictReader(file)
