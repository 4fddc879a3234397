"""Whether this process lives, and whether it can work.  健康检查"""

import asyncio

from litestar import get

from huiquan.views.campaigns import ask_database
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


@get("/readyz", operation_id="getReadiness", summary="The database answers", tags=["public"])
async def get_readiness(house: House) -> Health:
    """503 while the database is away, or takes longer than whoever asks would wait."""
    async with asyncio.timeout(READY_WITHIN_S):
        await ask_database(house)
    return Health(status="ready")


ROUTES = (get_health, get_readiness)
