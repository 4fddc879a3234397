"""Disputes at the console: what merchants say is wrong, and what they are answered.  结算异议"""

from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from huiquan.actions.answer_dispute import WORDS_MAX, answer_dispute
from huiquan.domain.lists import Verdict
from huiquan.views import statements
from huiquan.web.answers import accepted
from huiquan.web.callers import House, Staff
from huiquan.web.console.doors import deed, page
from huiquan.web.console.money import payer
from huiquan.web.statement_slips import DisputePage, shown_dispute
from huiquan.web.wire import Wire

PATH = "/api/v1/console/disputes"


class Answering(Wire):
    """The answer, which the merchant reads."""

    verdict: Verdict
    words: Annotated[str, Meta(min_length=1, max_length=WORDS_MAX)]


class Answered(Wire):
    """How it was decided."""

    verdict: Verdict


@page(PATH, operation_id="listDisputes", summary="Disputes")
async def list_disputes(house: House, official: Staff) -> DisputePage:
    """Disputes of all merchants, those without an answer first."""
    payer(official)
    return DisputePage(items=[shown_dispute(one) for one in await statements.open_disputes(house)])


@deed(PATH + "/{dispute:int}/answer", operation_id="answerDispute", summary="Answer a dispute")
async def answer(
    dispute: Annotated[int, Parameter(ge=1, le=2**53)],
    data: Answering,
    house: House,
    official: Staff,
) -> Answered:
    """Once, with a reason."""
    payer(official)
    done = await answer_dispute(house, dispute, data.verdict, data.words, official.staff_id)
    return Answered(verdict=accepted(done))


ROUTES = (list_disputes, answer)
