"""Win rates of a day by lane, hour, city and last digit, beside what chance makes.  中签率对照

A share of all wins says nothing: more people in Wuhan win because more people in Wuhan enter. A
rate says something: wins among those who entered, beside the chance that was published for the
packs they chose. All in whole numbers; rates and chances are said per billion, to the nearest.

    expected   = sum of entries * chance                          over the packs of the group
    deviation² = sum of entries * chance * (1 - chance)

By chance alone about one group in 20 lies beyond two deviations, and about one in 16,000 beyond
four. A group in which fewer than 10 wins or 10 misses are expected is shown and not judged.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isqrt

from huiquan.domain.lottery import CERTAINTY, Tables

BILLION = 1_000_000_000
ENOUGH = 10
DIGITS = 10


class By(StrEnum):
    """What people are told apart by; a digit is the last one of the entry number (idx)."""

    LANE = "lane"
    HOUR = "hour"
    CITY = "city"
    DIGIT = "digit"


class Standing(StrEnum):
    """Where a count lies: within 2 deviations, within 4, beyond, or too few to say."""

    USUAL = "usual"
    RARE = "rare"
    UNLIKELY = "unlikely"
    FEW = "few"


@dataclass(frozen=True, kw_only=True)
class GroupCount:
    """The decided entries of one pack in one group, and how many of them are kept wins."""

    by: By
    key: str
    pack: int
    entered: int
    won: int


@dataclass(frozen=True, kw_only=True)
class RoundCount:
    """One final round: its lane, where its entries end, and kept and cut of each tier."""

    lane: int
    next_idx: int
    kept: tuple[int, ...]
    cut: tuple[int, ...]


@dataclass(kw_only=True)
class DayTally:
    """What the final rounds of a day hold, as far as they have been counted.

    next_idx is, for each lane, the first entry that was not counted yet; entered and won count by
    (by, key, pack); kept and cut by tier.
    """

    next_idx: dict[int, int] = field(default_factory=dict)
    rounds: int = 0
    entered: Counter[tuple[By, str, int]] = field(default_factory=Counter)
    won: Counter[tuple[By, str, int]] = field(default_factory=Counter)
    kept: Counter[int] = field(default_factory=Counter)
    cut: Counter[int] = field(default_factory=Counter)

    def add(self, rounds: Sequence[RoundCount], groups: Iterable[GroupCount]) -> None:
        """Take up rounds that follow those counted before, and the groups of their entries."""
        for one in rounds:
            self.next_idx[one.lane] = max(one.next_idx, self.next_idx.get(one.lane, 0))
            self.kept.update(dict(enumerate(one.kept, start=1)))
            self.cut.update(dict(enumerate(one.cut, start=1)))
        self.rounds += len(rounds)
        for group in groups:
            self.entered[group.by, group.key, group.pack] += group.entered
            self.won[group.by, group.key, group.pack] += group.won

    def of_pack(self, pack: int) -> tuple[int, int]:
        """Decided entries and kept wins of a pack; every entry has exactly one last digit."""
        keys = [(By.DIGIT, str(digit), pack) for digit in range(DIGITS)]
        return sum(self.entered[key] for key in keys), sum(self.won[key] for key in keys)


@dataclass(frozen=True, kw_only=True)
class WinRate:
    """One group: counts, rate and published chance per billion, and the counts of wins, both
    included, that lie within two and four deviations. A group that is not judged has no bands."""

    key: str
    entered: int
    won: int
    rate_ppb: int
    chance_ppb: int
    two: tuple[int, int] | None
    four: tuple[int, int] | None
    standing: Standing


def chance_of(tables: Tables, pack: int) -> int:
    """The chance that a pack wins anything, in parts of 2^64."""
    bounds = tables.get(pack, ())
    return bounds[-1][0] if bounds else 0


def chances_of_tiers(tables: Tables, pack: int) -> dict[int, int]:
    """The chance of each tier of a pack, in parts of 2^64."""
    chances, below = {}, 0
    for bound, tier in tables.get(pack, ()):
        chances[tier] = bound - below
        below = bound
    return chances


def per_billion(parts: int, whole: int = CERTAINTY) -> int:
    """A part of a whole per billion, rounded to the nearest; 0 of an empty whole."""
    return (2 * parts * BILLION + whole) // (2 * whole) if whole else 0


def band(groups: Sequence[tuple[int, int]], deviations: int) -> tuple[int, int]:
    """The fewest and the most wins within so many deviations; groups are (entries, chance)."""
    expected = sum(entered * chance for entered, chance in groups)
    variance = sum(entered * chance * (CERTAINTY - chance) for entered, chance in groups)
    wide = isqrt(deviations**2 * variance)
    lowest = -((wide - expected) // CERTAINTY)  # rounded up: a count is a whole number of wins
    return max(0, lowest), (expected + wide) // CERTAINTY


def win_rate(key: str, won: int, groups: Sequence[tuple[int, int]]) -> WinRate:
    """One group beside the published chance; groups are (entries, chance in parts of 2^64)."""
    entered = sum(count for count, _ in groups)
    wins = sum(count * chance for count, chance in groups)
    few = min(wins, entered * CERTAINTY - wins) < ENOUGH * CERTAINTY
    two, four = band(groups, 2), band(groups, 4)
    standing = Standing.UNLIKELY
    if few:
        standing = Standing.FEW
    elif two[0] <= won <= two[1]:
        standing = Standing.USUAL
    elif four[0] <= won <= four[1]:
        standing = Standing.RARE
    return WinRate(
        key=key,
        entered=entered,
        won=won,
        rate_ppb=per_billion(won, entered),
        chance_ppb=per_billion(wins, entered * CERTAINTY),
        two=None if few else two,
        four=None if few else four,
        standing=standing,
    )


def win_rates(tally: DayTally, tables: Tables) -> Mapping[By, tuple[WinRate, ...]]:
    """Every group of a day, in the order of its keys; groups in which nobody entered are left out.

    Kept wins are what people have; a ticket that was cut drew a tier and got nothing, so on a day
    with cuts the rates lie a little below the chances.
    """
    rates: dict[By, tuple[WinRate, ...]] = {}
    for by in By:
        keys = {key for kind, key, _ in tally.entered if kind is by}
        rates[by] = tuple(
            win_rate(
                key,
                sum(tally.won[by, key, pack] for pack in tables),
                [(tally.entered[by, key, pack], chance_of(tables, pack)) for pack in tables],
            )
            for key in sorted(keys, key=int)
        )
    return rates
