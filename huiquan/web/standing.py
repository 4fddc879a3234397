"""A house that is behind writes nothing and says nothing of vouchers.  启动核对

Before a web process answers anyone, signers and witnesses are asked whether its database is the
newest; the rounds process goes on asking. If nobody answers, entering goes on (nothing can be
sealed without the signers); if anyone holds more than this database, every lane is stopped before
the first person is let in. From then on every door that writes refuses: what was redeemed after the
copy was made stands in nobody's row any more, and could be redeemed again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request

from huiquan.actions.compare_standing import compare_standing
from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.views.draws import campaigns_in_play
from huiquan.views.standing import open_gaps
from huiquan.web.answers import RefusedError

LOOK_S = 1.0
READING = frozenset(("GET", "HEAD", "OPTIONS"))
# Signing in writes nothing. Of entering the lanes decide, in the transaction that would enter.
OPEN_ALL_THE_SAME = ("/sessions", "/api/v1/draws")
# Whoever asks here acts on the answer, and what was forgotten would look as if it had never been.
NOT_EVEN_READING = ("/api/v1/till/", "/acquirer/", "/orders/", "/api/v1/vouchers")


class Gaps:
    """Whether the database is known to be behind or forked, at most a second old."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.are_open = False

    async def look(self) -> None:
        """Ask again. Raises what a database that is away raises."""
        self.are_open = bool(await open_gaps(self._app))


async def refuse_while_behind(request: Request[Any, Any, Any]) -> None:
    """Refuse HOUSE_BEHIND to whoever would write, or rely on what a database has forgotten."""
    gaps: Gaps = request.app.state.gaps
    path, would_write = request.url.path, request.method not in READING
    if not gaps.are_open or path.endswith(OPEN_ALL_THE_SAME):
        return
    if would_write or path.startswith(NOT_EVEN_READING):
        raise RefusedError(Refusal.HOUSE_BEHIND)


@asynccontextmanager
async def standing_compared(site: Litestar) -> AsyncIterator[None]:
    """Compare every campaign with what signers and witnesses hold, then open, and go on looking."""
    app: App = site.state.house
    for campaign in await campaigns_in_play(app):
        standing = await compare_standing(app, campaign)
        for gap in standing.gaps:
            site.state.log.error("the house is behind", kind=gap.kind, gap=gap.en, who=gap.who)
    await site.state.gaps.look()
    looking = asyncio.create_task(_keep_looking(site))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _keep_looking(site: Litestar) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await site.state.gaps.look()
        except Exception as error:
            site.state.log.warning("the standing could not be read again", error=repr(error))
