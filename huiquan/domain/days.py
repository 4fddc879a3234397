"""Days: when a campaign day begins and ends, and whether people work on it.  活动日与日历

A campaign day is a natural day in Hubei, from 00:00 to 24:00 Shanghai time. Inside the domain it
is a `date`; in entries, seals, addresses and tables it is the whole number YYYYMMDD.
Half-open everywhere: a day holds its first instant and not the first instant of the next day.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


class DayKind(StrEnum):
    """What people do on a day, which is what the day's release follows (R1.3).

    A Saturday that the State Council turned into a working day is a workday, and a Tuesday in
    the Spring Festival is a holiday: the kind is a table, never the day of the week.
    """

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


NO_NAMED_DAYS: Mapping[date, DayKind] = MappingProxyType({})


def day_of(at: datetime) -> date:
    """The campaign day that holds this instant. Refuses (ValueError) a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time needs its zone before it can be put on a day")
    return at.astimezone(SHANGHAI).date()


def slot_of(at: datetime) -> int:
    """The hourly slot that holds this instant: the hour of the Shanghai day, 0 to 23."""
    if at.tzinfo is None:
        raise ValueError("a time needs its zone before it can be put in a slot")
    return at.astimezone(SHANGHAI).hour


def written(at: datetime) -> str:
    """An instant as RFC 3339 to the millisecond, in Shanghai: 2026-02-06T10:00:00.123+08:00."""
    second = _second(math.floor(at.timestamp()))
    return f"{second[:19]}.{at.microsecond // 1000:03}{second[19:]}"


@lru_cache(1024)  # A rush writes an instant for each person, all of the last few minutes.
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat()


def day_number(day: date) -> int:
    """The day as the whole number YYYYMMDD, as entries and seals carry it."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_from_number(number: int) -> date:
    """The day behind YYYYMMDD. Refuses (ValueError) a number that is no day."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def starts_at(day: date) -> datetime:
    """00:00 of the day in Shanghai: the first instant that belongs to it."""
    return datetime.combine(day, time(), SHANGHAI)


def ends_at(day: date) -> datetime:
    """24:00 of the day in Shanghai: the first instant that no longer belongs to it."""
    return starts_at(day + timedelta(days=1))


def moment(day: date, at: time) -> datetime:
    """A wall-clock time on a day in Shanghai, such as 10:00 on the opening day."""
    return datetime.combine(day, at, SHANGHAI)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from the first to the last, both included; none if they are reversed."""
    return tuple(first + timedelta(days=step) for step in range((last - first).days + 1))


def valid_until(first_day: date, days: int, last_day: date | None = None) -> datetime:
    """When a voucher issued on first_day stops being good: 24:00 of its last natural day.

    The first day counts, so 7 days from 13 February end at 24:00 on the 19th (Hubei 2024).
    The end is half-open: a voucher is good while `now < valid_until`.
    With last_day, the last day on which the campaign redeems, validity never outlives it.
    """
    end = ends_at(first_day + timedelta(days=days - 1))
    return end if last_day is None else min(end, ends_at(last_day))


def kind_of(day: date, named: Mapping[date, DayKind] = NO_NAMED_DAYS) -> DayKind:
    """Whether a day is worked, a weekend or a public holiday.  工作日、周末、节假日

    A day that the rulebook names goes before the calendar, so a late notice of the State
    Council needs no new program. The calendar library carries the yearly notices; for 2026 that
    is the notice of 2025-11-04 (15 to 23 February off, 14 and 28 February worked).
    A weekend day inside a public holiday is a holiday.

    Refuses (ValueError) a year whose notice the calendar does not hold.
    """
    if day in named:
        return named[day]
    if not calendar_holds(day):
        raise ValueError(f"the calendar does not hold the public holidays of {day.year}")
    is_off, holiday = chinese_calendar.get_holiday_detail(day)
    if not is_off:
        return DayKind.WORKDAY
    return DayKind.HOLIDAY if holiday else DayKind.WEEKEND


def calendar_holds(day: date) -> bool:
    """True if the calendar holds the State Council's notice for the year of this day."""
    try:
        chinese_calendar.is_holiday(day)
    except NotImplementedError:
        return False
    return True
