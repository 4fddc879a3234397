"""Today's draw and the outcomes of all my days.  摇号"""

from datetime import datetime
from typing import Annotated, Any

from litestar import get, post
from litestar.datastructures import State
from litestar.params import Parameter

from huiquan.domain.receipts import entry_receipt_json, outcome_receipt_json
from huiquan.domain.refusals import Refusal
from huiquan.domain.work import Task
from huiquan.views.list_outcomes import is_list, list_draws_of_person
from huiquan.views.outcomes import draws_of_person, receipt_of_day
from huiquan.web.answers import NO_STORE, RefusedError, accepted
from huiquan.web.callers import SECURITY, Campaigns, Consumer, House
from huiquan.web.outcomes import WAIT_MAX_S, ShownDraw
from huiquan.web.rush import Entering
from huiquan.web.rush_refusals import PATH
from huiquan.web.wire import Wire

AskedDay = Annotated[int, Parameter(ge=20_000_101, le=99_991_231)]

AskedWait = Annotated[int, Parameter(ge=0, le=WAIT_MAX_S)]


class ShownReceipt(Wire):
    """The signed promise that this entry will be drawn (参与凭证); promise in seconds.

    The signature covers everyone answered at once; path leads from this entry's statement there.
    """

    day: int
    lane: int
    idx: int
    entry: str
    cfg_hash: str
    entered_at: datetime
    promise: int
    index: int
    size: int
    path: list[str]
    signature: str
    platform_key: str


class DrawLine(Wire):
    """One day in my list of draws."""

    day: int
    pack: int
    state: str
    face_fen: int | None
    serial: str | None


class DrawPage(Wire):
    """My draws, newest first; all of them fit on one page."""

    items: list[DrawLine]
    next: str | None = None


@post(
    PATH,
    operation_id="enterDraw",
    summary="Enter today's draw",
    description="In production this address is answered by the rush door in front of the site.",
    tags=["consumer"],
    security=SECURITY,
    status_code=200,
    response_headers=[NO_STORE],
)
async def enter_draw(state: State, consumer: Consumer, data: Entering) -> ShownReceipt:
    """The receipt of today's entry; asked again with the same key, one of the same statement."""
    receipt = accepted(await state.rush.enter(consumer, data))
    fields = entry_receipt_json(receipt)
    fields["entered_at"] = datetime.fromisoformat(fields["entered_at"])
    return ShownReceipt(**fields)


@get(
    "/api/v1/draw-task",
    operation_id="getDrawTask",
    summary="Work to do before a tap",
    description="Asked for when a tap was refused with work_needed; the protocol is ALTCHA's, v1.",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_draw_task(state: State, campaigns: Campaigns, consumer: Consumer) -> Task:
    """A number to be found for me and today (工作量证明)."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    task: Task = state.rush.set_task(campaign, consumer.pid)
    return task


@get(
    PATH,
    operation_id="listDraws",
    summary="My draws",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def list_draws(house: House, campaigns: Campaigns, consumer: Consumer) -> DrawPage:
    """Every day I entered, with what came of it."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    of_person = list_draws_of_person if is_list(campaign) else draws_of_person
    found = await of_person(house, campaign, consumer.lane, consumer.pid)
    lines = [
        DrawLine(
            day=one.day,
            pack=one.pack,
            state=one.state,
            face_fen=one.won.face_fen if one.won else None,
            serial=one.won.serial if one.won else None,
        )
        for one in found
    ]
    return DrawPage(items=lines)


@get(
    f"{PATH}/{{day:int}}",
    operation_id="getDraw",
    summary="The outcome of one day",
    description="Given `wait`, it holds the answer up to so many seconds until it is there.",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_draw(
    state: State, consumer: Consumer, day: AskedDay, wait: AskedWait = 0
) -> ShownDraw:
    """What I drew on a day; pending until its round is signed and drawn. (R1.3)"""
    shown: ShownDraw | Refusal = await state.outcomes.shown(consumer, day, wait)
    return accepted(shown)


@get(
    f"{PATH}/{{day:int}}/receipt",
    operation_id="getDrawReceipt",
    summary="The outcome receipt",
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_draw_receipt(
    house: House, campaigns: Campaigns, consumer: Consumer, day: AskedDay
) -> dict[str, Any]:
    """All that is needed to check the outcome of a day without us."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    receipt = accepted(await receipt_of_day(house, campaign, consumer.lane, consumer.pid, day))
    if receipt is None:
        raise RefusedError(Refusal.NOT_YET_DRAWN)
    return outcome_receipt_json(receipt)


ROUTES = (enter_draw, get_draw_task, list_draws, get_draw, get_draw_receipt)
