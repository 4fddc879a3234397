"""Flaws: why a file is refused as a bill, with the row to look at.  账单文件差错"""

from dataclasses import dataclass

from huiquan.domain.spoken import Spoken

FLAWS_SHOWN = 20
"""A file that is wrong from end to end is not told line by line."""


class FlawKind(Spoken):
    """What is wrong with a file, or with one row of it."""

    UNREADABLE = "unreadable", "文件无法按该格式读取", "the file cannot be read in this format"
    NO_HEADER = (
        "no_header",
        "没有找到包含所需列的表头",
        "no header with the columns that are needed",
    )
    SHORT_ROW = "short_row", "这一行缺列", "the row is too short"
    UNKNOWN_KIND = "unknown_kind", "业务类型不认识", "what happened is not known"
    BAD_AMOUNT = "bad_amount", "金额不正确", "the amount is not valid"
    BAD_TIME = "bad_time", "时间不正确", "the time is not valid"
    OTHER_DAY = "other_day", "时间不在账单日", "the time is not on the bill's day"
    NO_REF = "no_ref", "缺少单号", "the reference is missing"
    BAD_TEXT = "bad_text", "含有不可打印或过长的文字", "text that is too long or cannot be printed"
    LOST_DIGITS = (
        "lost_digits",
        "单号已被表格软件改成科学计数，尾数丢失",
        "a spreadsheet rounded the reference; its digits are lost",
    )
    TOTAL_MISSING = (
        "total_missing",
        "没有找到合计，文件可能不完整",
        "a total is missing; is it torn?",
    )
    TOTAL_DIFFERS = "total_differs", "合计与明细之和不符", "a total is not the sum of the lines"
    BALANCE_BROKEN = "balance_broken", "余额不连续", "the running balance is broken"
    DAY_NEEDED = "day_needed", "请指明账单日", "say which day the bill is of"
    TOO_LARGE = "too_large", "文件过大", "the file is too large"


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
