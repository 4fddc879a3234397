"""Before a web process answers anyone, it asks whether its database is the newest.  启动核对

Signers and witnesses are asked once, at the start; the rounds process goes on asking. If nobody
answers, entering goes on (nothing can be sealed without the signers); if anyone holds more than
this database, every lane is stopped before the first person is let in.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from huiquan.actions.compare_standing import compare_standing
from huiquan.app import App
from huiquan.views.draws import campaigns_in_play


@asynccontextmanager
async def standing_compared(site: Litestar) -> AsyncIterator[None]:
    """Compare every campaign with what signers and witnesses hold, then open."""
    app: App = site.state.house
    for campaign in await campaigns_in_play(app):
        standing = await compare_standing(app, campaign)
        for gap in standing.gaps:
            site.state.log.error("the house is behind", kind=gap.kind, gap=gap.en, who=gap.who)
    yield
