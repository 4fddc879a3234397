"""Pacing: how the fund is spread over the days, and what one day's money becomes.  发放节奏

    pool --by the weights of the days left--> release of a day --by shares--> whole vouchers
    whole vouchers --by the published formula--> odds      --by forecast arrivals--> hourly stock

Whole numbers and exact fractions only: each step can be checked with a pocket calculator. What
does not make a whole voucher stays in the pool and is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from huiquan.domain.days import DayKind, day_of, ends_at
from huiquan.domain.odds import bounds, hourly_units, odds, share_of_stock
from huiquan.domain.rulebook_days import draw_days, kind_on, named_on, validity
from huiquan.domain.rulebooks import Mode, Rulebook, tiers_of

INSTANT_FORMULA = (
    "p(tier) = min(p_max_percent / 100, "
    "units(tier) * 100 / (entry_margin_percent * entries(pack of tier)))"
)
LIST_FORMULA = "p(tier) = units(tier) / sum of units of the pack; the smallest ranks keep the units"


@dataclass(frozen=True, kw_only=True)
class UnitsOfDay:
    """Whole vouchers of each tier that a day's money buys, and the money that bought none."""

    counts: Mapping[int, int]
    remainder_fen: int


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """All that the draw config says about one day: nothing else decides who can win what.

    Tiers and packs are named by their numbers. tables holds the rising bounds of each pack with
    the tier each bound belongs to; hourly holds the units that each tier gains in each hour slot.
    inputs are the numbers that the formula was fed, so that anyone can work it out again.
    """

    day: date
    kind: DayKind
    release_fen: int
    remainder_fen: int
    counts: Mapping[int, int]
    entries: Mapping[int, int]
    odds: Mapping[int, Fraction]
    tables: Mapping[int, tuple[tuple[int, int], ...]]
    hourly: Mapping[int, Mapping[int, int]]
    formula: str
    inputs: Mapping[str, int]


def weight_on(rulebook: Rulebook, day: date) -> int:
    """The weight of a day in sharing out the money: its own, or that of its kind (R1.3)."""
    named = named_on(rulebook, day)
    if named is not None and named.weight is not None:
        return named.weight
    release = rulebook.release
    return {
        DayKind.WORKDAY: release.workday_weight,
        DayKind.WEEKEND: release.weekend_weight,
        DayKind.HOLIDAY: release.holiday_weight,
    }[kind_on(rulebook, day)]


def entries_on(rulebook: Rulebook, day: date) -> int:
    """How many entries a day is expected to bring: its own forecast, or that of its kind."""
    named = named_on(rulebook, day)
    if named is not None and named.entries is not None:
        return named.entries
    forecast = rulebook.forecast
    return {
        DayKind.WORKDAY: forecast.workday_entries,
        DayKind.WEEKEND: forecast.weekend_entries,
        DayKind.HOLIDAY: forecast.holiday_entries,
    }[kind_on(rulebook, day)]


def release_with_carry(rulebook: Rulebook, day: date, pool_fen: int) -> int:
    """What a day releases of the money in the pool that no day has yet: fen, rounded down.

    The day gets its weight among the weights of itself and the draw days after it. Money that
    came back (expired, refunded, not won, not a whole voucher) is in the pool and so joins this
    and the later days by the same rule; it needs no rule of its own. The last draw day gets all
    that is left. A day on which nothing is drawn gets 0.
    """
    weights = _weights(rulebook)
    if day not in weights:
        return 0
    left = sum(weight for later, weight in weights.items() if later >= day)
    return _due(pool_fen, weights[day], left)


def plan_releases(rulebook: Rulebook) -> dict[date, int]:
    """The plan before the first day: what each draw day releases if nothing comes back.

    The same rule as `release_with_carry`, day after day. The sum is the budget to the fen,
    because the last day takes what the others left by rounding.
    """
    pool_fen = rulebook.budget_fen
    weights = _weights(rulebook)
    left = sum(weights.values())
    plan = {}
    for day, weight in weights.items():
        plan[day] = _due(pool_fen, weight, left)
        pool_fen -= plan[day]
        left -= weight
    return plan


def _weights(rulebook: Rulebook) -> dict[date, int]:
    """The weight of each draw day, in order."""
    return {day: weight_on(rulebook, day) for day in draw_days(rulebook)}


def _due(pool_fen: int, weight: int, left: int) -> int:
    """A weight's part of the pool, among all the weights that are left; nothing if none are."""
    return pool_fen * weight // left if left else 0


def expected_wins(rulebook: Rulebook) -> dict[date, int]:
    """What each day is expected to give out, in fen, with what comes back given out again.

    The margin kept over the forecast entries means that a part of each release is not won and
    stays in the pool. Of what is won, the part that nobody redeems is back the day after its
    validity ends (R2.3, R5.6). So the sum may pass the budget, and the same fen is never
    promised twice at a time.
    """
    margin = rulebook.release.entry_margin_percent if rulebook.mode is Mode.INSTANT else 100
    unredeemed_percent = 100 - rulebook.release.expected_redemption_percent
    pool_fen = rulebook.budget_fen
    weights = _weights(rulebook)
    left = sum(weights.values())
    returning: dict[date, int] = {}
    wins = {}
    for day, weight in weights.items():
        pool_fen += sum(returning.pop(back) for back in sorted(returning) if back <= day)
        wins[day] = _due(pool_fen, weight, left) * 100 // margin
        pool_fen -= wins[day]
        left -= weight
        back_on = day_of(validity(rulebook, day, ends_at(day)).until)
        returning[back_on] = returning.get(back_on, 0) + wins[day] * unredeemed_percent // 100
    return wins


def over_issue(rulebook: Rulebook) -> Fraction:
    """How many times the budget is expected to be given out in all, as an exact fraction."""
    return Fraction(sum(expected_wins(rulebook).values()), rulebook.budget_fen)


def units_of_day(rulebook: Rulebook, release_fen: int) -> UnitsOfDay:
    """Turn a day's money into whole vouchers: by the packs' shares, then by the tiers' shares.

    Each tier is rounded down to whole vouchers. What is left over is the remainder; it is not
    released and stays in the pool for the later days.
    """
    counts = {}
    spent_fen = 0
    for pack in rulebook.packs:
        for tier in tiers_of(rulebook, pack.number):
            share = pack.money_percent * tier.money_percent
            counts[tier.number] = release_fen * share // 10_000 // tier.face_fen
            spent_fen += counts[tier.number] * tier.face_fen
    return UnitsOfDay(counts=counts, remainder_fen=release_fen - spent_fen)


def entries_of_packs(rulebook: Rulebook, day: date) -> dict[int, int]:
    """The forecast entries of a day for each pack, rounded down, at least one."""
    entries = entries_on(rulebook, day)
    return {pack.number: max(1, entries * pack.entries_percent // 100) for pack in rulebook.packs}


def odds_of_day(rulebook: Rulebook, day: date, counts: Mapping[int, int]) -> dict[int, Fraction]:
    """The odds of each tier on a day: one number for the whole day, whatever the hour.

    In list mode everyone on the list is given a tier and the smallest ranks keep the units, so
    that the stock is used up however many signed up.
    """
    entries = entries_of_packs(rulebook, day)
    release = rulebook.release
    found = {}
    for pack in rulebook.packs:
        stock = {tier.number: counts[tier.number] for tier in tiers_of(rulebook, pack.number)}
        for tier, count in stock.items():
            if rulebook.mode is Mode.LIST:
                found[tier] = share_of_stock(count, sum(stock.values()))
            else:
                found[tier] = odds(
                    count,
                    entries[pack.number],
                    entry_margin_percent=release.entry_margin_percent,
                    p_max_percent=release.p_max_percent,
                )
    return found


def _inputs(
    rulebook: Rulebook, entries: Mapping[int, int], counts: Mapping[int, int]
) -> dict[str, int]:
    """The numbers that the day's formula is fed, by name."""
    units = {f"units_tier_{tier}": count for tier, count in counts.items()}
    if rulebook.mode is Mode.LIST:
        return units
    return {
        "p_max_percent": rulebook.release.p_max_percent,
        "entry_margin_percent": rulebook.release.entry_margin_percent,
        **{f"entries_pack_{pack}": count for pack, count in entries.items()},
        **units,
    }


def plan_day(rulebook: Rulebook, day: date, release_fen: int) -> DayPlan:
    """Everything the draw config needs to say about a day that releases this money.

    release_fen comes from `release_with_carry` (or an official's decision). What does not make a
    whole voucher is the plan's remainder: release only the difference from the pool.
    """
    units = units_of_day(rulebook, release_fen)
    entries = entries_of_packs(rulebook, day)
    chances = odds_of_day(rulebook, day, units.counts)
    return DayPlan(
        day=day,
        kind=kind_on(rulebook, day),
        release_fen=release_fen,
        remainder_fen=units.remainder_fen,
        counts=units.counts,
        entries=entries,
        odds=chances,
        tables={
            pack.number: bounds(
                [(tier.number, chances[tier.number]) for tier in tiers_of(rulebook, pack.number)]
            )
            for pack in rulebook.packs
        },
        hourly={
            tier: hourly_units(count, rulebook.opens_at, rulebook.release.arrivals_percent)
            for tier, count in units.counts.items()
        },
        formula=LIST_FORMULA if rulebook.mode is Mode.LIST else INSTANT_FORMULA,
        inputs=_inputs(rulebook, entries, units.counts),
    )
