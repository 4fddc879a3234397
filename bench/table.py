"""The table: what was measured, with ratios; and the same as JSON for programs.  结果表"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Medians, rate_of

WORDS = {
    "constant": "a constant answer",
    "entries": "entries, acknowledged",
    "draws": "complete draws",
    "known": "known, at half load",
}


def show(
    console: Console,
    lines: Sequence[Medians],
    about: Mapping[str, str],
) -> None:
    """Print what was measured, and on what."""
    for name, value in about.items():
        console.print(f"[dim]{name}:[/dim] {value}")
    console.print(_figures(lines))
    console.print(_costs(lines))
    for line in lines:
        for word in (*line.wrong, *line.notes):
            style = "bold red" if word in line.wrong else "dim"
            console.print(f"[{style}]{line.title}, {WORDS[line.what]}:[/] {word}", soft_wrap=True)


def show_kills(console: Console, how: str, kills: Mapping[str, Mapping[str, int]]) -> None:
    """Print what was forgotten when what remembers was killed in this way."""
    if kills:
        console.print(_kills(how, kills))


def _figures(lines: Sequence[Medians]) -> Table:
    table = Table(title="Figures: medians (least to most)", title_justify="left")
    for name in ("contender", "what", "lines"):
        table.add_column(name)
    for name in ("a second", "× (a)", "× (c)", "p50 ms", "p99 ms", "refused", "broken", "counted"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(
            line.title,
            WORDS[line.what],
            str(line.connections),
            f"{line.each_second:,.0f} ({line.least:,.0f}–{line.most:,.0f})",
            ratio(_requests(line), rate_of(lines, "ours", "constant", line.connections)),
            ratio(line.each_second, rate_of(lines, "plain", "entries", line.connections)),
            f"{line.p50_ms:.1f}",
            f"{line.p99_ms:.1f}",
            f"{line.refused:,}",
            f"{line.broken:,}",
            _verdict(line),
        )
    return table


def _requests(line: Medians) -> float:
    """Against a constant answer, a complete draw counts as the two requests it needs."""
    return line.each_second * (2 if line.what == "draws" else 1)


def _verdict(line: Medians) -> str:
    if line.what == "constant":
        return ""
    return "[red]wrong[/]" if line.wrong else "right"


def ratio(one: float, other: float | None) -> str:
    """How many times the other, or nothing when there is no other."""
    return "" if not other else f"{one / other:.2f}"


def _costs(lines: Sequence[Medians]) -> Table:
    table = Table(title="CPU for each, in microseconds, by process", title_justify="left")
    parts = list(dict.fromkeys(part for line in lines for part in line.cpu_us))
    for name in ("contender", "what", "lines", *parts, "together"):
        table.add_column(name, justify="left" if name in ("contender", "what") else "right")
    for line in lines:
        cells = [f"{line.cpu_us[part]:,.1f}" if part in line.cpu_us else "" for part in parts]
        together = f"{sum(line.cpu_us.values()):,.1f}"
        table.add_row(line.title, WORDS[line.what], str(line.connections), *cells, together)
    return table


def _kills(how: str, kills: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(title=f"What remembers meets a {how}, under load", title_justify="left")
    table.add_column("contender")
    names = list(dict.fromkeys(name for one in kills.values() for name in one))
    for name in names:
        table.add_column(name, justify="right")
    for title, one in kills.items():
        table.add_row(title, *(f"{one.get(name, 0):,}" for name in names))
    return table


def keep(path: Path, found: Mapping[str, Any]) -> None:
    """Write the JSON beside the table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
