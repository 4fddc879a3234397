"""What a rush has to keep, and whether it did.  过载时的承诺

Each goal is one line: what was promised, what was measured, kept or not. A storm that was smaller
than its name keeps nothing, for it proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GOODPUT_LEAST = 0.8
ADMITTED_P99_MOST_MS = 2000.0
CALM_WITHIN_S = 60.0
# So much of the promised storm must really have come.
CAME_LEAST = 0.9


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One promise: in words, as measured, kept or not."""

    promise: str
    measured: str
    kept: bool


def goals_of_storms(told: Mapping[str, Any]) -> list[Goal]:
    """What the storms of one house promise: each overload, and at the end nobody lost or doubled.

    told: the capacity, a row for each storm with the times it should have been, what is lost, and
    the numbers that were counted in SQL.
    """
    goals = []
    for name, one in told["storms"].items():
        if one["times"] > 1:
            goals += _of_overload(name, one, told["capacity"])
    numbers = told["numbers"]
    doubled = max(
        numbers["entries"] - numbers["people"], numbers["entries"] - numbers["request_keys"]
    )
    return [
        *goals,
        _exactly("no acknowledged entry is lost", told["lost"]),
        _exactly("nobody is entered twice", doubled),
        _exactly("nothing else is wrong in the tables", len(told["wrong"])),
    ]


def _of_overload(name: str, one: Mapping[str, Any], able: float) -> list[Goal]:
    came = one["arrivals_each_second"] * (1 - one["generator_late"] / max(1, one["arrived"]))
    came -= one["never_left"] / max(1.0, one["seconds"])
    times, share = came / max(1.0, able), one["goodput"] / max(1.0, able)
    return [
        Goal(
            promise=f"{name}: as large as its name, ≥ {CAME_LEAST * one['times']:.1f} × in time",
            measured=f"{times:.1f} ×",
            kept=times >= CAME_LEAST * one["times"],
        ),
        Goal(
            promise=f"{name}: goodput ≥ {GOODPUT_LEAST:.0%} of capacity",
            measured=f"{share:.0%}",
            kept=share >= GOODPUT_LEAST,
        ),
        Goal(
            promise=f"{name}: p99 of who is admitted ≤ {ADMITTED_P99_MOST_MS / 1000:g} s",
            measured=f"{one['admitted_p99_ms'] / 1000:.2f} s",
            kept=one["admitted_p99_ms"] <= ADMITTED_P99_MOST_MS,
        ),
        Goal(
            promise=f"{name}: calm again ≤ {CALM_WITHIN_S:g} s after",
            measured=f"{one['calm_after_s']:.0f} s",
            kept=one["calm_after_s"] <= CALM_WITHIN_S,
        ),
    ]


def goals_of_outages(told: Mapping[str, Mapping[str, Any]]) -> list[Goal]:
    """What the outages promise: everybody who keeps tapping ends with exactly one entry."""
    goals = []
    for name, one in told.items():
        goals += [
            _exactly(f"{name}: nobody without a chance", one["without a chance"]),
            _exactly(f"{name}: nobody lost", one["lost"]),
            _exactly(f"{name}: nothing wrong in the tables", len(one["wrong"])),
        ]
    return goals


def _exactly(promise: str, count: int) -> Goal:
    return Goal(promise=promise, measured=f"{count:,}", kept=count == 0)
