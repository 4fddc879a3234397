"""Workbooks that came from outside: the cells of the first sheet that has any, as text.  表格文件

A workbook is somebody else's zip archive of XML: how large it would unpack is asked before it is
opened, and whatever the reader stumbles over is a file that cannot be read.
"""

import io
import zipfile
from datetime import date, datetime, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from huiquan.domain.bill_flaws import BadFile, Flaw, FlawKind

UNPACKED_MAX_BYTES = 2 * 1024**3
EXACT_BELOW = 10**15
"""A spreadsheet keeps fifteen digits of a number; of a longer one the rest is lost."""


def workbook_rows(raw: bytes) -> list[list[str]] | BadFile:
    """The rows of a workbook as text: dates as 2026-02-06 10:30:00, numbers as they are typed."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED_MAX_BYTES:
                return BadFile(flaws=(Flaw(kind=FlawKind.TOO_LARGE),))
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        for number in range(len(book.sheet_names)):
            rows = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
            if rows:
                return [[_text(cell) for cell in row] for row in rows]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError, KeyError, IndexError):
        # What the library says of it is said in its own words, which help nobody at a desk.
        return BadFile(flaws=(Flaw(kind=FlawKind.UNREADABLE, found="xlsx"),))
    return []


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _number(cell: float) -> str:
    """A number as it was typed; one whose digits are lost shows it by its exponent."""
    if cell.is_integer():
        return str(int(cell)) if abs(cell) < EXACT_BELOW else f"{cell:.14E}"
    return repr(round(cell, 10))
