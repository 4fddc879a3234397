"""Reconciliation at the console: days of every source, cases, and files to import.  对账"""

from datetime import date, timedelta
from typing import Annotated

from litestar.params import Parameter

from huiquan.actions.assign_case import assign_case
from huiquan.actions.close_case import close_case
from huiquan.actions.import_bill import BillSent, import_bill
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.domain.bill_flaws import BadFile
from huiquan.domain.cases import Cause
from huiquan.domain.days import day_from_number, day_number, day_of, days_between
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import Role
from huiquan.views import reconciliation as views
from huiquan.views.people import Official
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import Campaigns, House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.reconciliation_messages import (
    CaseClosed,
    CaseClosing,
    CaseOwner,
    CaseStep,
    CauseChoice,
    FileTaken,
    FormatChoice,
    NamedChoice,
    ReconciledDay,
    ReconciledDays,
    ReconciliationCaseFile,
    ReconciliationCases,
    ReconciliationChoices,
    shown_case,
    shown_line,
)
from huiquan.web.wire import shanghai

FILE_MAX_BYTES = 32 * 1024 * 1024
"""A larger bill is imported at the command line."""

DAYS_SHOWN = 31

AskedCampaign = Annotated[int, Parameter(ge=1, le=32_767)]
AskedDay = Annotated[int | None, Parameter(ge=20_000_101, le=99_991_231)]
AskedName = Annotated[str, Parameter(min_length=1, max_length=64)]
AskedPart = Annotated[str, Parameter(max_length=64)]


def may_reconcile(official: Official) -> None:
    """A city's official sees figures of a city; books are the province's."""
    if official.role is Role.CITY_SUPERVISOR:
        raise RefusedError(Refusal.FORBIDDEN)


@page(
    "/api/v1/console/reconciliation/days",
    operation_id="listReconciledDays",
    summary="Days of every source",
)
async def list_days(house: House, official: Staff, campaign: AskedCampaign) -> ReconciledDays:
    """The last month: ours, theirs, how much agrees, and what is open."""
    may_reconcile(official)
    today = day_of(house.clock())
    found = await views.days(house, campaign, today - timedelta(days=DAYS_SHOWN), today)
    return ReconciledDays(
        items=[
            ReconciledDay(
                book=one.book.value,
                source=one.source,
                day=one.day,
                ours_count=one.ours_count,
                ours_fen=one.ours_fen,
                theirs_count=one.theirs_count,
                theirs_fen=one.theirs_fen,
                matched_bp=one.matched_bp,
                case_count=one.case_count,
                open_count=one.open_count,
                has_file=one.ran_at is not None,
            )
            for one in found
        ]
    )


@page(
    "/api/v1/console/reconciliation/cases",
    operation_id="listReconciliationCases",
    summary="Differences between books",
)
async def list_cases(
    house: House,
    official: Staff,
    campaign: AskedCampaign,
    everything: bool = False,
    day: AskedDay = None,
) -> ReconciliationCases:
    """Open cases, or all of them, the oldest first; at most five hundred."""
    may_reconcile(official)
    is_open = None if everything else True
    found = await views.cases(house, campaign, is_open=is_open, day=day)
    return ReconciliationCases(items=[shown_case(one) for one in found])


@page(
    "/api/v1/console/reconciliation/cases/{case:int}",
    operation_id="getReconciliationCase",
    summary="One case",
)
async def get_case(
    house: House, official: Staff, case: Annotated[int, Parameter(ge=1, le=2**62)]
) -> ReconciliationCaseFile:
    """A case with its lines, corrections among them, and every step since it was found."""
    may_reconcile(official)
    found = accepted(await views.case_file(house, case))
    return ReconciliationCaseFile(
        case=shown_case(found.case),
        lines=[shown_line(one) for one in found.sides],
        steps=[
            CaseStep(at=shanghai(one.at), actor=one.actor, did=one.did, detail=one.detail)
            for one in found.events
        ],
    )


@page(
    "/api/v1/console/reconciliation/choices",
    operation_id="getReconciliationChoices",
    summary="Formats, causes and people to choose from",
)
async def get_choices(house: House, official: Staff) -> ReconciliationChoices:
    """What the forms of this page offer."""
    may_reconcile(official)
    return ReconciliationChoices(
        formats=[
            FormatChoice(
                code=code,
                zh=known.mapping.name_zh,
                en=known.mapping.name_en,
                book=known.mapping.book.value,
            )
            for code, known in sorted(house.mappings.items())
        ],
        causes=[
            CauseChoice(
                code=cause.value,
                zh=cause.zh,
                en=cause.en,
                kinds=sorted(kind.value for kind in cause.fits),
            )
            for cause in Cause
        ],
        people=[
            NamedChoice(code=login, zh=name, en=name) for login, name in await views.logins(house)
        ],
    )


@deed(
    "/api/v1/console/reconciliation/cases/{case:int}/owner",
    operation_id="assignReconciliationCase",
    summary="Give a case an owner",
)
async def post_owner(
    data: CaseOwner,
    house: House,
    official: Staff,
    case: Annotated[int, Parameter(ge=1, le=2**62)],
) -> CaseOwner:
    """From now on somebody answers for the case."""
    may_reconcile(official)
    return CaseOwner(owner=accepted(await assign_case(house, case, data.owner, official.login)))


@deed(
    "/api/v1/console/reconciliation/cases/{case:int}/closing",
    operation_id="closeReconciliationCase",
    summary="Explain a case",
)
async def post_closing(
    data: CaseClosing,
    house: House,
    official: Staff,
    case: Annotated[int, Parameter(ge=1, le=2**62)],
) -> CaseClosed:
    """Where money differs, a second person has to give the same cause."""
    may_reconcile(official)
    said = (data.cause, data.reason, official.login)
    closing = accepted(await close_case(house, case, *said, payment_ref=data.payment_ref.strip()))
    return CaseClosed(is_final=closing.is_final)


@deed(
    "/api/v1/console/reconciliation/files",
    operation_id="importReconciliationFile",
    summary="Import a bill or statement",
    request_max_body_size=FILE_MAX_BYTES,
)
async def post_file(
    body: bytes,
    house: House,
    official: Staff,
    campaigns: Campaigns,
    campaign: AskedCampaign,
    source: AskedName,
    mapping: AskedName,
    name: AskedName,
    day: AskedDay = None,
    part: AskedPart = "",
) -> FileTaken:
    """The file as it was received, as the body; its days that are over are compared at once."""
    may_reconcile(official)
    sent = BillSent(
        campaign=accepted(campaigns.asked(campaign)).code,
        source=source.strip(),
        mapping=mapping,
        day=_day(day),
        part=part.strip(),
        name=name,
        raw=body,
    )
    taken = await import_bill(house, sent, official.login)
    if isinstance(taken, BadFile):
        flaws = [{"row": one.row, "zh": one.zh, "en": one.en} for one in taken.flaws]
        raise RefusedError(Refusal.BAD_FILE, {"flaws": flaws})
    done = accepted(taken)
    opened = 0
    span = days_between(done.first_day, done.last_day)[-DAYS_SHOWN:]
    for each in span if done.is_new else ():
        outcome = await reconcile_day(house, done.source, each)
        opened += 0 if isinstance(outcome, Refusal) else outcome.opened_count
    counts = done.counts
    return FileTaken(
        file=done.file_id,
        is_new=done.is_new,
        first_day=day_number(done.first_day),
        last_day=day_number(done.last_day),
        line_count=done.line_count,
        new_count=counts.new_count,
        same_count=counts.same_count,
        changed_count=counts.changed_count,
        withdrawn_count=counts.withdrawn_count,
        opened_count=opened,
    )


def _day(number: int | None) -> date | None:
    try:
        return None if number is None else day_from_number(number)
    except ValueError as error:
        raise RefusedError(Refusal.MALFORMED, {"reason": "there is no such day"}) from error


ROUTES = (list_days, list_cases, get_case, get_choices, post_owner, post_closing, post_file)
