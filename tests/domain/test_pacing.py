"""Pacing: every fen of the budget finds a day, every day whole vouchers, every voucher an hour."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiquan.domain.days import DayKind, days_between
from huiquan.domain.pacing import (
    INSTANT_FORMULA,
    LIST_FORMULA,
    entries_of_packs,
    entries_on,
    expected_wins,
    over_issue,
    plan_day,
    plan_releases,
    release_with_carry,
    units_of_day,
    weight_on,
)
from huiquan.domain.rulebook_days import draw_days, kind_on
from huiquan.domain.rulebooks import Mode, NamedDays, Rulebook, tiers_of
from tests.domain.campaigns import CODES, campaign
from tests.domain.test_days import FEBRUARY_AND_MARCH_2026
from tests.tables import rows

YEAR = campaign()
MONEY = st.integers(0, 10**12)
DEMO_DAY = date(2026, 2, 6)


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("case", FEBRUARY_AND_MARCH_2026, ids=lambda case: case["day"])
def test_holidays_weigh_twice_and_weekends_half_as_much_again_as_a_workday(
    case: dict[str, str],
) -> None:
    day = date.fromisoformat(case["day"])
    assert kind_on(YEAR, day) == case["kind"]
    assert weight_on(YEAR, day) == int(case["weight"])


# 100 million yuan over weights of 6550 in all: a workday is 100 of them, so 1,526,717.557 yuan.
# Each day rounds down what is its due of the money left, so later days are a fen the richer.
RELEASES = rows("""
    day         kind     entries  release_fen
    2026-02-02  workday  2200000  152671755
    2026-02-06  workday  1320000  152671755
    2026-02-07  weekend  1980000  229007633
    2026-02-14  workday  1320000  152671755
    2026-02-15  holiday  1980000  305343511
    2026-02-23  holiday  1980000  305343512
    2026-02-28  workday  1320000  152671756
    2026-03-25  workday  1320000  152671756
""")


@pytest.mark.requirement("R5.6")
@pytest.mark.parametrize("case", RELEASES, ids=lambda case: case["day"])
def test_the_plan_of_2026_releases_by_the_kind_of_day(case: dict[str, str]) -> None:
    day = date.fromisoformat(case["day"])
    assert plan_releases(YEAR)[day] == int(case["release_fen"])
    assert plan_day(YEAR, day, int(case["release_fen"])).kind == case["kind"]
    assert entries_on(YEAR, day) == int(case["entries"])


@pytest.mark.requirement("R5.6")
@pytest.mark.parametrize("code", CODES)
def test_the_plan_spends_the_budget_to_the_fen_on_draw_days_only(code: str) -> None:
    rulebook = campaign(code)
    plan = plan_releases(rulebook)
    assert tuple(plan) == draw_days(rulebook)
    assert sum(plan.values()) == rulebook.budget_fen
    assert min(plan.values()) > 0


@given(st.integers(1, 10**13), *[st.integers(1, 1000)] * 3)
def test_any_budget_and_weights_are_shared_out_in_proportion(
    budget_fen: int, workday: int, weekend: int, holiday: int
) -> None:
    release = replace(
        YEAR.release, workday_weight=workday, weekend_weight=weekend, holiday_weight=holiday
    )
    rulebook = replace(YEAR, budget_fen=budget_fen, release=release)
    plan = plan_releases(rulebook)
    kinds = [kind_on(rulebook, day) for day in plan]
    total = (
        workday * kinds.count(DayKind.WORKDAY)
        + weekend * kinds.count(DayKind.WEEKEND)
        + holiday * kinds.count(DayKind.HOLIDAY)
    )
    assert sum(plan.values()) == budget_fen
    for day, release_fen in plan.items():
        fair = Fraction(budget_fen * weight_on(rulebook, day), total)
        assert abs(release_fen - fair) < 1000 * len(plan)


@given(MONEY, st.sampled_from(draw_days(YEAR)))
def test_a_day_never_releases_more_than_the_pool_holds(pool_fen: int, day: date) -> None:
    assert 0 <= release_with_carry(YEAR, day, pool_fen) <= pool_fen


@given(MONEY)
def test_the_last_draw_day_releases_all_that_is_left(pool_fen: int) -> None:
    assert release_with_carry(YEAR, YEAR.last_draw_on, pool_fen) == pool_fen


@pytest.mark.parametrize("code", CODES)
def test_the_plan_is_the_daily_rule_applied_day_after_day(code: str) -> None:
    rulebook = campaign(code)
    pool_fen = rulebook.budget_fen
    for day, planned_fen in plan_releases(rulebook).items():
        assert release_with_carry(rulebook, day, pool_fen) == planned_fen
        pool_fen -= planned_fen
    assert pool_fen == 0


@settings(max_examples=25)
@given(MONEY, st.sampled_from(draw_days(YEAR)[-20:-1]), st.integers(1, 10**9))
def test_money_that_comes_back_joins_this_and_the_later_days(
    pool_fen: int, day: date, back_fen: int
) -> None:
    def play(pool_fen: int) -> list[int]:
        released = []
        for later in days_between(day, YEAR.last_draw_on):
            released.append(release_with_carry(YEAR, later, pool_fen))
            pool_fen -= released[-1]
        return released

    without, with_it = play(pool_fen), play(pool_fen + back_fen)
    assert sum(with_it) - sum(without) == back_fen
    assert all(more >= less for more, less in zip(with_it[:-1], without[:-1], strict=True))


def test_a_day_without_a_draw_releases_nothing() -> None:
    assert release_with_carry(YEAR, date(2026, 3, 26), 10**9) == 0
    assert release_with_carry(campaign("2024-xinchun"), date(2024, 2, 14), 10**9) == 0


def paused(first: date, last: date) -> Rulebook:
    """The 2026 rules with a pause."""
    pause = NamedDays(first=first, last=last, weight=0, reason_zh="停", reason_en="closed")
    return replace(YEAR, named_days=(pause,))


def test_a_paused_day_releases_nothing_and_its_share_goes_to_the_others() -> None:
    day = date(2026, 3, 3)
    plan = plan_releases(paused(day, day))
    assert plan[day] == 0
    assert sum(plan.values()) == YEAR.budget_fen


def test_when_only_paused_days_are_left_nothing_is_released() -> None:
    last = YEAR.last_draw_on
    assert release_with_carry(paused(last, last), last, 10**9) == 0


def test_a_named_weight_goes_before_the_kind_of_the_day() -> None:
    named = NamedDays(
        first=DEMO_DAY, last=DEMO_DAY, weight=500, entries=7, reason_zh="节", reason_en="fair"
    )
    rulebook = replace(YEAR, named_days=(named,))
    assert (weight_on(rulebook, DEMO_DAY), entries_on(rulebook, DEMO_DAY)) == (500, 7)


@pytest.mark.requirement("R5.6")
@pytest.mark.parametrize("code", CODES)
def test_expired_money_is_given_out_again_but_never_twice_at_a_time(code: str) -> None:
    """A second count, day by day: what is out and what is redeemed never pass the budget."""
    rulebook = campaign(code)
    wins = expected_wins(rulebook)
    rate = rulebook.release.expected_redemption_percent
    wait = timedelta(days=rulebook.valid_days + 14 * (rulebook.mode is Mode.LIST))
    for day in wins:
        out = sum(won for won_on, won in wins.items() if won_on <= day)
        back = sum(won * (100 - rate) // 100 for won_on, won in wins.items() if won_on < day)
        back_early = sum(
            won * (100 - rate) // 100 for won_on, won in wins.items() if won_on + wait <= day
        )
        assert out - back <= rulebook.budget_fen
        assert back_early <= back
    assert 1 < over_issue(rulebook) < Fraction(100, rate)


def test_a_voucher_valid_one_day_is_money_again_the_next_day() -> None:
    """Four workdays, half redeemed: 400 is 100 a day; half of what a day gave is back the next."""
    release = replace(YEAR.release, expected_redemption_percent=50, entry_margin_percent=100)
    rulebook = replace(
        YEAR, budget_fen=400, last_draw_on=date(2026, 2, 5), valid_days=1, release=release
    )
    # Pools of the days: 400; 300 + 50; 234 + 58; 146 + 73.
    assert list(expected_wins(rulebook).values()) == [100, 116, 146, 219]


def test_nothing_comes_back_when_everything_is_redeemed_and_won() -> None:
    release = replace(YEAR.release, expected_redemption_percent=100, entry_margin_percent=100)
    rulebook = replace(YEAR, release=release)
    assert expected_wins(rulebook) == plan_releases(rulebook)
    assert over_issue(rulebook) == 1


@pytest.mark.parametrize("code", CODES)
@given(release_fen=MONEY)
def test_a_days_money_is_whole_vouchers_and_a_named_remainder(code: str, release_fen: int) -> None:
    rulebook = campaign(code)
    units = units_of_day(rulebook, release_fen)
    bought = sum(units.counts[tier.number] * tier.face_fen for tier in rulebook.tiers)
    assert bought + units.remainder_fen == release_fen
    # Each tier loses less than one voucher and one fen to rounding.
    assert 0 <= units.remainder_fen < sum(tier.face_fen + 1 for tier in rulebook.tiers)
    assert set(units.counts) == {tier.number for tier in rulebook.tiers}


UNITS = rows("""
    tier  pack  face_yuan  count  share of 1526717.55 yuan
    1     1     50         1832   20 % of 30 %
    2     1     100        916    20 % of 30 %
    3     1     150        814    20 % of 40 %
    4     2     50         3664   40 % of 30 %
    5     2     100        1832   40 % of 30 %
    6     2     150        1628   40 % of 40 %
    7     3     30         3053   40 % of 15 %
    8     3     60         1526   40 % of 15 %
    9     3     80         2290   40 % of 30 %
    10    3     160        763    40 % of 20 %
    11    3     200        610    40 % of 20 %
""")


@pytest.mark.parametrize("case", UNITS, ids=lambda case: f"tier {case['tier']}")
def test_the_workday_of_6_february_2026_has_these_vouchers(case: dict[str, str]) -> None:
    units = units_of_day(YEAR, plan_releases(YEAR)[DEMO_DAY])
    tier = next(tier for tier in YEAR.tiers if tier.number == int(case["tier"]))
    assert units.counts[tier.number] == int(case["count"])
    assert (tier.pack, tier.face_fen) == (int(case["pack"]), int(case["face_yuan"]) * 100)
    assert units.remainder_fen == 38_755


@pytest.mark.requirement("R2.1")
@pytest.mark.parametrize("code", CODES)
def test_every_planned_day_has_all_that_a_draw_needs(code: str) -> None:
    rulebook = campaign(code)
    for day, release_fen in plan_releases(rulebook).items():
        plan = plan_day(rulebook, day, release_fen)
        assert (plan.day, plan.release_fen) == (day, release_fen)
        assert set(plan.tables) == {pack.number for pack in rulebook.packs}
        for number, table in plan.tables.items():
            bounds = [bound for bound, _ in table]
            assert bounds == sorted(set(bounds))
            assert 0 < bounds[0] <= bounds[-1] < 2**64
            assert [tier for _, tier in table] == [
                tier.number for tier in tiers_of(rulebook, number)
            ]
            assert sum(plan.odds[tier] for _, tier in table) <= 1
        for tier, hours in plan.hourly.items():
            assert sum(hours.values()) == plan.counts[tier]


def test_the_odds_of_6_february_follow_from_the_published_numbers() -> None:
    plan = plan_day(YEAR, DEMO_DAY, plan_releases(YEAR)[DEMO_DAY])
    assert plan.formula == INSTANT_FORMULA
    assert plan.entries == {1: 264_000, 2: 528_000, 3: 528_000}
    for tier in YEAR.tiers:
        units, entries = (
            plan.inputs[f"units_tier_{tier.number}"],
            plan.inputs[f"entries_pack_{tier.pack}"],
        )
        p_max = Fraction(plan.inputs["p_max_percent"], 100)
        margin = Fraction(plan.inputs["entry_margin_percent"], 100)
        assert plan.odds[tier.number] == min(p_max, units / (margin * entries))
    assert plan.odds[11] == Fraction(610, 580_800)


def test_in_list_mode_everyone_has_a_tier_and_the_ranks_decide() -> None:
    rulebook = campaign("2025-11-shike")
    plan = plan_day(rulebook, date(2025, 11, 27), 800_000_000)
    assert plan.formula == LIST_FORMULA
    assert sum(plan.odds.values()) == 1
    assert plan.tables[1][-1] == (2**64 - 1, 5)
    assert plan.hourly[5] == {0: 8_000}
    assert plan.inputs == {f"units_tier_{tier}": count for tier, count in plan.counts.items()}


def test_a_day_without_money_has_no_odds_and_no_stock() -> None:
    for code in CODES:
        rulebook = campaign(code)
        plan = plan_day(rulebook, draw_days(rulebook)[0], 0)
        assert set(plan.odds.values()) == {0}
        assert all(table == () for table in plan.tables.values())
        assert all(hours == {} for hours in plan.hourly.values())


@given(st.integers(1, 10**9))
def test_forecast_entries_of_the_packs_never_pass_the_days(entries: int) -> None:
    forecast = replace(YEAR.forecast, workday_entries=entries)
    packs = entries_of_packs(replace(YEAR, forecast=forecast), DEMO_DAY)
    assert all(count >= 1 for count in packs.values())
    assert sum(packs.values()) <= max(entries, 3)


def test_money_lasts_to_the_last_draw_day_of_march() -> None:
    plan = plan_releases(YEAR)
    march = days_between(date(2026, 3, 1), YEAR.last_draw_on)
    assert all(plan[day] > 0 for day in march)
