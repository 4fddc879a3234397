"""Flaws: why a file is refused as a bill, with the row to look at.  账单文件差错"""

from dataclasses import dataclass
from enum import StrEnum

FLAWS_SHOWN = 20
"""A file that is wrong from end to end is not told line by line."""


class FlawKind(StrEnum):
    """What is wrong with a file, or with one row of it."""

    UNREADABLE = "unreadable"
    NO_HEADER = "no_header"
    SHORT_ROW = "short_row"
    UNKNOWN_KIND = "unknown_kind"
    BAD_AMOUNT = "bad_amount"
    BAD_TIME = "bad_time"
    OTHER_DAY = "other_day"
    NO_REF = "no_ref"
    BAD_TEXT = "bad_text"
    LOST_DIGITS = "lost_digits"
    TOTAL_MISSING = "total_missing"
    TOTAL_DIFFERS = "total_differs"
    BALANCE_BROKEN = "balance_broken"
    DAY_NEEDED = "day_needed"
    TOO_LARGE = "too_large"

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return _SENTENCES[self][0]

    @property
    def en(self) -> str:
        """The sentence in English."""
        return _SENTENCES[self][1]


_SENTENCES = {
    FlawKind.UNREADABLE: ("文件无法按该格式读取", "the file cannot be read in this format"),
    FlawKind.NO_HEADER: ("没有找到包含所需列的表头", "no header with the columns that are needed"),
    FlawKind.SHORT_ROW: ("这一行缺列", "the row is too short"),
    FlawKind.UNKNOWN_KIND: ("业务类型不认识", "what happened is not known"),
    FlawKind.BAD_AMOUNT: ("金额不正确", "the amount is not valid"),
    FlawKind.BAD_TIME: ("时间不正确", "the time is not valid"),
    FlawKind.OTHER_DAY: ("时间不在账单日", "the time is not on the bill's day"),
    FlawKind.NO_REF: ("缺少单号", "the reference is missing"),
    FlawKind.BAD_TEXT: ("含有不可打印或过长的文字", "text that is too long or cannot be printed"),
    FlawKind.LOST_DIGITS: (
        "单号已被表格软件改成科学计数，尾数丢失",
        "a spreadsheet rounded the reference; its digits are lost",
    ),
    FlawKind.TOTAL_MISSING: ("没有找到合计，文件可能不完整", "a total is missing; is it torn?"),
    FlawKind.TOTAL_DIFFERS: ("合计与明细之和不符", "a total is not the sum of the lines"),
    FlawKind.BALANCE_BROKEN: ("余额不连续", "the running balance is broken"),
    FlawKind.DAY_NEEDED: ("请指明账单日", "say which day the bill is of"),
    FlawKind.TOO_LARGE: ("文件过大", "the file is too large"),
}


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing wrong: the row counted from 1 (0 is the whole file), what, and what was found."""

    row: int = 0
    kind: FlawKind
    found: str = ""

    @property
    def zh(self) -> str:
        """What to tell a person in Chinese."""
        return self._said(self.kind.zh, "第 {row} 行：{what}", "：")

    @property
    def en(self) -> str:
        """What to tell a person in English."""
        return self._said(self.kind.en, "row {row}: {what}", ": ")

    def _said(self, what: str, at_row: str, before: str) -> str:
        whole = at_row.format(row=self.row, what=what) if self.row else what
        return whole + before + self.found if self.found else whole


@dataclass(frozen=True, kw_only=True)
class BadFile:
    """A file that was refused whole; nothing of it was kept."""

    flaws: tuple[Flaw, ...]
