"""Bill files: from the bytes a payment company or bank sent to lines, or what is wrong with them.

读取账单文件。 A file is taken whole or not at all. Its own totals and running balance are added up
again: a torn file is no bill.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.domain.bill_cells import (
    FlawedError,
    break_in,
    columns_of,
    free_text,
    read_fen,
    read_moment,
    read_name,
    rule_for,
    sum_of,
)
from huiquan.domain.bill_flaws import FLAWS_SHOWN, BadFile, Flaw, FlawKind
from huiquan.domain.bill_mappings import Book, Format, LineKind, Mapping, Total, Unit

Rows = Iterable[Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class BillLine:
    """One line as the other side tells it.

    amount_fen is the fund's part, above zero for money that ours also counts upward (a redemption,
    money into the account), below for refunds and payments; paid_fen what the customer paid, if it
    is told. key names the line among all lines of its source.
    """

    key: str
    line_no: int
    kind: LineKind
    ref: str
    sub: str
    serial: str
    day: date
    at: datetime
    amount_fen: int
    paid_fen: int | None
    place: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A file that was read: its lines in order, and the days for which it speaks."""

    lines: tuple[BillLine, ...]
    first_day: date
    last_day: date


def text_rows(raw: bytes, mapping: Mapping) -> list[list[str]] | BadFile:
    """The rows of a file of text, in the first encoding in which all of it can be read."""
    for encoding in mapping.encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if mapping.format is Format.FIXED:
            return [_cut(line, mapping) for line in text.splitlines() if line.strip()]
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter)
            return list(reader)
        except csv.Error:
            return BadFile(flaws=(Flaw(kind=FlawKind.UNREADABLE, found="CSV"),))
    return BadFile(flaws=(Flaw(kind=FlawKind.UNREADABLE, found=", ".join(mapping.encodings)),))


def _cut(line: str, mapping: Mapping) -> list[str]:
    """Cut a line of fixed widths; they are counted in bytes, so Chinese text takes two each."""
    raw, left, cells = line.encode(mapping.encodings[-1], "replace"), 0, []
    for width in mapping.widths:
        if left >= len(raw):
            break
        cells.append(raw[left : left + width].decode(mapping.encodings[-1], "replace"))
        left += width + 1
    return cells


def read_bill(rows: Rows, mapping: Mapping, *, day: date | None, part: str = "") -> Bill | BadFile:
    """Read rows as a bill: of one day for an acquirer, of the days it holds for a bank.

    day is needed for an acquirer's bill and for a statement without lines; part tells several
    bills of one day apart. Refuses with up to twenty flaws.
    """
    if day is None and mapping.book is Book.ACQUIRER:
        return BadFile(flaws=(Flaw(kind=FlawKind.DAY_NEEDED),))
    reading = _Reading(mapping, day, part)
    for number, cells in enumerate(rows, start=1):
        reading.take(number, cells)
    return reading.end()


class _Reading:
    """A bill while it is read, row by row."""

    def __init__(self, mapping: Mapping, day: date | None, part: str) -> None:
        self.mapping, self.day, self.part = mapping, day, part
        self.marks = mapping.marks + " \t\r\n\ufeff\u3000\xa0"
        self.places: dict[str, int] | None = (
            {str(n): n - 1 for n in range(1, len(mapping.widths) + 1)} if mapping.widths else None
        )
        self.over = False
        self.lines: list[BillLine] = []
        self.flaws: list[Flaw] = []
        self.times_seen: Counter[tuple[LineKind, str]] = Counter()
        self.sums: Counter[tuple[str, LineKind | None]] = Counter()
        self.summed = {total.of for total in mapping.totals} - {"count"}
        self.total_rows: list[list[str]] = []
        self.balances: list[tuple[int, int, int]] = []
        self.ref_pattern = re.compile(mapping.ref_pattern) if mapping.ref_pattern else None

    def take(self, number: int, raw: Sequence[str]) -> None:
        """Take one row: header, comment, line or what stands below the lines."""
        cells = [cell.strip(self.marks) for cell in raw]
        if not any(cells) or len(self.flaws) >= FLAWS_SHOWN:
            return
        if self.mapping.comment and cells[0].startswith(self.mapping.comment):
            self.total_rows.append([",".join(raw)])
        elif self.places is None:
            if self.mapping.columns <= set(cells):
                self.places = {name: place for place, name in enumerate(cells)}
        elif self.over or any(cells[0].startswith(word) for word in self.mapping.end):
            self.over = True
            self.total_rows.append(cells)
        else:
            self._line(number, cells)

    def _line(self, number: int, cells: list[str]) -> None:
        try:
            line = self._read(number, cells)
        except FlawedError as error:
            self.flaws.append(Flaw(row=number, kind=error.kind, found=error.found[:80]))
            return
        if line is not None:
            self.lines.append(line)

    def _read(self, number: int, cells: list[str]) -> BillLine | None:
        mapping = self.mapping
        assert self.places is not None
        places = self.places

        def cell(name: str) -> str:
            if not name:
                return ""
            if places[name] >= len(cells):
                raise FlawedError(FlawKind.SHORT_ROW, name)
            return cells[places[name]]

        if mapping.ignore_column and cell(mapping.ignore_column) in mapping.ignore_words:
            return None
        rule = rule_for(mapping.kinds, cell)
        amounts = {name: self._fen(cell(name)) for name in columns_of(rule)}
        for name in self.summed:
            fen = amounts[name] if name in amounts else self._fen(cell(name))
            self.sums[name, rule.kind] += fen
        at = self._moment(" ".join(cell(name) for name in mapping.at))
        serial = read_name(cell(mapping.serial))
        ref = self._ref([cell(name) for name in mapping.ref]) or serial
        if not ref:
            raise FlawedError(FlawKind.NO_REF)
        day = self.day if mapping.book is Book.ACQUIRER and self.day else at.date()
        amount_fen = sum_of(rule.amount, amounts, negate=rule.negate)
        if mapping.balance:
            self.balances.append((number, amount_fen, self._fen(cell(mapping.balance))))
        return BillLine(
            key=self._key(rule.kind, ref if mapping.book is Book.ACQUIRER else serial or ref),
            line_no=number,
            kind=rule.kind,
            ref=ref,
            sub=read_name(cell(mapping.sub)) if rule.kind is LineKind.REFUND else "",
            serial=serial,
            day=day,
            at=at,
            amount_fen=amount_fen,
            paid_fen=sum_of(rule.paid, amounts, negate=rule.negate) if rule.paid else None,
            place=free_text(cell(mapping.place)),
            note=free_text(cell(mapping.note)),
        )

    def _key(self, kind: LineKind, name: str) -> str:
        """Name a line: the n-th of its kind under a reference, of a day's part or of all times."""
        self.times_seen[kind, name] += 1
        number = self.times_seen[kind, name]
        if self.mapping.book is Book.ACQUIRER:
            return f"{self.day}/{self.part}/{kind.value}/{name}/{number}"
        return f"{kind.value}/{name}/{number}"

    def _ref(self, found: list[str]) -> str:
        for text in found:
            if self.ref_pattern is None and text:
                return read_name(text)
            picked = self.ref_pattern.search(text) if self.ref_pattern else None
            if picked:
                return picked[0]
        return ""

    def _fen(self, text: str) -> int:
        fen = read_fen(text, self.mapping.unit)
        if fen is None:
            raise FlawedError(FlawKind.BAD_AMOUNT, text)
        return fen

    def _moment(self, text: str) -> datetime:
        at = read_moment(text, self.day)
        if at is None:
            raise FlawedError(FlawKind.BAD_TIME, text)
        if self.day is not None and abs(at.date() - self.day) > timedelta(days=1):
            raise FlawedError(FlawKind.OTHER_DAY, text)
        return at

    def end(self) -> Bill | BadFile:
        """The whole bill, after its totals and balances were added up again."""
        if self.places is None:
            missing = ", ".join(sorted(self.mapping.columns))
            return BadFile(flaws=(Flaw(kind=FlawKind.NO_HEADER, found=missing[:200]),))
        days = {line.day for line in self.lines} | ({self.day} if self.day else set())
        if not days:
            return BadFile(flaws=(Flaw(kind=FlawKind.DAY_NEEDED),))
        flaws = self.flaws or [*self._wrong_totals(), *self._broken_balance()]
        if flaws:
            return BadFile(flaws=tuple(flaws[:FLAWS_SHOWN]))
        return Bill(lines=tuple(self.lines), first_day=min(days), last_day=max(days))

    def _broken_balance(self) -> Iterator[Flaw]:
        row = break_in(self.balances)
        if row is not None:
            yield Flaw(row=row, kind=FlawKind.BALANCE_BROKEN)

    def _wrong_totals(self) -> Iterator[Flaw]:
        for total in self.mapping.totals:
            name = f"{total.of} {total.kind.value if total.kind else ''}".strip()
            told = self._told(total)
            if told is None:
                yield Flaw(kind=FlawKind.TOTAL_MISSING, found=name)
                continue
            counted = self._counted(total)
            read = read_fen(told, Unit.FEN if total.of == "count" else self.mapping.unit)
            if read != counted:
                yield Flaw(kind=FlawKind.TOTAL_DIFFERS, found=f"{name}: {told}, {counted}")

    def _counted(self, total: Total) -> int:
        if total.of == "count":
            return sum(total.kind in (None, line.kind) for line in self.lines)
        return sum(
            fen
            for (name, kind), fen in self.sums.items()
            if name == total.of and total.kind in (None, kind)
        )

    def _told(self, total: Total) -> str | None:
        """Where a total stands below the lines, as it was written; None if nowhere."""
        for place, cells in enumerate(self.total_rows):
            if total.pattern:
                found = re.search(total.pattern, cells[0])
                if found:
                    return found[1]
            elif total.row and cells[0].startswith(total.row):
                column = (self.places or {}).get(total.of, len(cells))
                return cells[column] if column < len(cells) else None
            elif total.header in cells and place + 1 < len(self.total_rows):
                below, column = self.total_rows[place + 1], cells.index(total.header)
                return below[column] if column < len(below) else None
        return None
