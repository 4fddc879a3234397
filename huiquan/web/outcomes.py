"""What did I draw? Answered from memory, and held until the round is final.  摇号结果

A person's entry is read together with those of all who ask meanwhile; the round stands in memory;
the outcome is computed, as anyone can; and only a kept win reads its voucher.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.lottery import Outcome, Tables, outcome_at
from huiquan.domain.refusals import Refusal
from huiquan.views.list_outcomes import is_list, list_draw_of_day
from huiquan.views.outcome_batches import (
    Entered,
    FinalRound,
    Person,
    Place,
    entries_of,
    rounds_holding,
    tables_under,
    vouchers_won,
)
from huiquan.views.outcomes import DrawView, Won, draw_view
from huiquan.web.callers import ConsumerCaller
from huiquan.web.campaign_cache import CampaignCache
from huiquan.web.gathering import Gathering, GatheringFullError
from huiquan.web.recent_rounds import RecentRounds
from huiquan.web.wire import Wire, shanghai

WAIT_MAX_S = 5
TABLES_MAX = 256

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
        except GatheringFullError:
            return Refusal.BUSY
        return Refusal.NO_DRAW_THAT_DAY if view is None else show(view)


class CampaignOutcomes:
    """One campaign's outcomes: its recent rounds, and the reads that people share."""

    def __init__(self, app: App, campaign: Campaign) -> None:
        self.campaign = campaign
        self._app = app
        number = campaign.campaign_id
        self._rounds = RecentRounds(app, number, campaign.lanes)
        self._entries: Gathering[Person, Entered] = Gathering(partial(entries_of, app, number))
        self._older: Gathering[Place, FinalRound] = Gathering(partial(rounds_holding, app, number))
        self._won: Gathering[Place, Won] = Gathering(partial(vouchers_won, app, number))
        self._tables: Gathering[tuple[bytes, int], Tables] = Gathering(self._read_tables)
        self._known_tables: dict[tuple[bytes, int], Tables] = {}

    async def view(self, person: Person, wait_s: float) -> DrawView | None:
        """What a person drew on a day, waiting so long for the round; None without an entry."""
        entered = await self._entries.get(person)
        if entered is None:
            return None
        lane, idx = entered.lane, entered.idx
        drawn = await self._rounds.holding(lane, idx, wait_s)
        if drawn is None and self._rounds.is_older(lane, idx):
            drawn = await self._older.get((lane, idx))
        outcome, won = None, None
        if drawn is not None:
            outcome = await self._outcome(entered, drawn)
            if outcome.kept:
                won = await self._won.get((lane, idx))
                assert won is not None, "a kept win has its voucher"
        return draw_view(
            lane=lane,
            idx=idx,
            day=entered.day,
            pack=entered.pack,
            entered_at=entered.entered_at,
            outcome=outcome,
            won=won,
        )

    async def _outcome(self, entered: Entered, drawn: FinalRound) -> Outcome:
        key = (drawn.cfg_hash, drawn.day)
        tables = self._known_tables.get(key)
        if tables is None:
            tables = await self._tables.get(key)
            assert tables is not None
        return outcome_at(entered.idx, entered.pid, tables.get(entered.pack, ()), drawn.final)

    async def _read_tables(
        self, keys: Sequence[tuple[bytes, int]]
    ) -> Mapping[tuple[bytes, int], Tables]:
        if len(self._known_tables) >= TABLES_MAX:
            self._known_tables.clear()
        for cfg_hash, day in keys:
            tables = await tables_under(self._app, self.campaign, cfg_hash, day)
            self._known_tables[cfg_hash, day] = tables
        return self._known_tables


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
