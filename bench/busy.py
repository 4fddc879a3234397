"""A day to which far more people come than the rulebook foresees, with money for all.  大日子

The chances of the campaign stay as they are: as many times the entries, as many times the money.
Otherwise the stock would be gone after a million entries, and a draw would cost less from there on.
"""

import re
from collections.abc import Callable
from pathlib import Path

FORESEEN = 1_320_000  # entries of a workday, as the rulebook has it
_EARLY = "[87, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"


def times_for(people: int) -> int:
    """How many times as busy as foreseen a day is on which so many come."""
    return max(1, -(-people // FORESEEN))


def busy_rulebook(text: str, times: int) -> str:
    """A rulebook with so many times the entries and the money, most of them in the first hour."""
    text = re.sub(r"(?m)^budget_fen = ([\d_]+)", _times(times), text)
    text = re.sub(r"(?m)^\w+_entries = ([\d_]+)", _times(times), text)
    return re.sub(r"(?m)^arrivals_percent = .*", f"arrivals_percent = {_EARLY}", text)


def _times(times: int) -> Callable[[re.Match[str]], str]:
    return lambda found: found[0].replace(found[1], str(int(found[1].replace("_", "")) * times))


def write_busy(rulebook: Path, into: Path, times: int) -> Path:
    """Write it beside the house that goes by it."""
    into.write_text(busy_rulebook(rulebook.read_text(), times))
    return into
