"""The newest final rounds of each lane, in memory: an outcome is looked up here first.  近期轮次"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from huiquan.app import App
from huiquan.views.outcome_batches import FinalRound, finals_after

KEPT_ROUNDS = 2048
KEPT_OF_A_LANE = 8


@dataclass
class LaneRounds:
    """Neighbouring final rounds of one lane, up to the newest that is known."""

    rounds: list[FinalRound] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The newest known round; -1 before the first."""
        return self.rounds[-1].seq if self.rounds else -1

    @property
    def next_idx(self) -> int:
        """The first entry that is not drawn yet, as far as is known; 0 before the first round."""
        return self.rounds[-1].next_idx if self.rounds else 0

    def find(self, idx: int) -> FinalRound | None:
        """The round that holds this entry, if it is one of these."""
        at = bisect_right(self.rounds, idx, key=lambda one: one.first_idx) - 1
        return self.rounds[at] if at >= 0 and idx < self.rounds[at].next_idx else None

    def take(self, newer: Sequence[FinalRound], most: int) -> None:
        """Take up newer rounds and keep the newest `most`; after a gap only the newer are kept."""
        if newer and newer[0].seq != self.seq + 1:
            self.rounds.clear()
        self.rounds.extend(newer)
        del self.rounds[:-most]


class RecentRounds:
    """The lanes of one campaign as this process knows them."""

    def __init__(self, app: App, campaign_id: int, lanes: int) -> None:
        self._app = app
        self._campaign_id = campaign_id
        self._kept = max(KEPT_OF_A_LANE, KEPT_ROUNDS // lanes)
        self._lanes: dict[int, LaneRounds] = {}

    def of_lane(self, lane: int) -> LaneRounds:
        """The rounds of one lane."""
        return self._lanes.setdefault(lane, LaneRounds())

    async def look(self, lanes: Collection[int]) -> None:
        """Read what has become final in these lanes since the last look."""
        known = {lane: self.of_lane(lane).seq for lane in lanes}
        found = await finals_after(self._app, self._campaign_id, known, self._kept)
        for lane, newer in found.items():
            # Two looks may cross: what is known by now is not taken twice.
            rounds = self.of_lane(lane)
            rounds.take([one for one in newer if one.seq > rounds.seq], self._kept)
