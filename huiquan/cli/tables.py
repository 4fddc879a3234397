"""Read a table that somebody wrote by hand or with a spreadsheet.  读取表格"""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from huiquan.cli.trouble import fail


def csv_rows(file: Path, columns: Collection[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Each row under its heads, with the place to name when something is wrong with it.

    Ends the command when the file is not there or one of the columns is missing.
    """
    if not file.is_file():
        fail(f"{file}: there is no such file")
    reader = csv.DictReader(file.read_text("utf-8-sig").splitlines())
    missing = sorted(set(columns) - set(reader.fieldnames or ()))
    if missing:
        fail(f"{file}:1: the columns {', '.join(missing)} are missing")
    for row in reader:
        yield f"{file}:{reader.line_num}", row
