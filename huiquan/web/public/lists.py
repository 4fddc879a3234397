"""Published lists: which numbers won, until when to object, and what came of objections.  公示"""

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter

from huiquan.domain.refusals import Refusal
from huiquan.views.lists import list_of_day
from huiquan.web.answers import RefusedError, accepted
from huiquan.web.callers import House
from huiquan.web.wire import Wire, shanghai

AskedDay = Annotated[int, Parameter(ge=20_000_101, le=99_991_231)]
Code = Annotated[str, Parameter(max_length=200)]


class ListedWin(Wire):
    """One win under its number; voided is the published reason if an objection ended it."""

    draw_no: str
    tier: int
    face_fen: int
    voided: str | None


class PublishedListPage(Wire):
    """A drawn list while it is published for objections, and afterwards."""

    day: int
    entries: int
    published_at: datetime
    objections_until: datetime
    issued_at: datetime | None
    wins: list[ListedWin]


@get(
    "/api/v1/public/lists/{campaign:str}/{day:int}",
    operation_id="getList",
    summary="A published list",
    tags=["public"],
    response_headers=[ResponseHeader(name="Cache-Control", value="public, max-age=60")],
)
async def get_list(house: House, campaign: Code, day: AskedDay) -> PublishedListPage:
    """Every winning number of a list; names and documents are nowhere in it."""
    if not campaign.isprintable():
        raise RefusedError(Refusal.UNKNOWN_CAMPAIGN)
    shown = accepted(await list_of_day(house, campaign, day))
    published = shown.published
    return PublishedListPage(
        day=day,
        entries=shown.entries,
        published_at=shanghai(published.published_at),
        objections_until=shanghai(published.objections_until),
        issued_at=shanghai(published.issued_at) if published.issued_at else None,
        wins=[
            ListedWin(draw_no=one.draw_no, tier=one.tier, face_fen=one.face_fen, voided=one.voided)
            for one in shown.wins
        ],
    )


ROUTES = (get_list,)
