"""What the doors of reconciliation take and give.  对账报文"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from huiquan.domain.cases import Cause
from huiquan.views.case_lines import CaseSide
from huiquan.views.reconciliation import CaseLine
from huiquan.web.wire import Login, Wire, shanghai


class ReconciledDay(Wire):
    """One source on one day: ours, theirs, and what of it is not explained."""

    book: str
    source: str
    day: int
    ours_count: int
    ours_fen: int
    theirs_count: int
    theirs_fen: int
    matched_bp: int
    case_count: int
    open_count: int
    has_file: bool


class ReconciledDays(Wire):
    """The last month, the newest day first."""

    items: list[ReconciledDay]


class ReconciliationCase(Wire):
    """One difference between books (差错)."""

    case: int
    book: str
    source: str
    day: int
    kind: str
    kind_zh: str
    kind_en: str
    ref: str
    ours_fen: int
    theirs_fen: int
    state: str
    owner: str | None
    cause: str | None
    payment_ref: str | None
    reason: str | None
    proposed_by: str | None
    closed_by: str | None
    age_days: int


class ReconciliationCases(Wire):
    """Cases, open ones first."""

    items: list[ReconciliationCase]


class CaseStep(Wire):
    """One step of a case."""

    at: datetime
    actor: str
    did: str
    detail: dict[str, str | int | None]


class CaseBookLine(Wire):
    """One line a case is about: side is ours, theirs (as first told), later (by a later file).

    A later file's line has the number of its own case; amount_fen is null if it tells it no more.
    """

    side: str
    day: int
    amount_fen: int | None
    paid_fen: int | None
    at: datetime | None
    case: int | None
    file: str | None
    line_no: int | None
    imported_at: datetime | None
    place: str
    note: str


class ReconciliationCaseFile(Wire):
    """A case with its lines and its steps."""

    case: ReconciliationCase
    lines: list[CaseBookLine]
    steps: list[CaseStep]


class NamedChoice(Wire):
    """Something to choose."""

    code: str
    zh: str
    en: str


class CauseChoice(NamedChoice):
    """A cause, and the kinds of difference it explains."""

    kinds: list[str]


class FormatChoice(NamedChoice):
    """A bill format; an acquirer's bill needs its day."""

    book: str


class ReconciliationChoices(Wire):
    """What forms at the console offer."""

    formats: list[FormatChoice]
    causes: list[CauseChoice]
    people: list[NamedChoice]


class CaseOwner(Wire):
    """Who shall answer for a case."""

    owner: Login


class CaseClosing(Wire):
    """One person's explanation; payment_ref is the settlement that a bank's line paid after all."""

    cause: Cause
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    payment_ref: Annotated[str, Meta(max_length=64)] = ""


class CaseClosed(Wire):
    """Whether the case is closed, or waits for a second person."""

    is_final: bool


class FileTaken(Wire):
    """What came of an imported file."""

    file: int
    is_new: bool
    first_day: int
    last_day: int
    line_count: int
    new_count: int
    same_count: int
    changed_count: int
    withdrawn_count: int
    opened_count: int


def shown_case(one: CaseLine) -> ReconciliationCase:
    """A case as it is written."""
    return ReconciliationCase(
        case=one.case_id,
        book=one.book.value,
        source=one.source,
        day=one.day,
        kind=one.kind.value,
        kind_zh=one.kind.zh,
        kind_en=one.kind.en,
        ref=one.ref,
        ours_fen=one.ours_fen,
        theirs_fen=one.theirs_fen,
        state=one.state.value,
        owner=one.owner,
        cause=one.cause.value if one.cause else None,
        payment_ref=one.payment_ref,
        reason=one.reason,
        proposed_by=one.proposed_by,
        closed_by=one.closed_by,
        age_days=one.age_days,
    )


def shown_line(one: CaseSide) -> CaseBookLine:
    """A line of a case as it is written."""
    return CaseBookLine(
        side=one.side,
        day=one.day,
        amount_fen=one.amount_fen,
        paid_fen=one.paid_fen,
        at=one.at and shanghai(one.at),
        case=one.case_id,
        file=one.file,
        line_no=one.line_no,
        imported_at=one.imported_at and shanghai(one.imported_at),
        place=one.place,
        note=one.note,
    )
