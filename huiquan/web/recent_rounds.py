"""The newest final rounds of each lane, in memory: where an outcome is looked up first.  近期轮次

Whoever waits for a round waits here. One look at the tables a twentieth of a second serves all
lanes in which somebody waits, and nothing is looked at while nobody does.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from huiquan.app import App
from huiquan.views.outcome_batches import FinalRound, finals_after
from huiquan.web.gathering import Gathering

LOOK_S = 0.05
KEPT_ROUNDS = 2048
KEPT_OF_A_LANE = 8
WAITING_MAX = 20_000


@dataclass
class LaneRounds:
    """Neighbouring final rounds of one lane up to the newest, and who waits for the next ones."""

    kept_max: int
    rounds: list[FinalRound] = field(default_factory=list)
    waiting: dict[asyncio.Future[None], int] = field(default_factory=dict)

    @property
    def seq(self) -> int:
        """The newest known round; -1 before the first look."""
        return self.rounds[-1].seq if self.rounds else -1

    def find(self, idx: int) -> FinalRound | None:
        """The round that holds this entry, if it is one of these."""
        at = bisect_right(self.rounds, idx, key=lambda one: one.first_idx) - 1
        return self.rounds[at] if at >= 0 and idx < self.rounds[at].next_idx else None

    def is_older(self, idx: int) -> bool:
        """True if an entry was drawn before the oldest of these rounds."""
        return bool(self.rounds) and idx < self.rounds[0].first_idx

    def take(self, newer: Sequence[FinalRound]) -> None:
        """Take up rounds that follow; after a gap only they are kept. Wakes whom they concern."""
        if not newer:
            return
        if self.rounds and newer[0].seq != self.seq + 1:
            self.rounds.clear()
        self.rounds.extend(newer)
        del self.rounds[: -self.kept_max]
        for woken, idx in list(self.waiting.items()):
            if idx < self.rounds[-1].next_idx and not woken.done():
                woken.set_result(None)


class RecentRounds:
    """The lanes of one campaign as this process knows them."""

    def __init__(self, app: App, campaign_id: int, lanes: int) -> None:
        self._app = app
        self._campaign_id = campaign_id
        self._kept = max(KEPT_OF_A_LANE, KEPT_ROUNDS // lanes)
        self._lanes: dict[int, LaneRounds] = {}
        self._looks: Gathering[int, bool] = Gathering(self._look)
        self._follower: asyncio.Task[None] | None = None
        self._waiting = 0

    async def holding(self, lane: int, idx: int, wait_s: float) -> FinalRound | None:
        """The final round that holds an entry, waiting so long for it.

        None while it is not final, or when it is older than what is kept (`is_older`). When too
        many wait already, one more is told the present state at once.
        """
        known = self._lanes.setdefault(lane, LaneRounds(self._kept))
        found = known.find(idx)
        if found is None and not known.is_older(idx):
            await self._looks.get(lane)
            found = known.find(idx)
        if found is None and not known.is_older(idx) and wait_s > 0:
            await self._wait(known, idx, wait_s)
            found = known.find(idx)
        return found

    def is_older(self, lane: int, idx: int) -> bool:
        """True if an entry's round is older than what is kept."""
        return self._lanes[lane].is_older(idx)

    async def _wait(self, lane: LaneRounds, idx: int, wait_s: float) -> None:
        if self._waiting >= WAITING_MAX:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.waiting[woken] = idx
        self._waiting += 1
        if self._follower is None or self._follower.done():
            self._follower = asyncio.create_task(self._follow())
        try:
            await asyncio.wait([woken], timeout=wait_s)
        finally:
            del lane.waiting[woken]
            self._waiting -= 1

    async def _follow(self) -> None:
        """Look again and again while somebody waits; a fault is answered by the next look."""
        while self._waiting:
            await asyncio.sleep(LOOK_S)
            looks = [
                self._looks.get(number) for number, lane in self._lanes.items() if lane.waiting
            ]
            await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, lanes: Sequence[int]) -> Mapping[int, bool]:
        known = {lane: self._lanes[lane].seq for lane in lanes}
        found = await finals_after(self._app, self._campaign_id, known, self._kept)
        for lane, newer in found.items():
            self._lanes[lane].take(newer)
        return dict.fromkeys(lanes, True)
