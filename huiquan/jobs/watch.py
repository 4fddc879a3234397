"""Keeping watch: is everyone there, and do they hold what this house holds.  值守

Asked every two seconds by the rounds process. Nothing is sealed before notary and auditor were
compared with once; who is away for 5 seconds is an alarm, and after 10 minutes the public is told.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from huiquan.actions.compare_standing import Standing, compare_standing, note_absences
from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.standing import SIGNERS

WATCH_S = 2.0
ALARM_AFTER = timedelta(seconds=5)

log = structlog.get_logger("huiquan.watch")


@dataclass
class Watch:
    """What the watch remembers: since when each is silent, and whether a start is cleared."""

    app: App
    silent_since: dict[str, datetime] = field(default_factory=dict)
    compared: set[int] = field(default_factory=set)

    def may_go_on(self, campaign_id: int) -> bool:
        """True once both signers were compared with since this process began."""
        return campaign_id in self.compared


async def look_once(watch: Watch, campaign: Campaign) -> Standing:
    """Compare once, say aloud what is wrong, and keep the notices true."""
    standing = await compare_standing(watch.app, campaign)
    if standing.answered.issuperset(SIGNERS):
        watch.compared.add(campaign.campaign_id)
    for gap in standing.gaps:
        log.error("the house is behind", kind=gap.kind, gap=gap.en, gap_zh=gap.zh)
    now = watch.app.clock()
    watch.silent_since = {who: watch.silent_since.get(who, now) for who in standing.away}
    away = {who: at for who, at in watch.silent_since.items() if now - at >= ALARM_AFTER}
    for who in await note_absences(watch.app, campaign, away):
        log.error("someone is away", who=who, since=away[who].isoformat())
    return standing


async def keep_watch(
    watch: Watch, campaigns: Callable[[], Sequence[Campaign]], stop: asyncio.Event
) -> None:
    """Look again and again until told to stop."""
    while not stop.is_set():
        for campaign in campaigns():
            try:
                await look_once(watch, campaign)
            except Exception as fault:
                log.warning("the watch could not look", error=repr(fault))
        # Until the first campaign is there and compared, waiting is what delays the draw.
        is_settled = bool(watch.compared)
        try:
            await asyncio.wait_for(stop.wait(), WATCH_S if is_settled else WATCH_S / 10)
        except TimeoutError:
            continue
