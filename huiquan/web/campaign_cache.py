"""The campaigns in force, kept in the memory of each web process.  活动缓存

What is published begins to act hours later, so a value that is two seconds old still knows what is
in force now. Counters are asked of the database at most once a second, however many look.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from litestar import Litestar

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.refusals import Refusal
from huiquan.views.campaigns import (
    DayCounts,
    campaigns_in_force,
    day_counts,
    publication_mark,
)
from huiquan.views.public_log import Notice, standing_notices

FRESH_S = 2.0
COUNTS_S = 1.0

T = TypeVar("T")
Asked = tuple[str, int, int]
"""What is asked, of which campaign, and of which day if it is of a day."""


class CampaignCache:
    """Every campaign by its number and by its code."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._by_id: dict[int, Campaign] = {}
        self._mark: tuple[int, ...] = ()
        self._refreshing: tuple[float, asyncio.Task[None] | None] = (0.0, None)
        self._asked: dict[Asked, tuple[float, asyncio.Task[Any]]] = {}

    def by_id(self, campaign_id: int) -> Campaign | None:
        """The campaign with this number, or None."""
        return self._by_id.get(campaign_id)

    def by_code(self, code: str) -> Campaign | None:
        """The campaign with this code, or None."""
        return next((one for one in self._by_id.values() if one.code == code), None)

    def named(self, code: str) -> Campaign | Refusal:
        """The campaign with this code.

        Refuses UNKNOWN_CAMPAIGN, and BUSY while a young process has not read any campaign yet.
        """
        if not self._mark:
            return Refusal.BUSY
        return self.by_code(code) or Refusal.UNKNOWN_CAMPAIGN

    def asked(self, campaign_id: int | None) -> Campaign | Refusal:
        """The campaign with this number, or the house's own; refuses as `named` does."""
        if not self._mark:
            return Refusal.BUSY
        if campaign_id is None:
            return self.named(self._app.settings.campaign)
        return self.by_id(campaign_id) or Refusal.UNKNOWN_CAMPAIGN

    async def refresh(self) -> None:
        """Read the campaigns again if anything was published since."""
        mark = await publication_mark(self._app)
        if mark != self._mark:
            found = await campaigns_in_force(self._app)
            self._by_id = {one.campaign_id: one for one in found}
            self._mark = mark

    async def refresh_soon(self) -> None:
        """Read again now what may have changed since; once a second for everyone who waits."""
        now = asyncio.get_running_loop().time()
        asked_at, task = self._refreshing
        if task is None or (task.done() and now - asked_at >= COUNTS_S):
            task = asyncio.create_task(self.refresh())
            self._refreshing = (now, task)
        await asyncio.shield(task)

    async def counts(self, campaign_id: int, day: int) -> DayCounts:
        """How many entered and won on a day, at most a second old; asked once for all who wait."""
        return await self._recent(
            ("counts", campaign_id, day), lambda: day_counts(self._app, campaign_id, day)
        )

    async def standing_notices(self, campaign_id: int) -> Sequence[Notice]:
        """What the public is told of the draw and still is so; as fresh, and asked as seldom."""
        return await self._recent(
            ("notices", campaign_id, 0), lambda: standing_notices(self._app, campaign_id)
        )

    async def _recent(self, key: Asked, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """An answer at most a second old; one question for all who wait for it."""
        now = asyncio.get_running_loop().time()
        asked_at, task = self._asked.get(key, (0.0, None))
        if task is None or now - asked_at >= COUNTS_S or (task.done() and task.exception()):
            task = asyncio.create_task(ask())
            self._asked = {
                other: kept for other, kept in self._asked.items() if now - kept[0] < COUNTS_S
            }
            self._asked[key] = (now, task)
        answer: T = await asyncio.shield(task)
        return answer


@asynccontextmanager
async def campaigns_kept_fresh(site: Litestar) -> AsyncIterator[None]:
    """While the site is open, its campaigns are read again every two seconds."""
    keeping = asyncio.create_task(_keep_fresh(site))
    await _refresh(site)
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep_fresh(site: Litestar) -> None:
    while True:
        await asyncio.sleep(FRESH_S)
        await _refresh(site)


async def _refresh(site: Litestar) -> None:
    """A database that is away leaves the campaigns as they were known."""
    try:
        await site.state.campaigns.refresh()
    except Exception as error:
        site.state.log.warning("campaigns could not be read again", error=repr(error))
