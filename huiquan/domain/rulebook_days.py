"""A rulebook's days: when people may enter, when money is released, how long a voucher is good.

活动日程。 In instant mode a day opens and closes and is its own draw day. In list mode people sign
up over some days for the draw day of their round, and redeem in the days of that round.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from huiquan.domain.days import (
    DayKind,
    day_of,
    days_between,
    ends_at,
    kind_of,
    starts_at,
    valid_until,
)
from huiquan.domain.rulebooks import NamedDays, Rulebook, Schedule


class Phase(StrEnum):
    """Where a campaign stands at an instant, as the consumer's page shows it."""

    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time, half-open: `first <= now < until`."""

    first: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """True if the instant lies in the span."""
        return self.first <= at < self.until


@dataclass(frozen=True, kw_only=True)
class RoundDays:
    """The days of one round of a list campaign; the draw day is the last day of drawing."""

    number: int
    sign_up: tuple[date, ...]
    draw: tuple[date, ...]
    publicity: tuple[date, ...]
    redeem: tuple[date, ...]

    @property
    def draw_day(self) -> date:
        """The day that names the round in entries and seals: the draw is done by its end."""
        return self.draw[-1]


def at_clock(day: date, clock: str) -> datetime:
    """A clock time "HH:MM" of a day in Shanghai; "24:00" is the end of the day."""
    hours, minutes = clock.split(":")
    return starts_at(day) + timedelta(hours=int(hours), minutes=int(minutes))


def named_on(rulebook: Rulebook, day: date) -> NamedDays | None:
    """What the rulebook itself says about a day, or None if it leaves the day to the calendar."""
    return next((named for named in rulebook.named_days if named.first <= day <= named.last), None)


def kind_on(rulebook: Rulebook, day: date) -> DayKind:
    """Workday, weekend or holiday: the rulebook's word first, then the calendar's.

    Refuses (ValueError) a day of a year the calendar does not hold and the rulebook does not name.
    """
    named = named_on(rulebook, day)
    return kind_of(day, {} if named is None or named.kind is None else {day: named.kind})


def rounds_of(rulebook: Rulebook) -> tuple[RoundDays, ...]:
    """The rounds of a list campaign with all their days; none for an instant campaign."""
    schedule = rulebook.schedule
    if schedule is None:
        return ()
    return tuple(
        _round_days(schedule, planned.number, planned.sign_up_on, planned.redeem_days)
        for planned in schedule.rounds
    )


def _round_days(
    schedule: Schedule, number: int, sign_up_on: date, redeem_days: int | None
) -> RoundDays:
    """Lay the days of one round behind each other, without a gap."""
    lengths = (
        schedule.sign_up_days,
        schedule.draw_days,
        schedule.publicity_days,
        redeem_days or schedule.redeem_days,
    )
    parts = []
    first = sign_up_on
    for length in lengths:
        parts.append(days_between(first, first + timedelta(days=length - 1)))
        first += timedelta(days=length)
    sign_up, draw, publicity, redeem = parts
    return RoundDays(number=number, sign_up=sign_up, draw=draw, publicity=publicity, redeem=redeem)


def draw_days(rulebook: Rulebook) -> tuple[date, ...]:
    """The days on which money is released and vouchers are won, in order."""
    if rulebook.schedule is not None:
        return tuple(turn.draw_day for turn in rounds_of(rulebook))
    return rulebook.draws_only_on or days_between(rulebook.starts_on, rulebook.last_draw_on)


def open_span(rulebook: Rulebook, day: date) -> Span | None:
    """When on this day people may enter, or None if they may not enter at all.

    In list mode sign-up opens on its first day at the opening hour and runs through the nights
    until the closing hour of its last day.
    """
    if rulebook.schedule is None:
        only = rulebook.draws_only_on
        if day not in only if only else not rulebook.starts_on <= day <= rulebook.last_draw_on:
            return None
        return Span(first=at_clock(day, rulebook.opens_at), until=at_clock(day, rulebook.closes_at))
    for turn in rounds_of(rulebook):
        if day in turn.sign_up:
            opens = rulebook.opens_at if day == turn.sign_up[0] else "00:00"
            closes = rulebook.closes_at if day == turn.sign_up[-1] else "24:00"
            return Span(first=at_clock(day, opens), until=at_clock(day, closes))
    return None


def _entering(rulebook: Rulebook) -> Span:
    """From the first instant to the last at which anyone may enter."""
    if rulebook.schedule is None:
        days = rulebook.draws_only_on or (rulebook.starts_on, rulebook.last_draw_on)
    else:
        days = tuple(day for turn in rounds_of(rulebook) for day in turn.sign_up)
    return Span(
        first=at_clock(days[0], rulebook.opens_at), until=at_clock(days[-1], rulebook.closes_at)
    )


def phase_at(rulebook: Rulebook, now: datetime) -> Phase:
    """Whether people may enter now, and if not, whether they still will.

    The campaign has ended for the draw once nobody can enter any more; vouchers may still be
    redeemed until the end of `ends_on`.
    """
    entering = _entering(rulebook)
    if now < entering.first:
        return Phase.BEFORE
    if now >= entering.until:
        return Phase.ENDED
    today = open_span(rulebook, day_of(now))
    return Phase.OPEN if today is not None and today.holds(now) else Phase.CLOSED


def draw_day_for(rulebook: Rulebook, now: datetime) -> date | None:
    """The day whose draw an entry made now takes part in, or None if nobody may enter now.

    One entry for a person and draw day is the rule of the draw: in list mode that is one
    sign-up for a round.
    """
    if phase_at(rulebook, now) is not Phase.OPEN:
        return None
    today = day_of(now)
    return next((turn.draw_day for turn in rounds_of(rulebook) if today in turn.sign_up), today)


def day_to_show(rulebook: Rulebook, now: datetime) -> date:
    """The draw day that people are told of: how they stand in it, and how many entered and won.

    Instant mode: today. List mode: the draw day of the newest round for which people could sign up
    by now, while its list is drawn, published and issued, too; before the first round, of that one.
    """
    turns, today = rounds_of(rulebook), day_of(now)
    begun = [turn.draw_day for turn in turns if turn.sign_up[0] <= today]
    return begun[-1] if begun else turns[0].draw_day if turns else today


def day_to_release(rulebook: Rulebook, now: datetime) -> date:
    """The draw day whose money has to be out now: nobody may enter what cannot be paid for.

    Instant mode: today. List mode: the draw day of the round for which people sign up today, or
    which is drawn next; the money waits for the draw.
    """
    today = day_of(now)
    turns = (turn for turn in rounds_of(rulebook) if turn.sign_up[0] <= today <= turn.draw_day)
    return next((turn.draw_day for turn in turns), today)


def stands_from(rulebook: Rulebook, draw_day: date) -> datetime:
    """From when nothing about a draw day may change any more, for its money is out.

    Instant mode: the day's beginning. List mode: the beginning of its round's first sign-up day.
    """
    turns = (turn for turn in rounds_of(rulebook) if turn.draw_day == draw_day)
    return starts_at(next((turn.sign_up[0] for turn in turns), draw_day))


def validity(rulebook: Rulebook, draw_day: date, issued_at: datetime) -> Span:
    """When a voucher won on a draw day may be redeemed.

    Instant mode: from the moment it is issued to 24:00 of its last natural day, the draw day
    counting as the first, and never beyond the campaign's last day. List mode: the redeem days
    of its round. Refuses (ValueError) a day on which a list campaign draws nothing.
    """
    if rulebook.schedule is None:
        until = valid_until(draw_day, rulebook.valid_days, rulebook.ends_on)
        return Span(first=issued_at, until=until)
    for turn in rounds_of(rulebook):
        if turn.draw_day == draw_day:
            opens = at_clock(turn.redeem[0], rulebook.schedule.redeem_from)
            return Span(first=max(issued_at, opens), until=ends_at(turn.redeem[-1]))
    raise ValueError(f"the campaign draws nothing on {draw_day}")
