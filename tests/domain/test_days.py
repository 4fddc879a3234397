"""Days: natural days in Shanghai, the calendar of 2026, and when a voucher stops being good."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.days import (
    SHANGHAI,
    DayKind,
    calendar_holds,
    day_from_number,
    day_number,
    day_of,
    days_between,
    ends_at,
    kind_of,
    moment,
    slot_of,
    starts_at,
    valid_until,
    written,
)
from tests.tables import rows

ANY_DAY = st.dates(date(2000, 1, 1), date(2099, 12, 31))

# The State Council's notice of 2025-11-04: 15 to 23 February off, 14 and 28 February worked.
FEBRUARY_AND_MARCH_2026 = rows("""
    day         is   kind     weight
    2026-02-01  Sun  weekend  150
    2026-02-02  Mon  workday  100
    2026-02-03  Tue  workday  100
    2026-02-04  Wed  workday  100
    2026-02-05  Thu  workday  100
    2026-02-06  Fri  workday  100
    2026-02-07  Sat  weekend  150
    2026-02-08  Sun  weekend  150
    2026-02-09  Mon  workday  100
    2026-02-10  Tue  workday  100
    2026-02-11  Wed  workday  100
    2026-02-12  Thu  workday  100
    2026-02-13  Fri  workday  100
    2026-02-14  Sat  workday  100
    2026-02-15  Sun  holiday  200
    2026-02-16  Mon  holiday  200
    2026-02-17  Tue  holiday  200
    2026-02-18  Wed  holiday  200
    2026-02-19  Thu  holiday  200
    2026-02-20  Fri  holiday  200
    2026-02-21  Sat  holiday  200
    2026-02-22  Sun  holiday  200
    2026-02-23  Mon  holiday  200
    2026-02-24  Tue  workday  100
    2026-02-25  Wed  workday  100
    2026-02-26  Thu  workday  100
    2026-02-27  Fri  workday  100
    2026-02-28  Sat  workday  100
    2026-03-01  Sun  weekend  150
    2026-03-02  Mon  workday  100
    2026-03-03  Tue  workday  100
    2026-03-04  Wed  workday  100
    2026-03-05  Thu  workday  100
    2026-03-06  Fri  workday  100
    2026-03-07  Sat  weekend  150
    2026-03-08  Sun  weekend  150
    2026-03-09  Mon  workday  100
    2026-03-10  Tue  workday  100
    2026-03-11  Wed  workday  100
    2026-03-12  Thu  workday  100
    2026-03-13  Fri  workday  100
    2026-03-14  Sat  weekend  150
    2026-03-15  Sun  weekend  150
    2026-03-16  Mon  workday  100
    2026-03-17  Tue  workday  100
    2026-03-18  Wed  workday  100
    2026-03-19  Thu  workday  100
    2026-03-20  Fri  workday  100
    2026-03-21  Sat  weekend  150
    2026-03-22  Sun  weekend  150
    2026-03-23  Mon  workday  100
    2026-03-24  Tue  workday  100
    2026-03-25  Wed  workday  100
    2026-03-26  Thu  workday  100
    2026-03-27  Fri  workday  100
    2026-03-28  Sat  weekend  150
    2026-03-29  Sun  weekend  150
    2026-03-30  Mon  workday  100
    2026-03-31  Tue  workday  100
""")


@pytest.mark.requirement("R1.3")
@pytest.mark.parametrize("case", FEBRUARY_AND_MARCH_2026, ids=lambda case: case["day"])
def test_each_day_of_the_campaign_has_the_kind_of_the_official_notice(
    case: dict[str, str],
) -> None:
    day = date.fromisoformat(case["day"])
    assert kind_of(day) == case["kind"]
    assert day.strftime("%a") == case["is"]


OTHER_HOLIDAYS = rows("""
    day         kind
    2022-10-08  workday
    2022-10-09  workday
    2024-02-13  holiday
    2024-02-18  workday
    2025-09-28  workday
    2025-10-04  holiday
    2026-01-04  workday
    2026-04-06  holiday
    2026-05-09  workday
    2026-09-20  workday
    2026-10-10  workday
""")


@pytest.mark.parametrize("case", OTHER_HOLIDAYS, ids=lambda case: case["day"])
def test_a_worked_sunday_is_a_workday_and_a_weekend_in_a_holiday_is_a_holiday(
    case: dict[str, str],
) -> None:
    assert kind_of(date.fromisoformat(case["day"])) == case["kind"]


def test_a_day_that_the_rulebook_names_goes_before_the_calendar() -> None:
    day = date(2026, 3, 3)
    assert kind_of(day) is DayKind.WORKDAY
    assert kind_of(day, {day: DayKind.HOLIDAY}) is DayKind.HOLIDAY


def test_a_year_without_its_notice_is_refused_until_the_rulebook_names_the_day() -> None:
    day = date(2099, 1, 1)
    assert not calendar_holds(day)
    with pytest.raises(ValueError, match="2099"):
        kind_of(day)
    assert kind_of(day, {day: DayKind.HOLIDAY}) is DayKind.HOLIDAY


MOMENTS = rows("""
    at                         day       slot
    2026-02-06T00:00:00+08:00  20260206  0
    2026-02-05T16:00:00+00:00  20260206  0
    2026-02-05T15:59:59+00:00  20260205  23
    2026-02-06T10:00:00+08:00  20260206  10
    2026-02-06T23:59:59+08:00  20260206  23
    2026-02-06T12:00:00-05:00  20260207  1
""")


@pytest.mark.parametrize("case", MOMENTS, ids=lambda case: case["at"])
def test_an_instant_belongs_to_one_shanghai_day_and_one_hour(case: dict[str, str]) -> None:
    at = datetime.fromisoformat(case["at"])
    assert day_number(day_of(at)) == int(case["day"])
    assert slot_of(at) == int(case["slot"])


@pytest.mark.parametrize("place", [day_of, slot_of])
def test_a_time_without_a_zone_is_refused(place: object) -> None:
    assert callable(place)
    with pytest.raises(ValueError, match="zone"):
        place(datetime(2026, 2, 6, 10))


@given(ANY_DAY)
def test_a_day_and_its_number_are_the_same_thing(day: date) -> None:
    assert day_number(day) == int(day.strftime("%Y%m%d"))
    assert day_from_number(day_number(day)) == day


@pytest.mark.parametrize("number", [0, 20260230, 20261301, 2026])
def test_a_number_that_is_no_day_is_refused(number: int) -> None:
    with pytest.raises(ValueError):
        day_from_number(number)


@given(ANY_DAY)
def test_a_day_ends_where_the_next_begins_and_holds_its_first_instant_only(day: date) -> None:
    assert ends_at(day) == starts_at(day + timedelta(days=1))
    assert day_of(starts_at(day)) == day
    assert day_of(ends_at(day)) == day + timedelta(days=1)
    assert day_of(ends_at(day) - timedelta(microseconds=1)) == day


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))
def test_any_instant_lies_in_its_own_day_and_slot(at: datetime) -> None:
    day = day_of(at)
    assert starts_at(day) <= at < ends_at(day)
    beijing = at.astimezone(timezone(timedelta(hours=8)))
    assert (day, slot_of(at)) == (beijing.date(), beijing.hour)


def test_a_wall_clock_time_stands_on_its_day_in_shanghai() -> None:
    assert moment(date(2026, 2, 6), time(10)) == datetime(2026, 2, 6, 10, tzinfo=SHANGHAI)


VALIDITIES = rows("""
    first       days  last        until
    2024-02-13  7     -           2024-02-20T00:00+08:00
    2026-02-06  7     -           2026-02-13T00:00+08:00
    2026-02-06  1     -           2026-02-07T00:00+08:00
    2026-03-25  7     2026-03-31  2026-04-01T00:00+08:00
    2026-03-31  7     2026-03-31  2026-04-01T00:00+08:00
    2026-03-01  7     2026-03-31  2026-03-08T00:00+08:00
""")


@pytest.mark.parametrize("case", VALIDITIES, ids=lambda case: " ".join(case.values()))
def test_a_voucher_is_good_to_the_end_of_its_last_natural_day(case: dict[str, str]) -> None:
    last = date.fromisoformat(case["last"]) if case["last"] else None
    until = valid_until(date.fromisoformat(case["first"]), int(case["days"]), last)
    assert until == datetime.fromisoformat(case["until"])


def test_days_between_holds_both_ends_and_nothing_when_reversed() -> None:
    first, last = date(2026, 2, 27), date(2026, 3, 1)
    assert days_between(first, last) == (first, date(2026, 2, 28), last)
    assert days_between(last, first) == ()


@given(st.datetimes(datetime(1950, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))
def test_an_instant_is_written_in_shanghai_to_the_millisecond(at: datetime) -> None:
    assert written(at) == at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
