"""What did I draw? Answered from memory, and held until the round is final.  摇号结果

A person's entry is read together with those of all who ask meanwhile; the round stands in memory;
the outcome is computed, as anyone can; and only a kept win reads its voucher.
"""

from datetime import datetime

import msgspec

from huiquan.app import App
from huiquan.domain.refusals import Refusal
from huiquan.views.list_outcomes import is_list, list_draw_of_day
from huiquan.views.outcomes import DrawView
from huiquan.web.callers import ConsumerCaller
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.campaign_outcomes import CampaignOutcomes, FullError
from huiquan.web.wire import Wire, shanghai

WAIT_MAX_S = 5

_encode = msgspec.json.Encoder().encode


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

    def __init__(self, app: App, campaigns: CampaignCache) -> None:
        self._app = app
        self._campaigns = campaigns
        self._by_campaign: dict[int, CampaignOutcomes] = {}

    async def outcome(self, caller: ConsumerCaller, day: int, wait_s: float) -> bytes | Refusal:
        """The answer of `GET /api/v1/draws/{day}` as JSON, held up to wait_s until it is final.

        Refuses UNKNOWN_CAMPAIGN, NO_DRAW_THAT_DAY, and BUSY when too many ask.
        """
        shown = await self.shown(caller, day, wait_s)
        return shown if isinstance(shown, Refusal) else _encode(shown)

    async def shown(self, caller: ConsumerCaller, day: int, wait_s: float) -> ShownDraw | Refusal:
        """The same before it is written down; on a list there is nothing to be held for."""
        campaign = self._campaigns.asked(caller.campaign_id)
        if isinstance(campaign, Refusal):
            return campaign
        if is_list(campaign):
            listed = await list_draw_of_day(self._app, campaign, caller.lane, caller.pid, day)
            return listed if isinstance(listed, Refusal) else show(listed)
        known = self._by_campaign.get(campaign.campaign_id)
        if known is None:
            known = CampaignOutcomes(self._app, campaign)
            self._by_campaign[campaign.campaign_id] = known
        known.campaign = campaign
        try:
            view = await known.view((caller.lane, caller.pid, day), min(wait_s, WAIT_MAX_S))
        except FullError:
            return Refusal.BUSY
        return Refusal.NO_DRAW_THAT_DAY if view is None else show(view)


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
