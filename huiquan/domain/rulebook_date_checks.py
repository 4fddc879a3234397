"""Rulebook date checks: whether the days and hours of a rulebook belong together.  日程自检"""

from collections.abc import Iterator
from itertools import pairwise

from huiquan.domain.pacing import weight_on
from huiquan.domain.rulebook_days import draw_days, kind_on, rounds_of
from huiquan.domain.rulebook_faults import Fault, fault, misnumbered
from huiquan.domain.rulebooks import Mode, Rulebook, Schedule


def dates_run_forward(rulebook: Rulebook) -> Iterator[Fault]:
    """Start, last draw and end follow each other, and a day opens before it closes."""
    if rulebook.ends_on < rulebook.starts_on:
        yield fault(
            ("ends_on",),
            f"结束日 {rulebook.ends_on} 早于开始日 {rulebook.starts_on}",
            f"the end {rulebook.ends_on} is before the start {rulebook.starts_on}",
        )
    elif not rulebook.starts_on <= rulebook.last_draw_on <= rulebook.ends_on:
        yield fault(
            ("last_draw_on",),
            "最后投放日应在开始日与结束日之间",
            "the last draw day has to lie between the start and the end",
        )
    if rulebook.opens_at >= rulebook.closes_at:
        yield fault(
            ("closes_at",),
            f"关闭时间 {rulebook.closes_at} 不晚于开放时间 {rulebook.opens_at}",
            f"the day closes at {rulebook.closes_at}, not after it opens at {rulebook.opens_at}",
        )
    for position, (one, other) in enumerate(pairwise(rulebook.draws_only_on)):
        if other <= one:
            yield fault(
                ("draws_only_on", position + 1),
                "投放日应按先后顺序，且不得重复",
                "draw days have to stand in order, each once",
            )
    for position, day in enumerate(rulebook.draws_only_on):
        if not rulebook.starts_on <= day <= rulebook.last_draw_on:
            yield fault(
                ("draws_only_on", position),
                f"{day} 不在开始日与最后投放日之间",
                f"{day} does not lie between the start and the last draw day",
            )


def named_days_lie_inside(rulebook: Rulebook) -> Iterator[Fault]:
    """Named days lie inside the campaign, do not overlap, and each changes something."""
    for position, named in enumerate(rulebook.named_days):
        at = ("named_days", position)
        if not rulebook.starts_on <= named.first <= named.last <= rulebook.ends_on:
            yield fault(
                (*at, "first"),
                f"{named.first} 至 {named.last} 不在活动期内，或起止颠倒",
                f"{named.first} to {named.last} is not inside the campaign, or reversed",
            )
        earlier = rulebook.named_days[:position]
        if any(other.first <= named.last and named.first <= other.last for other in earlier):
            yield fault(
                (*at, "first"),
                f"{named.first} 已在前面指定过",
                f"{named.first} is named earlier already",
            )
        if named.kind is None and named.weight is None and named.entries is None:
            yield fault(
                at,
                "应至少写明类别、权重、预计参与人次之一",
                "a named day has to give at least a kind, a weight or the entries",
            )


def mode_has_its_schedule(rulebook: Rulebook) -> Iterator[Fault]:
    """A list campaign has a schedule that fits its dates; an instant campaign has none."""
    schedule = rulebook.schedule
    if rulebook.mode is Mode.LIST and schedule is None:
        yield fault(
            ("mode",), "名单摇号需要 [schedule] 日程", "list mode needs a [schedule] of rounds"
        )
    elif rulebook.mode is Mode.INSTANT and schedule is not None:
        yield fault(
            ("schedule",), "即时摇号不应有 [schedule]", "instant mode has no [schedule] of rounds"
        )
    elif schedule is not None:
        numbers = [turn.number for turn in schedule.rounds]
        yield from misnumbered(("schedule", "rounds"), numbers)
        yield from _rounds_fit(rulebook, schedule)


def _rounds_fit(rulebook: Rulebook, schedule: Schedule) -> Iterator[Fault]:
    """Rounds follow each other inside the campaign; redeem days agree with the validity."""
    if schedule.redeem_days != rulebook.valid_days:
        yield fault(
            ("schedule", "redeem_days"),
            f"核销天数应与 valid_days（{rulebook.valid_days}）一致",
            f"the redeem days have to equal valid_days ({rulebook.valid_days})",
        )
    if rulebook.draws_only_on:
        yield fault(
            ("draws_only_on",),
            "名单摇号的摇号日由 [schedule] 决定",
            "in list mode the [schedule] gives the draw days",
        )
    turns = rounds_of(rulebook)
    for position, turn in enumerate(turns):
        at = ("schedule", "rounds", position, "sign_up_on")
        inside = rulebook.starts_on <= turn.sign_up[0] and turn.redeem[-1] <= rulebook.ends_on
        if not inside or turn.draw_day > rulebook.last_draw_on:
            yield fault(
                at,
                f"第 {turn.number} 轮超出活动期",
                f"round {turn.number} runs beyond the campaign",
            )
        if position and turn.sign_up[0] <= turns[position - 1].draw_day:
            yield fault(
                at,
                f"第 {turn.number} 轮报名早于上一轮摇号结束",
                f"round {turn.number} signs up before the round before it has drawn",
            )


def arrivals_fill_the_day(rulebook: Rulebook) -> Iterator[Fault]:
    """An instant day has one share of arrivals for each open hour, together 100 %."""
    shares = rulebook.release.arrivals_percent
    at = ("release", "arrivals_percent")
    if rulebook.mode is Mode.LIST:
        if shares:
            yield fault(
                at,
                "名单摇号没有分时投放，应为空",
                "a list is drawn at once: there are no hourly shares",
            )
        return
    first, last = int(rulebook.opens_at[:2]), int(rulebook.closes_at[:2])
    hours = last - first + (rulebook.closes_at[3:] != "00")
    if len(shares) != hours:
        yield fault(
            at,
            f"开放 {hours} 个小时段，却有 {len(shares)} 个占比",
            f"the day is open in {hours} hours, but there are {len(shares)} shares",
        )
    elif sum(shares) != 100:
        yield fault(
            at,
            f"各小时占比合计应为 100%，现为 {sum(shares)}%",
            f"the hourly shares have to be 100 %, they are {sum(shares)} %",
        )
    elif shares[0] == 0:
        yield fault(
            at,
            "第一个小时段的占比不能为 0",
            "the first hour has to have a share, or its entrants could not win",
        )


def days_have_kinds_and_weights(rulebook: Rulebook) -> Iterator[Fault]:
    """Every draw day has a kind, and the last one takes what is left of the money."""
    for day in draw_days(rulebook):
        try:
            kind_on(rulebook, day)
        except ValueError:
            yield fault(
                ("last_draw_on",),
                f"日历中没有 {day.year} 年的放假安排，请在 named_days 中写明",
                f"the calendar holds no public holidays for {day.year}: name the days here",
            )
            return
    last = draw_days(rulebook)[-1]
    if weight_on(rulebook, last) == 0:
        yield fault(
            ("last_draw_on",),
            f"最后投放日 {last} 的权重为 0，剩余资金无法投放",
            f"the last draw day {last} has the weight 0: what is left could not be released",
        )
