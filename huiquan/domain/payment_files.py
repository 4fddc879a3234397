r"""Payment files: what the bank is told to pay, after two people approved it.  付款文件

    drafted --two people--> approved --> sent --> accepted --every line answered--> done
       \-------------------------\--> withdrawn: its settlements wait for another file

The file is a batch of transfers as Chinese banks take it: one head line with count and sum, one
line a payment, amounts in yuan with two decimals, in GBK or UTF-8. Its SHA-256 is kept when it is
drafted, so what is approved is what is sent. The reference of a line is its settlement's: a bank
that gets a file twice has seen each of its references before.
"""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huiquan.domain.days import day_number
from huiquan.domain.money import yuan
from huiquan.domain.refusals import Refusal


class FileState(StrEnum):
    """How far a payment file has come."""

    DRAFTED = "drafted"  # 已制单
    APPROVED = "approved"  # 已复核
    SENT = "sent"  # 已送银行
    ACCEPTED = "accepted"  # 银行已受理
    DONE = "done"  # 已完成
    WITHDRAWN = "withdrawn"  # 已撤回


class Encoding(StrEnum):
    """How the file's letters are written. GB 18030 is GBK and holds every letter besides."""

    GBK = "gbk"
    UTF8 = "utf-8"

    @property
    def codec(self) -> str:
        """The codec that writes it; a spreadsheet knows UTF-8 by its mark."""
        return "gb18030" if self is Encoding.GBK else "utf-8-sig"


HEAD = ("批次号", "总笔数", "总金额", "付款日期")
COLUMNS = (
    "序号",
    "客户流水号",
    "收款账号",
    "收款户名",
    "收款行名称",
    "收款行联行号",
    "金额",
    "用途",
)
PURPOSE = "消费券核销款"
_ACCOUNT_NO = re.compile(r"[0-9]{8,32}")
_BANK_CODE = re.compile(r"[0-9]{12}")
NAME_MAX = 60


@dataclass(frozen=True, kw_only=True)
class PayeeAccount:
    """Where a merchant is paid. bank_code is the branch's twelve digits (联行号)."""

    account_no: str
    account_name: str
    bank_name: str
    bank_code: str


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One line: a settlement, whom it pays, where to, and how much in fen.

    request_id is the request for the account; None where accounts did not take two people yet.
    """

    line_no: int
    settlement_id: int
    ref: str
    merchant_id: int
    rail: str
    amount_fen: int
    request_id: int | None
    account: PayeeAccount


def read_account(account: PayeeAccount) -> PayeeAccount | Refusal:
    """An account whose fields can stand in a bank's file. Refuses BAD_ACCOUNT.

    A name that begins like a formula is refused: spreadsheets would reckon with it.
    """
    names = (account.account_name, account.bank_name)
    if not _ACCOUNT_NO.fullmatch(account.account_no) or not _BANK_CODE.fullmatch(account.bank_code):
        return Refusal.BAD_ACCOUNT
    for name in names:
        if not name.isprintable() or not 0 < len(name) <= NAME_MAX or name != name.strip():
            return Refusal.BAD_ACCOUNT
        if name[0] in "=+-@" or any(mark in name for mark in ',"'):
            return Refusal.BAD_ACCOUNT
    return account


def batch_no(file_id: int, day: date) -> str:
    """What the bank calls the file: HQ20260220-0000017."""
    return f"HQ{day_number(day)}-{file_id:07}"


def bank_file(file_id: int, day: date, payments: Sequence[Payment], encoding: Encoding) -> bytes:
    """The bytes the bank gets; the same for the same payments, whenever they are written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    total_fen = sum(one.amount_fen for one in payments)
    writer.writerow(HEAD)
    writer.writerow((batch_no(file_id, day), len(payments), _plain(total_fen), day_number(day)))
    writer.writerow(COLUMNS)
    for one in payments:
        to = one.account
        writer.writerow(
            (
                one.line_no,
                one.ref,
                to.account_no,
                to.account_name,
                to.bank_name,
                to.bank_code,
                _plain(one.amount_fen),
                PURPOSE,
            )
        )
    return text.getvalue().encode(encoding.codec)


def file_hash(file_id: int, day: date, payments: Sequence[Payment]) -> bytes:
    """The SHA-256 by which a file is known, over its UTF-8 form."""
    return hashlib.sha256(bank_file(file_id, day, payments, Encoding.UTF8)).digest()


def _plain(amount_fen: int) -> str:
    return yuan(amount_fen).replace(",", "")
