"""Reconciliation: our lines held against another book's, day by day; what differs has a name.  对账

    ours only    -> missing      both, other amount    -> amount, sign
    theirs only  -> extra, doubled, fee, interest, returned
    both, another day -> day

Lines are compared under one reference at a time. Each line ends in exactly one place: in a match,
or in one difference. Some differences explain themselves (a till that rang at midnight, a payment
that came back); the others wait for a person.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from huiquan.domain.bill_mappings import LineKind, Terms
from huiquan.domain.cases import Cause, DifferenceKind
from huiquan.domain.days import starts_at

NEIGHBOURS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a book: what happened under which reference, when, and what it moved, in fen.

    sub is the number of a refund under its payment, empty where a book knows none. paid_fen is
    what the customer paid; None where a book does not tell.
    """

    key: str
    day: date
    kind: LineKind
    ref: str
    sub: str = ""
    amount_fen: int
    paid_fen: int | None = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing to explain: at most one line of each book, and the cause if it explains itself."""

    kind: DifferenceKind
    ours: Line | None = None
    theirs: Line | None = None
    cause: Cause | None = None

    @property
    def fen(self) -> int:
        """Ours less theirs."""
        return (self.ours.amount_fen if self.ours else 0) - (
            self.theirs.amount_fen if self.theirs else 0
        )


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The lines under one reference, each in its place."""

    matches: tuple[tuple[Line, Line], ...]
    differences: tuple[Difference, ...]


def compare(
    ours: Sequence[Line], theirs: Sequence[Line], terms: Terms, *, earlier: Sequence[Line] = ()
) -> Compared:
    """Hold the lines of one reference against each other.

    ours and theirs are the lines that have no counterpart yet, of this day and of days before;
    earlier are their lines of days before that have one: they tell a line that comes twice, and a
    refund that came before its payment.
    """
    matches: list[tuple[Line, Line]] = []
    differences: list[Difference] = []
    for kind in LineKind:
        found = _compare_kind(
            [one for one in ours if one.kind is kind],
            [one for one in theirs if one.kind is kind],
            terms,
            earlier,
            refunded_on={one.day for one in (*earlier, *theirs) if one.kind is LineKind.REFUND},
        )
        matches += found.matches
        differences += found.differences
    paid_out = [other for _, other in matches if other.kind is LineKind.OUT]
    returned = _returned(differences, [*paid_out, *earlier])
    return Compared(matches=tuple(matches), differences=returned)


def _compare_kind(
    ours: list[Line],
    theirs: list[Line],
    terms: Terms,
    earlier: Sequence[Line],
    refunded_on: set[date],
) -> Compared:
    """The same for lines of one kind: first what agrees, then what must be meant, then the rest."""
    matches = tuple(_pairs(ours, theirs, _same))
    differences = []
    for mine, other in _pairs(ours, theirs, _same_but_the_day):
        is_late = mine.kind is LineKind.REDEEM and any(day < other.day for day in refunded_on)
        cause = _cause_of_day(mine, other, terms, is_refunded_before=is_late)
        differences.append(
            Difference(kind=DifferenceKind.DAY, ours=mine, theirs=other, cause=cause)
        )
    known = [*earlier, *(other for _, other in matches)]
    known += [one.theirs for one in differences if one.theirs]
    for mine, other in _pairs(ours, theirs, _may_be_one):
        is_turned = other.amount_fen == -mine.amount_fen != 0
        kind = DifferenceKind.SIGN if is_turned else DifferenceKind.AMOUNT
        differences.append(Difference(kind=kind, ours=mine, theirs=other))
    differences += [Difference(kind=DifferenceKind.MISSING, ours=one) for one in ours]
    differences += [Difference(kind=_kind_of_extra(one, known), theirs=one) for one in theirs]
    return Compared(matches=matches, differences=tuple(differences))


def _pairs(
    ours: list[Line], theirs: list[Line], agree: Callable[[Line, Line], bool]
) -> Iterator[tuple[Line, Line]]:
    """Take out of both lists the pairs that agree; of several the nearest in time."""
    for mine in tuple(ours):
        fitting = [place for place, other in enumerate(theirs) if agree(mine, other)]
        if fitting:
            nearest = min(
                fitting, key=lambda at: (theirs[at].sub != mine.sub, abs(theirs[at].at - mine.at))
            )
            ours.remove(mine)
            yield mine, theirs.pop(nearest)


def _same(mine: Line, other: Line) -> bool:
    return mine.day == other.day and _same_but_the_day(mine, other)


def _same_but_the_day(mine: Line, other: Line) -> bool:
    return (
        mine.amount_fen == other.amount_fen
        and (mine.paid_fen == other.paid_fen or None in (mine.paid_fen, other.paid_fen))
        and _may_be_one(mine, other)
    )


def _may_be_one(mine: Line, other: Line) -> bool:
    """Two refunds that both name themselves are one only under one name."""
    return mine.sub == other.sub or not (mine.sub and other.sub)


def _cause_of_day(
    mine: Line, other: Line, terms: Terms, *, is_refunded_before: bool
) -> Cause | None:
    """Why the two sides put one line on different days, if that explains itself."""
    apart = abs(mine.day - other.day)
    if apart <= timedelta(days=terms.days_apart):
        return Cause.BOOKED_LATER
    if apart > NEIGHBOURS:
        return None
    if is_refunded_before:
        return Cause.REFUND_FIRST
    midnight = starts_at(max(mine.day, other.day))
    is_near = abs(mine.at - midnight) <= timedelta(seconds=terms.cut_over_s)
    return Cause.CUT_OVER if is_near else None


def _kind_of_extra(line: Line, known: Sequence[Line]) -> DifferenceKind:
    if line.kind is LineKind.FEE:
        return DifferenceKind.FEE
    if line.kind is LineKind.INTEREST:
        return DifferenceKind.INTEREST
    is_there = any(one.kind is line.kind and _same_but_the_day(one, line) for one in known)
    return DifferenceKind.DOUBLED if is_there else DifferenceKind.EXTRA


def _returned(
    differences: Sequence[Difference], paid_out: Sequence[Line]
) -> tuple[Difference, ...]:
    """Name what came back: a payment we never booked that came back explains itself; one that we
    booked as paid must be booked back by a person."""
    found = list(differences)
    for place, back in enumerate(found):
        if back.kind is not DifferenceKind.EXTRA or back.theirs is None:
            continue
        if back.theirs.kind is not LineKind.IN:
            continue
        for before, out in enumerate(found):
            if (
                out.kind is DifferenceKind.EXTRA
                and out.theirs is not None
                and out.theirs.kind is LineKind.OUT
                and out.fen == -back.fen
            ):
                closed = Cause.PAYMENT_RETURNED
                for at, one in ((before, out), (place, back)):
                    found[at] = replace(one, kind=DifferenceKind.RETURNED, cause=closed)
                break
        else:
            if any(
                one.kind is LineKind.OUT and one.amount_fen == -back.theirs.amount_fen
                for one in paid_out
            ):
                found[place] = replace(back, kind=DifferenceKind.RETURNED)
    return tuple(found)
