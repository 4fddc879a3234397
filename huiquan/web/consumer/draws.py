"""Today's draw and the outcomes of all my days.  摇号"""

from datetime import datetime
from typing import Annotated, Any

from litestar import get, post
from litestar.datastructures import State
from litestar.params import Parameter

from huiquan.domain.receipts import entry_receipt_json, outcome_receipt_json
from huiquan.domain.refusals import Refusal
from huiquan.views.list_outcomes import is_list, list_draw_of_day, list_draws_of_person
from huiquan.views.outcomes import DrawView, draw_of_day, draws_of_person, receipt_of_day
from huiquan.web.answers import NO_STORE, RefusedError, accepted
from huiquan.web.callers import SECURITY, Campaigns, Consumer, House
from huiquan.web.rush import PATH, Entering
from huiquan.web.wire import Wire, shanghai

AskedDay = Annotated[int, Parameter(ge=20_000_101, le=99_991_231)]


class ShownReceipt(Wire):
    """The signed promise that this entry will be drawn (参与凭证); promise in seconds."""

    day: int
    lane: int
    idx: int
    entry: str
    cfg_hash: str
    entered_at: datetime
    promise: int
    signature: str
    platform_key: str


class ShownDraw(Wire):
    """The outcome of my draw of one day (摇号结果)."""

    day: int
    state: str
    reason: str | None
    pack: int
    tier: int | None
    face_fen: int | None
    threshold_fen: int | None
    serial: str | None
    valid_until: datetime | None
    draw_no: str
    entered_at: datetime


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
    """The receipt of today's entry; asked again with the same key, the same receipt."""
    receipt = accepted(await state.rush.enter(consumer, data))
    fields = entry_receipt_json(receipt)
    fields["entered_at"] = datetime.fromisoformat(fields["entered_at"])
    return ShownReceipt(**fields)


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
    tags=["consumer"],
    security=SECURITY,
    response_headers=[NO_STORE],
)
async def get_draw(
    house: House, campaigns: Campaigns, consumer: Consumer, day: AskedDay
) -> ShownDraw:
    """What I drew on a day; pending until its round is signed and drawn."""
    campaign = accepted(campaigns.asked(consumer.campaign_id))
    of_day = list_draw_of_day if is_list(campaign) else draw_of_day
    return _shown(accepted(await of_day(house, campaign, consumer.lane, consumer.pid, day)))


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


def _shown(draw: DrawView) -> ShownDraw:
    won = draw.won
    return ShownDraw(
        day=draw.day,
        state=draw.state,
        reason=draw.reason,
        pack=draw.pack,
        tier=won.tier if won else None,
        face_fen=won.face_fen if won else None,
        threshold_fen=won.threshold_fen if won else None,
        serial=won.serial if won else None,
        valid_until=shanghai(won.valid_until) if won else None,
        draw_no=draw.draw_no,
        entered_at=shanghai(draw.entered_at),
    )


ROUTES = (enter_draw, list_draws, get_draw, get_draw_receipt)
