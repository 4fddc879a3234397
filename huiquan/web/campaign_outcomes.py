"""One campaign's outcomes: all who ask at once are answered together, or held together.  合并答复

    asked --entries read--> final: told          not final: held --a look finds the round--> told
                                                              \\--the time is over--> told: pending

What arrives while one batch is answered shares the next. While somebody is held, one look at the
tables each twentieth of a second serves all of them; otherwise nothing is looked at.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from huiquan.app import App
from huiquan.domain.campaigns import Campaign
from huiquan.domain.lottery import Tables, outcome_at
from huiquan.views.outcome_batches import (
    FinalRound,
    Person,
    entries_of,
    rounds_holding,
    tables_under,
    vouchers_won,
)
from huiquan.views.outcomes import DrawView, Entered, draw_view
from huiquan.web.recent_rounds import RecentRounds

BATCH_MAX = 500
ASKED_MAX = 20_000
HELD_MAX = 20_000
LOOK_S = 0.05
TABLES_MAX = 256


class FullError(Exception):
    """More people ask than can be answered in time."""


class Asker(NamedTuple):
    """One who asks: who and which day, until when the answer may be held (loop time)."""

    person: Person
    until: float
    answer: "asyncio.Future[DrawView | None]"


class Held(NamedTuple):
    """One whose entry is known and whose round is not final yet."""

    asker: Asker
    entered: Entered


class Drawn(NamedTuple):
    """One whose round is final."""

    asker: Asker
    entered: Entered
    round: FinalRound


class CampaignOutcomes:
    """The people who ask about one campaign, and what is known to answer them from."""

    def __init__(self, app: App, campaign: Campaign) -> None:
        self.campaign = campaign
        self._app = app
        self._rounds = RecentRounds(app, campaign.campaign_id, campaign.lanes)
        self._tables: dict[tuple[bytes, int], Tables] = {}
        self._asked: list[Asker] = []
        self._held: list[Held] = []
        self._answering: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None

    async def view(self, person: Person, wait_s: float) -> DrawView | None:
        """What a person drew on a day, waiting so long for the round; None without an entry.

        Raises FullError when too many ask, and whatever fault hit the batch. When too many are
        held already, one more is told the present state at once.
        """
        if len(self._asked) >= ASKED_MAX:
            raise FullError
        loop = asyncio.get_running_loop()
        asker = Asker(person, loop.time() + wait_s, loop.create_future())
        self._asked.append(asker)
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all())
        return await asker.answer

    async def _answer_all(self) -> None:
        while self._asked:
            batch, self._asked = self._asked[:BATCH_MAX], self._asked[BATCH_MAX:]
            try:
                await self._answer(batch)
            except Exception as fault:
                _fail(batch, fault)

    async def _answer(self, batch: Sequence[Asker]) -> None:
        """Read the entries of a batch, then tell or hold each."""
        persons = list({one.person for one in batch})
        entries = await entries_of(self._app, self.campaign.campaign_id, persons)
        held = []
        for asker in batch:
            entered = entries.get(asker.person)
            if entered is None:
                _tell(asker, None)
            else:
                held.append(Held(asker, entered))
        still = await self._tell_drawn(held, look=False)
        self._hold(await self._tell_drawn(still, look=True))

    def _hold(self, still: Sequence[Held]) -> None:
        """Hold whoever may be held, and tell the others that their draw is pending."""
        now = asyncio.get_running_loop().time()
        for one in still:
            if one.asker.until > now and len(self._held) < HELD_MAX:
                self._held.append(one)
            else:
                _tell(one.asker, _view(one.entered))
        if self._held and (self._following is None or self._following.done()):
            self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        """Look again and again while somebody is held."""
        while self._held:
            await asyncio.sleep(LOOK_S)
            held, self._held = self._held, []
            try:
                still = await self._tell_drawn(held, look=True)
            except Exception as fault:
                _fail([one.asker for one in held], fault)
            else:
                self._hold([one for one in still if not one.asker.answer.done()])

    async def _tell_drawn(self, held: Sequence[Held], *, look: bool) -> list[Held]:
        """Tell everyone whose round is final; gives the others."""
        if look and held:
            await self._rounds.look({one.entered.lane for one in held})
        drawn, older, still = [], [], []
        for asker, entered in held:
            rounds = self._rounds.of_lane(entered.lane)
            found = rounds.find(entered.idx)
            if found is not None:
                drawn.append(Drawn(asker, entered, found))
            elif rounds.is_older(entered.idx):
                older.append(Held(asker, entered))
            else:
                still.append(Held(asker, entered))
        if older:
            places = [(one.entered.lane, one.entered.idx) for one in older]
            read = await rounds_holding(self._app, self.campaign.campaign_id, places)
            drawn += [Drawn(*one, read[at]) for one, at in zip(older, places, strict=True)]
        await self._tell_outcomes(drawn)
        return still

    async def _tell_outcomes(self, drawn: Sequence[Drawn]) -> None:
        """Compute each outcome; only kept wins read something, their vouchers, all together."""
        wins = []
        for asker, entered, drawn_round in drawn:
            tables = self._tables.get((drawn_round.cfg_hash, drawn_round.day))
            if tables is None:
                tables = await self._read_tables(drawn_round)
            bounds = tables.get(entered.pack, ())
            outcome = outcome_at(entered.idx, entered.pid, bounds, drawn_round.final)
            if outcome.kept:
                wins.append((asker, entered, outcome))
            else:
                _tell(asker, draw_view(entered, outcome, None))
        if wins:
            places = [(entered.lane, entered.idx) for _, entered, _ in wins]
            won = await vouchers_won(self._app, self.campaign.campaign_id, places)
            for (asker, entered, outcome), place in zip(wins, places, strict=True):
                _tell(asker, draw_view(entered, outcome, won[place]))

    async def _read_tables(self, drawn: FinalRound) -> Tables:
        if len(self._tables) >= TABLES_MAX:
            self._tables.clear()
        tables = await tables_under(self._app, self.campaign, drawn.cfg_hash, drawn.day)
        self._tables[drawn.cfg_hash, drawn.day] = tables
        return tables


def _view(entered: Entered) -> DrawView:
    """A draw that is not decided yet."""
    return draw_view(entered, None, None)


def _tell(asker: Asker, view: DrawView | None) -> None:
    if not asker.answer.done():
        asker.answer.set_result(view)


def _fail(askers: Sequence[Asker], fault: Exception) -> None:
    for asker in askers:
        if not asker.answer.done():
            asker.answer.set_exception(fault)
