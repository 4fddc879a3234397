"""Rulebook versions: judged by the version in force, and what may change under way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.days import DayKind
from huiquan.domain.rulebook_versions import (
    RulebookVersion,
    check_amendment,
    rulebook_in_force,
)
from huiquan.domain.rulebooks import Mode, NamedDays, Rulebook
from tests.domain.campaigns import campaign

OLD = campaign()
FIRST_DAY = datetime.fromisoformat("2026-02-01T00:00+08:00")
CHANGED = datetime.fromisoformat("2026-03-17T00:00+08:00")


def capped(wins: int) -> Rulebook:
    """The 2026 rules with another cap on wins."""
    return replace(OLD, limits=replace(OLD.limits, wins_per_campaign=wins))


VERSIONS = (
    RulebookVersion(version=1, effective_at=FIRST_DAY, rulebook=capped(10)),
    RulebookVersion(version=2, effective_at=CHANGED, rulebook=capped(20)),
)


def test_each_draw_is_judged_by_the_version_in_force_on_its_side_of_midnight() -> None:
    """Wuhan changed its cap from 10 to 20 on 17 March 2026."""
    before = rulebook_in_force(VERSIONS, CHANGED - timedelta(microseconds=1))
    after = rulebook_in_force(VERSIONS, CHANGED)
    assert before is not None
    assert before.rulebook.limits.wins_per_campaign == 10
    assert after is not None
    assert after.rulebook.limits.wins_per_campaign == 20


def test_before_the_first_version_no_rules_are_in_force() -> None:
    assert rulebook_in_force(VERSIONS, FIRST_DAY - timedelta(seconds=1)) is None
    assert rulebook_in_force((), FIRST_DAY) is None


def test_of_two_versions_with_one_beginning_the_later_number_counts() -> None:
    corrected = RulebookVersion(version=3, effective_at=CHANGED, rulebook=capped(15))
    assert rulebook_in_force((corrected, *VERSIONS), CHANGED) == corrected


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.integers(0, 60))
def test_the_version_in_force_is_found_by_walking_through_them(hours: list[int], now: int) -> None:
    versions = [
        RulebookVersion(
            version=number, effective_at=FIRST_DAY + timedelta(hours=hour), rulebook=OLD
        )
        for number, hour in enumerate(hours, start=1)
    ]
    expected = None
    for hour in range(now + 1):
        for version in versions:
            if version.effective_at == FIRST_DAY + timedelta(hours=hour):
                expected = version
    assert rulebook_in_force(versions, FIRST_DAY + timedelta(hours=now)) == expected


MIDWAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
TODAY = date(2026, 3, 1)
PAUSE = NamedDays(
    first=date(2026, 3, 3), last=date(2026, 3, 3), weight=0, reason_zh="暂停", reason_en="pause"
)
EARLIER_PAUSE = replace(PAUSE, first=date(2026, 2, 27), last=date(2026, 2, 27))

ALLOWED: dict[str, Callable[[Rulebook], Rulebook]] = {
    "nothing": lambda old: old,
    "more wins": lambda old: replace(old, limits=replace(old.limits, wins_per_campaign=20)),
    "more money": lambda old: replace(old, budget_fen=old.budget_fen * 2),
    "weights": lambda old: replace(old, release=replace(old.release, weekend_weight=300)),
    "a pause to come": lambda old: replace(old, named_days=(*old.named_days, PAUSE)),
    "a later end": lambda old: replace(old, ends_on=date(2026, 4, 15)),
    "the last draw today": lambda old: replace(old, last_draw_on=TODAY),
    "shares of money": lambda old: replace(
        old, tiers=tuple(replace(tier, money_percent=20) for tier in old.tiers)
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_caps_money_and_days_to_come_may_change_under_way(name: str) -> None:
    assert check_amendment(OLD, ALLOWED[name](OLD), MIDWAY, spent_fen=OLD.budget_fen) == ()


REFUSED: dict[str, tuple[str, Callable[[Rulebook], Rulebook]]] = {
    "another campaign": ("code", lambda old: replace(old, code="other")),
    "another platform": (
        "platform",
        lambda old: replace(old, platform=replace(old.platform, code="other")),
    ),
    "another mode": ("mode", lambda old: replace(old, mode=Mode.LIST)),
    "other lanes": ("lanes", lambda old: replace(old, lanes=8)),
    "a pack less": ("packs", lambda old: replace(old, packs=old.packs[:2])),
    "another face": (
        "tiers",
        lambda old: replace(old, tiers=(replace(old.tiers[0], face_fen=4_000), *old.tiers[1:])),
    ),
    "less than spent": ("budget_fen", lambda old: replace(old, budget_fen=old.budget_fen - 1)),
    "another start": ("starts_on", lambda old: replace(old, starts_on=date(2026, 2, 3))),
    "an end in the past": (
        "last_draw_on",
        lambda old: replace(old, last_draw_on=date(2026, 2, 28)),
    ),
    "fewer days begun": (
        "draws_only_on",
        lambda old: replace(old, draws_only_on=(date(2026, 2, 2), date(2026, 3, 20))),
    ),
    "a pause in the past": (
        "named_days",
        lambda old: replace(old, named_days=(*old.named_days, EARLIER_PAUSE)),
    ),
    "another kind of a past day": (
        "named_days",
        lambda old: replace(
            old, named_days=(replace(old.named_days[0], kind=DayKind.WEEKEND), *old.named_days[1:])
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_acted_on_or_stands_in_seals_may_not_change(name: str) -> None:
    key, change = REFUSED[name]
    faults = check_amendment(OLD, change(OLD), MIDWAY, spent_fen=OLD.budget_fen)
    assert faults[0].path[0] == key
    assert all(fault.reason_zh and fault.reason_en for fault in faults)


def test_before_the_start_the_dates_may_still_move() -> None:
    new = replace(OLD, starts_on=date(2026, 2, 9), ends_on=date(2026, 4, 5))
    assert check_amendment(OLD, new, datetime(2026, 1, 20, tzinfo=UTC)) == ()


def test_a_round_of_a_list_campaign_that_has_drawn_stays_in_its_schedule() -> None:
    old = campaign("2025-09-huigou")
    assert old.schedule is not None
    new = replace(old, schedule=replace(old.schedule, rounds=old.schedule.rounds[1:]))
    faults = check_amendment(old, new, datetime(2025, 9, 20, tzinfo=UTC))
    assert [fault.path for fault in faults] == [("schedule",)]
