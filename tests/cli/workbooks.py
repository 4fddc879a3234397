"""Reading a workbook as an auditor would: what is written, and what its formulas come to."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_SUMIFS = re.compile(r"""SUMIFS\('(.+?)'!\$(\w):\$\w,'.+?'!\$(\w):\$\w,"(.+?)"\)""")
_SUM = re.compile(r"SUM\(([A-Z])(\d+):[A-Z](\d+)\)")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The cells of one sheet by name, and the formulas behind some of them."""

    name: str
    cells: dict[str, Any]
    formulas: dict[str, str]

    def rows(self) -> list[list[Any]]:
        """The rows in order, each from column A to the last that is filled."""
        found: dict[int, dict[str, Any]] = {}
        for cell, value in self.cells.items():
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
            found.setdefault(int(row), {})[column] = value
        letters = [chr(ord("A") + n) for n in range(26)]
        return [
            [line.get(letter) for letter in letters[: letters.index(max(line)) + 1]]
            for _, line in sorted(found.items())
        ]


def read_workbook(path: Path) -> dict[str, Sheet]:
    """Every sheet by its name."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        names = [one.attrib["name"] for one in book.findall("x:sheets/x:sheet", _NS)]
        return {
            name: _read(name, archive.read(f"xl/worksheets/sheet{number}.xml"))
            for number, name in enumerate(names, start=1)
        }


def _read(name: str, raw: bytes) -> Sheet:
    cells, formulas = {}, {}
    for cell in ElementTree.fromstring(raw).iter(f"{{{_NS['x']}}}c"):
        place, value = cell.attrib["r"], cell.find("x:v", _NS)
        formula, words = cell.find("x:f", _NS), cell.find("x:is/x:t", _NS)
        if formula is not None and formula.text:
            formulas[place] = formula.text
        if words is not None:
            cells[place] = words.text or ""
        elif value is not None and value.text is not None:
            is_text = cell.attrib.get("t") == "str"
            cells[place] = value.text if is_text else float(value.text)
    return Sheet(name=name, cells=cells, formulas=formulas)


def worked_out(book: dict[str, Sheet], sheet: Sheet) -> Iterator[tuple[str, float]]:
    """What each adding formula of a sheet comes to, worked out again from the other cells."""
    for place, formula in sheet.formulas.items():
        if "IF(" not in formula.replace("SUMIFS(", ""):
            yield place, _evaluate(book, sheet, formula)


def _evaluate(book: dict[str, Sheet], sheet: Sheet, formula: str) -> float:
    def sum_where(found: re.Match[str]) -> str:
        name, amounts, words, word = found.groups()
        cells = book[name].cells
        places = [p.removeprefix(words) for p, v in cells.items() if p[0] == words and v == word]
        return str(sum(cells[amounts + row] for row in places))

    def sum_rows(found: re.Match[str]) -> str:
        letter, first, last = found.groups()
        return str(sum(sheet.cells[f"{letter}{n}"] for n in range(int(first), int(last) + 1)))

    plain = _SUM.sub(sum_rows, _SUMIFS.sub(sum_where, formula))
    plain = re.sub(r"\b([A-Z]\d+)\b", lambda one: str(sheet.cells[one[1]]), plain)
    return float(eval(plain.replace("ROUND", "round"), {"__builtins__": {"round": round}}))
