"""One campaign's outcomes: what memory knows is told at once, the rest is looked up together.

    asked --entry and round are known, a miss--> told
       \\--turn: entries, new rounds and vouchers are read--> told
                           \\--not final: held--a turn finds the round--> told
                                           \\--the time is over--> told: pending

合并答复。 There is a turn each twentieth of a second while somebody waits, and it serves all of
them; otherwise nothing is looked at. Each turn serves those who came before it, so nobody is told
"pending" of a round that was final when they asked.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.lottery import Outcome, Tables, outcome_at
from huiquan.domain.refusals import Refusal
from huiquan.views.outcome_batches import (
    FinalRound,
    Person,
    entries_of,
    rounds_holding,
    tables_under,
    vouchers_won,
)
from huiquan.views.outcomes import DrawView, Entered, draw_view
from huiquan.web.recent_entries import RecentEntries
from huiquan.web.recent_rounds import RecentRounds

BATCH_MAX = 500
ASKED_MAX = 20_000
HELD_MAX = 20_000
TURN_S = 0.05
TABLES_MAX = 256

Heard = Callable[[DrawView | Refusal | Exception], None]


class Asker:
    """One who asks: who and which day, until when the answer may be held (loop time)."""

    __slots__ = ("_hear", "person", "until")

    def __init__(self, person: Person, until: float, hear: Heard) -> None:
        self.person = person
        self.until = until
        self._hear: Heard | None = hear

    def tell(self, answer: DrawView | Refusal | Exception) -> None:
        """Answer, the first time it is called."""
        hear, self._hear = self._hear, None
        if hear is not None:
            hear(answer)


class Known(NamedTuple):
    """One whose entry is known."""

    asker: Asker
    entered: Entered


class CampaignOutcomes:
    """The people who ask about one campaign, and what is known to answer them from."""

    def __init__(self, app: App, campaign: Campaign, recent: RecentEntries) -> None:
        self.campaign = campaign
        self._app = app
        self._recent = recent
        self._rounds = RecentRounds(app, campaign.campaign_id, campaign.lanes)
        self._tables: dict[tuple[bytes, int], Tables] = {}
        self._asked: list[Asker] = []
        self._held: list[Known] = []
        self._turning: asyncio.Task[None] | None = None
        self._next_turn = 0.0

    def ask(self, person: Person, wait_s: float, hear: Heard) -> None:
        """Tell what a person drew on a day, waiting so long for the round.

        Heard is the draw, NO_DRAW_THAT_DAY without an entry, BUSY when too many ask, or the fault
        that hit the turn. When too many are held already, one more is told the present state.
        """
        _, pid, day = person
        asker = Asker(person, asyncio.get_running_loop().time() + wait_s, hear)
        entered = self._recent.find(self.campaign.campaign_id, pid, day)
        if entered is not None and self._is_miss_told(asker, entered):
            return
        if len(self._asked) >= ASKED_MAX:
            asker.tell(Refusal.BUSY)
            return
        self._asked.append(asker)
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._turns())

    def _is_miss_told(self, asker: Asker, entered: Entered) -> bool:
        """Tell a miss of a known round: for that nothing has to be read."""
        drawn = self._rounds.of_lane(entered.lane).find(entered.idx)
        outcome = None if drawn is None else self._outcome(entered, drawn)
        if outcome is None or outcome.kept:
            return False
        asker.tell(draw_view(entered, outcome, None))
        return True

    def _outcome(self, entered: Entered, drawn: FinalRound) -> Outcome | None:
        """What an entry drew in its round; None while the day's tables were not read."""
        tables = self._tables.get((drawn.cfg_hash, drawn.day))
        if tables is None:
            return None
        return outcome_at(entered.idx, entered.pid, tables.get(entered.pack, ()), drawn.final)

    async def _turns(self) -> None:
        """Turn after turn while anybody waits; a fault reaches everyone of its turn."""
        time = asyncio.get_running_loop().time
        while self._asked or self._held:
            if len(self._asked) <= BATCH_MAX:
                await asyncio.sleep(self._next_turn - time())
            self._next_turn = time() + TURN_S
            asked, self._asked = self._asked[:BATCH_MAX], self._asked[BATCH_MAX:]
            held, self._held = self._held, []
            try:
                await self._turn(asked, held)
            except Exception as fault:
                for asker in (*asked, *(one.asker for one in held)):
                    asker.tell(fault)

    async def _turn(self, asked: Sequence[Asker], held: Sequence[Known]) -> None:
        waiting = [*held, *await self._entries(asked)]
        unknown = {
            entered.lane
            for _, entered in waiting
            if self._rounds.of_lane(entered.lane).next_idx <= entered.idx
        }
        if unknown:
            await self._rounds.look(unknown)
        drawn, older = [], []
        for one in waiting:
            rounds = self._rounds.of_lane(one.entered.lane)
            if rounds.next_idx <= one.entered.idx:
                self._hold(one)
            elif (found := rounds.find(one.entered.idx)) is not None:
                drawn.append((one, found))
            else:
                older.append(one)
        if older:
            places = [(one.entered.lane, one.entered.idx) for one in older]
            read = await rounds_holding(self._app, self.campaign.campaign_id, places)
            drawn += [(one, read[at]) for one, at in zip(older, places, strict=True)]
        await self._tell_outcomes(drawn)

    async def _entries(self, asked: Sequence[Asker]) -> list[Known]:
        """Those who asked with their entries, from memory or read; the others have no draw."""
        campaign_id = self.campaign.campaign_id
        found = {one.person: self._recent.find(campaign_id, *one.person[1:]) for one in asked}
        missing = [person for person, entered in found.items() if entered is None]
        if missing:
            read = await entries_of(self._app, campaign_id, missing)
            self._recent.take(campaign_id, read.values())
            found |= read
        known = []
        for asker in asked:
            entered = found[asker.person]
            if entered is None:
                asker.tell(Refusal.NO_DRAW_THAT_DAY)
            else:
                known.append(Known(asker, entered))
        return known

    def _hold(self, one: Known) -> None:
        """Hold whoever may be held, and tell the others that their draw is pending."""
        now = asyncio.get_running_loop().time()
        if one.asker.until > now and len(self._held) < HELD_MAX:
            self._held.append(one)
        else:
            one.asker.tell(draw_view(one.entered, None, None))

    async def _tell_outcomes(self, drawn: Sequence[tuple[Known, FinalRound]]) -> None:
        """Compute each outcome; only kept wins read something, their vouchers, all together."""
        wins = []
        for (asker, entered), drawn_round in drawn:
            outcome = self._outcome(entered, drawn_round)
            if outcome is None:
                await self._read_tables(drawn_round)
                outcome = self._outcome(entered, drawn_round)
                assert outcome is not None, "the tables were read"
            if outcome.kept:
                wins.append((asker, entered, outcome))
            else:
                asker.tell(draw_view(entered, outcome, None))
        if wins:
            places = [(entered.lane, entered.idx) for _, entered, _ in wins]
            won = await vouchers_won(self._app, self.campaign.campaign_id, places)
            for (asker, entered, outcome), place in zip(wins, places, strict=True):
                asker.tell(draw_view(entered, outcome, won[place]))

    async def _read_tables(self, drawn: FinalRound) -> None:
        if len(self._tables) >= TABLES_MAX:
            self._tables.clear()
        self._tables[drawn.cfg_hash, drawn.day] = await tables_under(
            self._app, self.campaign, drawn.cfg_hash, drawn.day
        )
