"""Mappings: how one payment company or bank writes its bill, as data.  账单格式映射

A mapping says which column holds what, what the words of the kind column mean, how the file is
written, and where its totals stand, so that a new bill shape is a file and no program.
"""

import re
import tomllib
from enum import StrEnum

import msgspec


class Book(StrEnum):
    """Whose books ours are held against."""

    ACQUIRER = "acquirer"  # 收单机构账单
    BANK = "bank"  # 银行流水


class LineKind(StrEnum):
    """What a line says happened; the last two stand in bank statements alone."""

    REDEEM = "redeem"  # 核销
    REFUND = "refund"  # 核销退款
    OUT = "out"  # 付出
    IN = "in"  # 收入
    FEE = "fee"  # 手续费
    INTEREST = "interest"  # 利息


class Format(StrEnum):
    """How rows and cells are written."""

    CSV = "csv"
    XLSX = "xlsx"
    FIXED = "fixed"  # columns of fixed widths in bytes, one space between them


class Unit(StrEnum):
    """What an amount of 1 means."""

    YUAN = "yuan"
    FEN = "fen"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a mapping; a key nobody knows is refused."""


class Terms(_Table, frozen=True, kw_only=True):
    """What explains a difference of days by itself.

    cut_over_s: so close to midnight, two clocks may put a line on neighbouring days.
    days_apart: so many days later (or earlier) the other side may book the same line.
    """

    cut_over_s: int = 600
    days_apart: int = 0


class KindRule(_Table, frozen=True, kw_only=True):
    """Which rows are of a kind, and the sums of columns that are its amounts.

    amount is the fund's part, paid what the customer paid; a column with "-" before it is taken
    off. negate turns the sign, for files that write refunds without one.
    """

    kind: LineKind
    column: str = ""
    words: tuple[str, ...] = ()
    contains: bool = False
    amount: tuple[str, ...]
    paid: tuple[str, ...] = ()
    negate: bool = False


class Total(_Table, frozen=True, kw_only=True):
    """One total the file tells of itself: of a column, or "count" for the number of lines.

    It stands under a header in a row below the lines, in a row that begins with a word, or in a
    sentence that a pattern finds (its first group).
    """

    of: str
    kind: LineKind | None = None
    header: str = ""
    row: str = ""
    pattern: str = ""


class Mapping(_Table, frozen=True, kw_only=True):
    """One bill shape. Several columns for a time are joined; of several for a reference, the
    first that is not empty counts; ref_pattern picks our own number out of a remark."""

    code: str
    name_zh: str
    name_en: str
    book: Book
    format: Format = Format.CSV
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    delimiter: str = ","
    widths: tuple[int, ...] = ()
    marks: str = "`"
    comment: str = ""
    end: tuple[str, ...] = ()
    unit: Unit = Unit.YUAN
    at: tuple[str, ...]
    ref: tuple[str, ...]
    ref_pattern: str = ""
    sub: str = ""
    serial: str = ""
    place: str = ""
    note: str = ""
    balance: str = ""
    ignore_column: str = ""
    ignore_words: tuple[str, ...] = ()
    terms: Terms = Terms()
    kinds: tuple[KindRule, ...]
    totals: tuple[Total, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Every column that a file of this shape must have."""
        named = {self.sub, self.serial, self.place, self.note, self.balance, self.ignore_column}
        named |= {*self.at, *self.ref}
        for rule in self.kinds:
            named |= {rule.column, *(part.removeprefix("-") for part in (*rule.amount, *rule.paid))}
        return frozenset(named - {""})


def read_mapping(text: str) -> Mapping:
    """Read the TOML text of a mapping. Raises ValueError that says what is wrong with it."""
    mapping = msgspec.convert(tomllib.loads(text), Mapping)
    for pattern in (mapping.ref_pattern, *(total.pattern for total in mapping.totals)):
        re.compile(pattern)
    kinds_of = {
        Book.ACQUIRER: {LineKind.REDEEM, LineKind.REFUND},
        Book.BANK: {LineKind.OUT, LineKind.IN, LineKind.FEE, LineKind.INTEREST},
    }
    strange = {rule.kind for rule in mapping.kinds} - kinds_of[mapping.book]
    if strange or not mapping.kinds:
        raise ValueError(f"{mapping.code}: kinds do not belong to its book: {sorted(strange)}")
    if (mapping.format is Format.FIXED) != bool(mapping.widths):
        raise ValueError(f"{mapping.code}: widths belong to columns of fixed width")
    return mapping
