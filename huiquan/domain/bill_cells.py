"""Cells of a bill: amounts, times and references as people and spreadsheets write them.  单元格"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from huiquan.domain.bill_flaws import FlawKind
from huiquan.domain.bill_mappings import KindRule, Unit
from huiquan.domain.days import SHANGHAI
from huiquan.domain.money import FEN_PER_YUAN

TEXT_MAX = 128
AMOUNT_MAX_FEN = 10**14

_AMOUNT = re.compile(r"([+-]?)[¥￥]?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?", re.ASCII)
_MOMENT = re.compile(
    r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?"
    r"(?:[T ]*([0-9]{1,2}):?([0-9]{2})(?::?([0-9]{2})(?:\.[0-9]+)?)?(?:\+08:00)?)?"
)
_YEARLESS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")


class FlawedError(Exception):
    """A cell is wrong; whoever reads the row tells of it."""

    def __init__(self, kind: FlawKind, found: str = "") -> None:
        super().__init__(kind.value)
        self.kind, self.found = kind, found


def read_fen(text: str, unit: Unit) -> int | None:
    """Read an amount, with sign and thousands separators, and give fen; an empty cell is zero.

    Yuan may have two decimals, and more only if they are zeros; fen has none. None if it is none.
    """
    if text in ("", "-", "--"):
        return 0
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    sign, whole, decimals = found[1], found[2].replace(",", ""), found[3] or ""
    kept, rest = (decimals[:2], decimals[2:]) if unit is Unit.YUAN else ("", decimals)
    if rest.strip("0") or len(whole) > 15:
        return None
    fen = int(whole)
    if unit is Unit.YUAN:
        fen = fen * FEN_PER_YUAN + int(kept.ljust(2, "0"))
    if fen > AMOUNT_MAX_FEN:
        return None
    return -fen if sign == "-" else fen


def read_moment(text: str, day: date | None) -> datetime | None:
    """Read a time of Shanghai as bills write it; a date alone is its midnight.

    Ten digits are a month, day, hour, minute and second of the bill's year.
    """
    yearless, found = _YEARLESS.fullmatch(text), _MOMENT.fullmatch(text)
    if yearless is not None and day is not None:
        numbers = [day.year, *(int(group) for group in yearless.groups())]
        # The last hours of a year may stand in the first bill of the next, and the other way round.
        numbers[0] -= day.month == 1 and numbers[1] == 12
        numbers[0] += day.month == 12 and numbers[1] == 1
    elif found is not None:
        numbers = [int(group or 0) for group in found.groups()]
    else:
        return None
    try:
        year, month, of_month, hour, minute, second = numbers
        at = datetime(year, month, of_month, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return None
    return at if 2000 <= at.year < 2100 else None


def read_name(text: str) -> str:
    """A reference as it is written. Raises FlawedError when it is long, rounded or unprintable."""
    if len(text) > TEXT_MAX or not text.isprintable():
        raise FlawedError(FlawKind.BAD_TEXT, repr(text[:40]))
    if _ROUNDED.fullmatch(text):
        raise FlawedError(FlawKind.LOST_DIGITS, text)
    return text


def free_text(text: str) -> str:
    """A remark, cut to length, with what cannot be printed left out: nothing follows from it."""
    return "".join(each for each in text[:TEXT_MAX] if each.isprintable())


def rule_for(rules: Sequence[KindRule], cell: Callable[[str], str]) -> KindRule:
    """The first rule that knows this row. Raises FlawedError when none does."""
    found = ""
    for rule in rules:
        if not rule.column:
            return rule
        found = cell(rule.column)
        if any(word in found if rule.contains else word == found for word in rule.words):
            return rule
    raise FlawedError(FlawKind.UNKNOWN_KIND, found)


def columns_of(rule: KindRule) -> set[str]:
    """The columns whose amounts a rule adds up."""
    return {part.removeprefix("-") for part in (*rule.amount, *rule.paid)}


def sum_of(parts: Sequence[str], amounts: Mapping[str, int], *, negate: bool) -> int:
    """Add columns up, those with "-" before them taken off."""
    total = sum(-amounts[part[1:]] if part.startswith("-") else amounts[part] for part in parts)
    return -total if negate else total


def break_in(balances: Sequence[tuple[int, int, int]]) -> int | None:
    """The first row at which a running balance breaks; None if it runs, upward or downward.

    Each is row, amount and balance after it; statements come oldest first or newest first.
    """
    breaks = [_first_break(balances), _first_break(balances[::-1])]
    return None if None in breaks else breaks[0]


def _first_break(balances: Sequence[tuple[int, int, int]]) -> int | None:
    for (_, _, before), (row, amount_fen, after) in pairwise(balances):
        if before + amount_fen != after:
            return row
    return None
