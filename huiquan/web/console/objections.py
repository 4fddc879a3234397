"""Objections to the wins of a list: read, and decided by two people.  异议裁定"""

from datetime import datetime
from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.decide_objection import decide_objection
from huiquan.domain.lists import Verdict
from huiquan.domain.refusals import Refusal
from huiquan.domain.roles import may_decide_objections
from huiquan.views.objections import Decision, FiledObjection, objections_of
from huiquan.views.people import Official
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.wire import Wire, shanghai

AskedCampaign = Annotated[int, Parameter(query="campaign", ge=1, le=32_767)]
AskedObjection = Annotated[int, Parameter(ge=1, le=2**63 - 1)]


class ObjectionDecider(Wire):
    """Who decided, and when."""

    by: str
    at: datetime


class ObjectionLine(Wire):
    """One objection; `first` and `second` are null until they have decided."""

    objection: int
    day: int
    draw_no: str
    face_fen: int
    filed_at: datetime
    filed_by: str
    grounds: str
    objections_until: datetime
    issued_at: datetime | None
    verdict: Verdict | None
    reason: str | None
    first: ObjectionDecider | None
    second: ObjectionDecider | None


class ObjectionPage(Wire):
    """Objections."""

    items: list[ObjectionLine]


class ObjectionDecision(Wire):
    """One person's decision; the reason is published if the win ends."""

    verdict: Verdict
    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class ObjectionDecided(Wire):
    """How far it is: final once two people have said the same."""

    objection: int
    is_final: bool


@page(
    "/api/v1/console/objections",
    operation_id="listObjections",
    summary="Objections to the wins of a list",
)
async def list_objections(house: House, official: Staff, campaign: AskedCampaign) -> ObjectionPage:
    """Those that wait first; not for officials of one city."""
    _may_decide(official)
    return ObjectionPage(items=[_line(one) for one in await objections_of(house, campaign)])


@deed(
    "/api/v1/console/objections/{objection:int}/decisions",
    operation_id="decideObjection",
    summary="Decide an objection, as one of two people",
    status_code=200,
)
async def decide(
    data: ObjectionDecision, house: House, official: Staff, objection: AskedObjection
) -> ObjectionDecided:
    """The second person's, if it is the same, makes it final."""
    _may_decide(official)
    by = f"staff:{official.staff_id}"
    told = await decide_objection(house, objection, data.verdict, data.reason.strip(), by)
    return ObjectionDecided(objection=objection, is_final=accepted(told).is_final)


def _may_decide(official: Official) -> None:
    if not may_decide_objections(official.role):
        raise RefusedError(Refusal.FORBIDDEN)


def _line(one: FiledObjection) -> ObjectionLine:
    return ObjectionLine(
        objection=one.objection_id,
        day=one.day,
        draw_no=one.draw_no,
        face_fen=one.face_fen,
        filed_at=shanghai(one.filed_at),
        filed_by=one.filed_by,
        grounds=one.grounds,
        objections_until=shanghai(one.objections_until),
        issued_at=shanghai(one.issued_at) if one.issued_at else None,
        verdict=one.verdict,
        reason=one.reason,
        first=_decided(one.first),
        second=_decided(one.second),
    )


def _decided(decision: Decision | None) -> ObjectionDecider | None:
    return ObjectionDecider(by=decision.by, at=shanghai(decision.at)) if decision else None


ROUTES = (list_objections, decide)
