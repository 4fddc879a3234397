"""Rulebook versions: which rules are in force at an instant, and what may change under way.

规则版本与修订。 A draw or a redemption is judged by the version in force at its own time, and every
version stays on file: Wuhan changed its caps from 10 to 20 in the middle of a campaign (2026).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.domain.days import day_of
from huiquan.domain.rulebook_days import draw_days, named_on
from huiquan.domain.rulebook_faults import Fault, fault
from huiquan.domain.rulebooks import Rulebook, Tier


@dataclass(frozen=True, kw_only=True)
class RulebookVersion:
    """One version of a campaign's rules and the first instant at which it is in force."""

    version: int
    effective_at: datetime
    rulebook: Rulebook


def rulebook_in_force(versions: Sequence[RulebookVersion], at: datetime) -> RulebookVersion | None:
    """The version that judges what happens at this instant, or None before the first one.

    Of two versions with the same beginning the higher number counts: it is the correction.
    """
    begun = [version for version in versions if version.effective_at <= at]
    return max(begun, key=lambda version: (version.effective_at, version.version), default=None)


def version_in_force(versions: Sequence[RulebookVersion], at: datetime) -> RulebookVersion:
    """The version in force at an instant; before the first one begins, the first."""
    assert versions, "a published campaign has a rulebook"
    return rulebook_in_force(versions, at) or versions[0]


# What names the campaign, places people in lanes or stands in signed seals cannot change at all.
_FIXED = (
    ("code", "活动代码", "the campaign's code"),
    ("mode", "摇号方式", "the way of drawing"),
    ("lanes", "通道数", "the number of lanes"),
)


def check_amendment(
    old: Rulebook, new: Rulebook, now: datetime, *, spent_fen: int = 0
) -> tuple[Fault, ...]:
    """Why the new rulebook may not follow the old one at this instant; none if it may.

    now is when the new version takes effect. spent_fen is the money that is paid or promised
    already: the budget may not fall below it. Caps, weights, forecasts, texts, refund policy and
    days that are still to come may change; before the campaign starts, its dates may too.
    """
    return (
        *_fixed_facts_stay(old, new),
        *_packs_and_tiers_stay(old, new),
        *_budget_covers_what_is_spent(new, spent_fen),
        *_past_days_stay(old, new, now),
    )


def _fixed_facts_stay(old: Rulebook, new: Rulebook) -> Iterator[Fault]:
    for key, zh, en in _FIXED:
        if getattr(old, key) != getattr(new, key):
            yield fault((key,), f"{zh}不得修改", f"{en} may not change")
    if old.platform.code != new.platform.code:
        yield fault(("platform", "code"), "平台不得修改", "the platform may not change")


def _packs_and_tiers_stay(old: Rulebook, new: Rulebook) -> Iterator[Fault]:
    """Pack and tier numbers stand in entries and seals: what a number means stays the same."""
    before = [(pack.number, pack.code, pack.channel, pack.category) for pack in old.packs]
    after = [(pack.number, pack.code, pack.channel, pack.category) for pack in new.packs]
    if before != after:
        yield fault(
            ("packs",),
            "礼包的编号、代码、渠道和业态不得修改",
            "packs keep their numbers, codes, channels and categories",
        )
    if [_terms(tier) for tier in old.tiers] != [_terms(tier) for tier in new.tiers]:
        yield fault(
            ("tiers",),
            "面额档的编号、礼包、面额和门槛不得修改",
            "tiers keep their numbers, packs, faces and thresholds",
        )


def _terms(tier: Tier) -> tuple[int, int, int, int]:
    """What a tier promises, without its share of the money."""
    return (tier.number, tier.pack, tier.face_fen, tier.threshold_fen)


def _budget_covers_what_is_spent(new: Rulebook, spent_fen: int) -> Iterator[Fault]:
    if new.budget_fen < spent_fen:
        yield fault(
            ("budget_fen",),
            f"预算 {new.budget_fen} 分低于已支用和已承诺的 {spent_fen} 分",
            f"the budget of {new.budget_fen} fen is below the {spent_fen} fen spent or promised",
        )


def _past_days_stay(old: Rulebook, new: Rulebook, now: datetime) -> Iterator[Fault]:
    """What was said about a day that has begun was acted on: it stays as it was."""
    today = day_of(now)
    if old.starts_on <= today and new.starts_on != old.starts_on:
        yield fault(
            ("starts_on",),
            "活动已经开始，开始日不得修改",
            "the campaign has started: its start may not change",
        )
    for key in ("last_draw_on", "ends_on"):
        if getattr(old, key) >= today > getattr(new, key):
            yield fault(
                (key,),
                f"不得改到 {today} 之前",
                f"this may not be moved to before {today}",
            )
    begun_before = [day for day in draw_days(old) if day <= today]
    begun_after = [day for day in draw_days(new) if day <= today]
    if begun_before != begun_after and old.starts_on == new.starts_on:
        yield fault(
            ("schedule",) if old.schedule else ("draws_only_on",),
            "已经开始的摇号日不得增减",
            "draw days that have begun may not be added or taken away",
        )
    for day in begun_before:
        if named_on(old, day) != named_on(new, day):
            yield fault(
                ("named_days",),
                f"{day} 已经开始，其安排不得修改",
                f"{day} has begun: what was said about it may not change",
            )
            return
