"""What did I draw? Answered from memory, and held until the round is final.  摇号结果

A person's entry is known from a moment ago, or read together with those of all who ask meanwhile;
the round stands in memory; the outcome is computed, as anyone can; only a kept win reads its
voucher.
"""

import asyncio
from datetime import datetime

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.refusals import Refusal
from huiquan.views.list_outcomes import is_list, list_draw_of_day
from huiquan.views.outcome_batches import Person
from huiquan.views.outcomes import DrawView
from huiquan.web.callers import ConsumerCaller
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.campaign_outcomes import CampaignOutcomes, Heard
from huiquan.web.recent_entries import RecentEntries
from huiquan.web.wire import Wire, shanghai

WAIT_MAX_S = 5


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


class Outcomes:
    """Outcomes of every campaign, for one web process."""

    def __init__(self, app: App, campaigns: CampaignCache, recent: RecentEntries) -> None:
        self._app = app
        self._campaigns = campaigns
        self._recent = recent
        self._by_campaign: dict[int, CampaignOutcomes] = {}
        self._lists: set[asyncio.Task[None]] = set()

    def ask(self, campaign_id: int, person: Person, wait_s: float, hear: Heard) -> None:
        """Tell what a person drew on a day, held up to wait_s until it is final.

        Heard is the draw, a fault, or UNKNOWN_CAMPAIGN, NO_DRAW_THAT_DAY, and BUSY when too many
        ask. On a list there is nothing to be held for.
        """
        campaign = self._campaigns.asked(campaign_id)
        if isinstance(campaign, Refusal):
            hear(campaign)
        elif is_list(campaign):
            asking = asyncio.create_task(_ask_list(self._app, campaign, person, hear))
            self._lists.add(asking)
            asking.add_done_callback(self._lists.discard)
        else:
            self._of(campaign).ask(person, min(wait_s, WAIT_MAX_S), hear)

    async def shown(self, caller: ConsumerCaller, day: int, wait_s: float) -> ShownDraw | Refusal:
        """The same for one who waits for it; raises the fault."""
        answer: asyncio.Future[DrawView | Refusal] = asyncio.get_running_loop().create_future()

        def hear(found: DrawView | Refusal | Exception) -> None:
            if answer.done():
                return
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        self.ask(caller.campaign_id, (caller.lane, caller.pid, day), wait_s, hear)
        found = await answer
        return found if isinstance(found, Refusal) else show(found)

    def _of(self, campaign: Campaign) -> CampaignOutcomes:
        known = self._by_campaign.get(campaign.campaign_id)
        if known is None:
            known = CampaignOutcomes(self._app, campaign, self._recent)
            self._by_campaign[campaign.campaign_id] = known
        known.campaign = campaign
        return known


async def _ask_list(app: App, campaign: Campaign, person: Person, hear: Heard) -> None:
    """What came of a sign-up, from the tables."""
    lane, pid, day = person
    try:
        hear(await list_draw_of_day(app, campaign, lane, pid, day))
    except Exception as fault:
        hear(fault)


def show(draw: DrawView) -> ShownDraw:
    """A draw as it is told."""
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
