"""Whether this process lives, and whether it can work.  健康检查"""

from litestar import get

from huiquan.views.campaigns import database_answers
from huiquan.web.callers import House
from huiquan.web.wire import Wire


class Health(Wire):
    """A short word."""

    status: str


@get("/healthz", operation_id="getHealth", summary="The process lives", tags=["public"])
async def get_health() -> Health:
    """Answered without asking anybody."""
    return Health(status="alive")


@get("/readyz", operation_id="getReadiness", summary="The database answers", tags=["public"])
async def get_readiness(house: House) -> Health:
    """503 while the database is away."""
    return Health(status="ready" if await database_answers(house) else "waiting")


ROUTES = (get_health, get_readiness)
