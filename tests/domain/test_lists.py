"""Lists: when they are sealed, how long people may object, who decides, when they are issued."""

from datetime import datetime
from itertools import product

import pytest

from huiquan.domain.days import SHANGHAI
from huiquan.domain.lists import (
    Decided,
    Objection,
    PublishedList,
    Verdict,
    decide_filing,
    decide_issuing,
    decide_objection,
    decide_sealing,
    objections_until,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import day_to_release
from tests.domain.campaigns import campaign

WINTER, AUTUMN = "2025-11-shike", "2025-09-huigou"


def at(text: str) -> datetime:
    """A moment in Shanghai, such as 11-27 08:00 of 2025."""
    return datetime.strptime(f"2025-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "day", "waiting", "refusal"),
    [
        ("11-26 23:59", 20251127, 9, Refusal.LIST_STILL_OPEN),
        ("11-27 07:59", 20251127, 9, Refusal.LIST_STILL_OPEN),
        ("11-27 08:00", 20251127, 9, None),
        ("11-28 10:00", 20251127, 9, None),
        ("11-27 08:00", 20251127, 0, Refusal.LIST_EMPTY),
        ("11-27 08:00", 20251127, 5_000_000, None),
        ("11-27 08:00", 20251127, 5_000_001, Refusal.LIST_TOO_LONG),
        ("11-27 08:00", 20251128, 9, Refusal.NO_DRAW_THAT_DAY),
        ("11-27 08:00", 20251204, 9, Refusal.LIST_STILL_OPEN),
    ],
)
def test_a_list_is_sealed_on_its_draw_day_from_the_opening_hour_on(
    now: str, day: int, waiting: int, refusal: Refusal | None
) -> None:
    assert decide_sealing(campaign(WINTER), day, waiting, at(now)) is refusal


@pytest.mark.requirement("R5.1")
@pytest.mark.parametrize(
    ("code", "day", "published", "until"),
    [
        # One day of publicity after one day of drawing.
        (WINTER, 20251127, "11-27 09:00", "11-29 00:00"),
        # Drawn late: a whole day after the day of publication.
        (WINTER, 20251127, "11-28 15:00", "11-30 00:00"),
        (WINTER, 20251127, "12-05 00:00", "12-07 00:00"),
        # Sign-up on 8 and 9 September, draw on 10 and 11, list on 12.
        (AUTUMN, 20250911, "09-11 18:00", "09-13 00:00"),
        (AUTUMN, 20250911, "09-11 08:00", "09-13 00:00"),
    ],
)
def test_people_may_object_to_the_end_of_the_last_day_of_publicity(
    code: str, day: int, published: str, until: str
) -> None:
    assert objections_until(campaign(code), day, at(published)) == at(until)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("11-24 12:00", 1124),
        ("11-25 00:00", 1127),
        ("11-26 23:59", 1127),
        ("11-27 12:00", 1127),
        ("11-28 00:00", 1128),
        ("12-02 08:00", 1204),
    ],
)
def test_a_lists_money_is_out_from_the_first_day_of_sign_up(now: str, day: int) -> None:
    due = day_to_release(campaign(WINTER), at(now))
    assert due.month * 100 + due.day == day


def test_an_instant_days_money_is_out_on_the_day() -> None:
    assert day_to_release(campaign(), at("11-25 10:00")).day == 25


def a_list(**changes: object) -> PublishedList:
    """A list that was published on 27 November."""
    fields: dict[str, object] = {
        "day": 20251127,
        "published_at": at("11-27 09:00"),
        "objections_until": at("11-29 00:00"),
        "issued_at": None,
    }
    return PublishedList(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("published", "kept", "now", "refusal"),
    [
        (None, True, "11-27 09:00", Refusal.LIST_NOT_PUBLISHED),
        (a_list(), True, "11-28 23:59", None),
        (a_list(), True, "11-29 00:00", Refusal.OBJECTIONS_CLOSED),
        (a_list(), False, "11-28 23:59", Refusal.UNKNOWN_WIN),
    ],
)
def test_an_objection_is_to_a_win_and_in_time(
    published: PublishedList | None, kept: bool, now: str, refusal: Refusal | None
) -> None:
    assert decide_filing(published, kept, at(now)) is refusal


@pytest.mark.parametrize(
    ("published", "still_open", "now", "refusal"),
    [
        (None, 0, "11-29 00:00", Refusal.LIST_NOT_PUBLISHED),
        (a_list(), 0, "11-28 23:59", Refusal.OBJECTIONS_RUNNING),
        (a_list(), 1, "11-29 00:00", Refusal.OBJECTIONS_OPEN),
        (a_list(), 0, "11-29 00:00", None),
    ],
)
def test_a_list_is_issued_when_publicity_is_over_and_nothing_is_open(
    published: PublishedList | None, still_open: int, now: str, refusal: Refusal | None
) -> None:
    assert decide_issuing(published, still_open, at(now)) is refusal


def test_only_two_people_of_one_mind_decide_an_objection() -> None:
    """Every pair of people and verdicts: final only if the people differ and the verdicts agree."""
    fresh = Objection(
        objection_id=1,
        day=20251127,
        idx=3,
        verdict=None,
        reason=None,
        first_by=None,
        second_by=None,
    )
    verdicts = tuple(Verdict)
    for one, other, first, second in product("ab", "ab", verdicts, verdicts):
        begun = decide_objection(fresh, first, "why", one)
        assert isinstance(begun, Decided)
        assert not begun.is_final
        ended = decide_objection(begun.objection, second, "why", other)
        if one == other:
            assert ended is Refusal.SAME_PERSON
        elif first is not second:
            assert ended is Refusal.DECISIONS_DIFFER
        else:
            assert isinstance(ended, Decided)
            assert ended.is_final
            late = decide_objection(ended.objection, first, "why", "c")
            assert late is Refusal.OBJECTION_DECIDED
