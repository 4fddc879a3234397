"""A day as people type it on the command line.  日期参数"""

from huiquan.cli.trouble import fail
from huiquan.domain.days import day_from_number


def read_day(text: str) -> int:
    """2026-02-06 or 20260206 as the number 20260206; anything else ends the command."""
    digits = text.replace("-", "")
    try:
        if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
            raise ValueError
        day_from_number(int(digits))
    except ValueError:
        fail(f"{text}: not a day; write it as 2026-02-06 or 20260206")
    return int(digits)
