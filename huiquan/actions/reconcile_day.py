"""Reconcile a day: hold our book against another, and make a case of each difference.  日终对账"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from huiquan.app import App
from huiquan.db import audit, both_books, cases, imported_books
from huiquan.db.both_books import Group, Totals
from huiquan.db.cases import Waiting
from huiquan.db.connection import Tx
from huiquan.db.imported_books import Source
from huiquan.domain.bill_mappings import Terms
from huiquan.domain.cases import Cause
from huiquan.domain.days import day_number, day_of
from huiquan.domain.reconciliation import Compared, Difference, compare
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class DayReconciled:
    """What came of a day; has_file is False when the other side's file has not come."""

    day: date
    has_file: bool
    ours: Totals
    theirs: Totals
    opened_count: int
    completed_count: int
    closed_count: int


async def reconcile_day(
    app: App, source: Source, day: date, *, on_progress: Callable[[str], None] = lambda step: None
) -> DayReconciled | Refusal:
    """Compare a day that is over, with what is open of the days before; again changes nothing.

    A day without a file becomes one case, which the file closes. The audit tells what a comparison
    found, and tells it once: one that counts the same as the one before and moves no case has found
    nothing, whether the answer was lost or somebody wanted to be sure; when a day was last compared
    stands with the day. on_progress hears each step. Refuses DAY_NOT_OVER. (R2.4)
    """
    if day >= day_of(app.clock()):
        return Refusal.DAY_NOT_OVER
    async with app.db.transaction() as tx:
        await imported_books.hold_source(tx, source)
        on_progress("laying both books side by side")
        ours, theirs = await both_books.lay_out(tx, source, day)
        terms = await imported_books.terms_of_day(tx, source, day)
        if terms is None:
            return await _without_file(app, tx, source, day, ours, theirs)
        on_progress(f"comparing {ours.count} lines with {theirs.count}")
        odd = await both_books.find_odd(tx, source)
        on_progress(f"looking closer at {odd} references")
        groups = await both_books.groups(tx, source, day)
        reached = await _write(app, tx, source, day, _compare_all(groups, terms))
        now = app.clock()
        await cases.close_for_file(tx, source, day, now)
        is_other = await cases.record_day(
            tx, source, day, (ours.count, ours.fen), (theirs.count, theirs.fen), now
        )
        if is_other or any(reached):
            await _note(tx, source, day, ours, theirs, reached[0], now)
    return DayReconciled(
        day=day,
        has_file=True,
        ours=ours,
        theirs=theirs,
        opened_count=reached[0],
        completed_count=reached[1],
        closed_count=reached[2],
    )


async def _note(
    tx: Tx, source: Source, day: date, ours: Totals, theirs: Totals, opened: int, at: datetime
) -> None:
    await audit.note(
        tx,
        at=at,
        actor="house",
        tag="day:reconciled",
        subject=f"{source.book.value} {source.name} {day_number(day)}",
        detail={"ours_fen": ours.fen, "theirs_fen": theirs.fen, "opened": opened},
    )


async def _without_file(
    app: App, tx: Tx, source: Source, day: date, ours: Totals, theirs: Totals
) -> DayReconciled:
    """Ask for the file of a day on which we have lines; a day without any is done."""
    now = app.clock()
    if ours.count:
        await cases.open_for_no_file(tx, source, day, ours.fen, now)
        await cases.note_opened(tx, source, now)
    else:
        await cases.record_day(tx, source, day, (0, 0), (0, 0), now)
    return DayReconciled(
        day=day,
        has_file=False,
        ours=ours,
        theirs=theirs,
        opened_count=int(ours.count > 0),
        completed_count=0,
        closed_count=0,
    )


def _compare_all(groups: Mapping[str, Group], terms: Terms) -> list[Compared]:
    return [
        compare(group.ours, group.theirs, terms, earlier=group.earlier) for group in groups.values()
    ]


async def _write(
    app: App, tx: Tx, source: Source, day: date, compared: list[Compared]
) -> tuple[int, int, int]:
    """Open, complete and close cases; gives how many of each."""
    waiting = await cases.waiting(tx, source)
    now, new, completed, closed = app.clock(), [], 0, 0
    found = [one for each in compared for one in each.differences]
    found += [
        Difference(kind=case.kind, ours=mine, theirs=other, cause=Cause.FILE_ARRIVED)
        for each in compared
        for mine, other in each.matches
        for case in [waiting.get(f"ours {mine.key}") or waiting.get(f"theirs {other.key}")]
        if case is not None
    ]
    for one in (half for whole in found for half in _halves(waiting, whole)):
        case = _case_of(waiting, one)
        if case is None:
            new.append(one)
        elif _says_more(case, one, day):
            await cases.complete(tx, case.case_id, one, now)
            completed += one.cause is None
        closed += one.cause is not None
    if new:
        await cases.open_many(tx, source, day, new, now)
        await cases.note_opened(tx, source, now)
    return sum(one.cause is None for one in new), completed, closed


def _halves(waiting: Mapping[str, Waiting], one: Difference) -> tuple[Difference, ...]:
    """Two lines that both wait keep their own cases; what explains one explains the other."""
    if _waits(waiting, one, "ours") and _waits(waiting, one, "theirs"):
        return (replace(one, theirs=None), replace(one, ours=None)) if one.cause else ()
    return (one,)


def _case_of(waiting: Mapping[str, Waiting], one: Difference) -> Waiting | None:
    return _waits(waiting, one, "ours") or _waits(waiting, one, "theirs")


def _waits(waiting: Mapping[str, Waiting], one: Difference, side: str) -> Waiting | None:
    line = getattr(one, side)
    return waiting.get(f"{side} {line.key}") if line else None


def _says_more(case: Waiting, one: Difference, day: date) -> bool:
    """A line that still waits is named by the run of its own day alone."""
    if one.cause is not None or (one.ours and one.theirs):
        return True
    line = one.ours or one.theirs
    return line is not None and line.day == day and one.kind is not case.kind
