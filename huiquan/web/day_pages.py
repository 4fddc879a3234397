"""The public days in the memory of each web process: anyone asks, so the tables are asked seldom.

A day is counted forwards, round by round, by one task for everyone who looks; what was counted is
kept, so each entry is read once. What may change is read again after five seconds; a closed day
changes no more. Whoever looks while a large day is being counted sees how far that has come.
公开日页缓存
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.days import day_number, day_of
from huiquan.domain.refusals import Refusal
from huiquan.domain.win_rates import DayTally
from huiquan.views.campaigns import DayCounts, day_counts
from huiquan.views.day_files import PublishedDay, published_day
from huiquan.views.public_days import (
    DayConfig,
    DayLine,
    LogHead,
    config_of_day,
    count_next,
    day_line,
    days_with_config,
    log_head,
)

FRESH_S = 5.0
COUNT_WITHIN_S = 2.0


@dataclass(kw_only=True)
class DayFacts:
    """What this process knows of one day; files is None until the day is published as a folder."""

    line: DayLine
    config: DayConfig
    counts: DayCounts
    head: LogHead | None = None
    files: PublishedDay | None = None
    tally: DayTally = field(default_factory=DayTally)
    counting: asyncio.Task[None] | None = None
    asked_at: float = float("-inf")


class DayPages:
    """Every day that somebody looked at."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._days: dict[tuple[int, int], DayFacts] = {}
        self._closed: dict[tuple[int, int], DayCounts] = {}
        self._lists: dict[int, tuple[float, list[tuple[DayLine, DayCounts]]]] = {}
        self._held = asyncio.Lock()

    async def list_days(self, campaign: Campaign) -> list[tuple[DayLine, DayCounts]]:
        """The days up to tomorrow with how many entered and won, the newest first."""
        async with self._held:
            read_at, shown = self._lists.get(campaign.campaign_id, (float("-inf"), []))
            if self._is_old(read_at):
                until = day_number(day_of(self._app.clock()) + timedelta(days=1))
                lines = await days_with_config(self._app, campaign.campaign_id)
                upto = [line for line in reversed(lines) if line.day <= until]
                shown = [(line, await self._counts(campaign, line)) for line in upto]
                self._lists[campaign.campaign_id] = (_now(), shown)
            return shown

    async def facts(self, campaign: Campaign, day: int) -> DayFacts | Refusal:
        """One day. Refuses NOT_FOUND for a day without a config."""
        key = (campaign.campaign_id, day)
        async with self._held:
            known = self._days.get(key)
            if known is None or self._is_old(known.asked_at):
                line = await day_line(self._app, campaign.campaign_id, day)
                if isinstance(line, Refusal):
                    return line
                known = await self._read(campaign, line, known)
                self._days[key] = known
        if known.counting is not None:
            await asyncio.wait({known.counting}, timeout=COUNT_WITHIN_S)
        return known

    async def _read(self, campaign: Campaign, line: DayLine, known: DayFacts | None) -> DayFacts:
        """What may have changed since. Until a day begins, another config may take its place."""
        if known is None or line.day > day_number(day_of(self._app.clock())):
            config = await config_of_day(self._app, campaign.campaign_id, line.day)
            known = DayFacts(line=line, config=config, counts=await self._counts(campaign, line))
        is_counted = known.line.is_closed and _has_counted(known.counting)
        known.line = line
        known.head = await log_head(self._app, campaign.campaign_id)
        known.counts = await self._counts(campaign, line)
        if not is_counted and (known.counting is None or known.counting.done()):
            known.counting = asyncio.create_task(self._count(campaign, line.day, known.tally))
        if known.files is None:
            known.files = await asyncio.to_thread(published_day, self._app, campaign.code, line.day)
        known.asked_at = _now()
        return known

    async def _count(self, campaign: Campaign, day: int, tally: DayTally) -> None:
        while True:
            more = await count_next(self._app, campaign.campaign_id, day, tally.next_idx)
            if not more.rounds:
                return
            tally.add(more.rounds, more.groups)

    async def _counts(self, campaign: Campaign, line: DayLine) -> DayCounts:
        key = (campaign.campaign_id, line.day)
        if key in self._closed:
            return self._closed[key]
        counts = await day_counts(self._app, campaign.campaign_id, line.day)
        if line.is_closed:
            self._closed[key] = counts
        return counts

    def _is_old(self, read_at: float) -> bool:
        return _now() - read_at >= FRESH_S


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has_counted(counting: asyncio.Task[None] | None) -> bool:
    """True if a count came to its end; one that failed is begun again at the next look."""
    if counting is None or not counting.done() or counting.cancelled():
        return False
    return counting.exception() is None
