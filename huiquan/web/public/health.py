"""Whether this process lives, and whether it can work.  健康检查"""

import asyncio

from litestar import get

from huiquan.domain.refusals import Refusal
from huiquan.views.standing import open_gaps
from huiquan.web.answers import RefusedError
from huiquan.web.callers import House
from huiquan.web.wire import Wire

READY_WITHIN_S = 2.0


class Health(Wire):
    """A short word."""

    status: str


@get("/healthz", operation_id="getHealth", summary="The process lives", tags=["public"])
async def get_health() -> Health:
    """Answered without asking anybody."""
    return Health(status="alive")


@get(
    "/readyz",
    operation_id="getReadiness",
    summary="The database answers and is not behind",
    tags=["public"],
)
async def get_readiness(house: House) -> Health:
    """503 while the database is away, takes longer than whoever asks would wait, or is behind.

    A database that holds less than signers and witnesses answers nobody; the gaps are named.
    """
    async with asyncio.timeout(READY_WITHIN_S):
        gaps = await open_gaps(house)
    if gaps:
        raise RefusedError(Refusal.HOUSE_BEHIND, {"gaps": gaps})
    return Health(status="ready")


ROUTES = (get_health, get_readiness)
