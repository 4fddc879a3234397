"""Figures: what one measurement gave, and the medians of several.  数字与中位数"""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement of one contender.

    what: constant, entries, draws or known. each_second: accepted answers, entries or complete
    draws a second. Times in milliseconds. cpu_us: CPU for each of them, by part, in microseconds;
    the generator's own is not in it. wrong: which promises the tables break afterwards.
    """

    contender: str
    title: str
    what: str
    connections: int
    each_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    broken: int = 0
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, int]:
        """What is compared over the rounds."""
        return self.contender, self.what, self.connections


@dataclass(frozen=True, kw_only=True)
class Medians:
    """The same measurement over all rounds: medians, the spread, and everything that was wrong."""

    title: str
    what: str
    contender: str
    connections: int
    rounds: int
    each_second: float
    least: float
    most: float
    p50_ms: float
    p99_ms: float
    cpu_us: dict[str, float]
    refused: int
    broken: int
    wrong: tuple[str, ...]
    notes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As it goes into the JSON."""
        return asdict(self)


def medians(figures: Sequence[Figure]) -> list[Medians]:
    """One line for each kind of measurement, in the order in which they first came."""
    kinds: dict[tuple[str, str, int], list[Figure]] = {}
    for figure in figures:
        kinds.setdefault(figure.key, []).append(figure)
    return [_medians(some) for some in kinds.values()]


def _medians(some: Sequence[Figure]) -> Medians:
    first, rates = some[0], [one.each_second for one in some]
    named = dict.fromkeys(name for one in some for name in one.cpu_us)
    parts = {name: [one.cpu_us.get(name, 0.0) for one in some] for name in named}
    return Medians(
        title=first.title,
        what=first.what,
        contender=first.contender,
        connections=first.connections,
        rounds=len(some),
        each_second=statistics.median(rates),
        least=min(rates),
        most=max(rates),
        p50_ms=statistics.median(one.p50_ms for one in some),
        p99_ms=statistics.median(one.p99_ms for one in some),
        cpu_us={name: statistics.median(values) for name, values in parts.items()},
        refused=sum(one.refused for one in some),
        broken=sum(one.broken for one in some),
        wrong=tuple(dict.fromkeys(word for one in some for word in one.wrong)),
        notes=tuple(dict.fromkeys(word for one in some for word in one.notes)),
    )


def rate_of(lines: Sequence[Medians], contender: str, what: str, connections: int) -> float | None:
    """The median rate of one kind of measurement, or None if it was not made."""
    for one in lines:
        if (one.contender, one.what, one.connections) == (contender, what, connections):
            return one.each_second
    return None
