"""Filling a day: entries made as the door makes them, in full batches, without its HTTP.  填满一天

The same action with the same largest batch, so the same rows; the rounds are sealed, signed by both
and drawn by the house's own processes. Only the web process has nothing to do meanwhile.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.crowd import Home, homes_at, location_of
from bench.taps import Person, persons
from huiquan.actions.enter_draws import LaneBatch, enter_draws
from huiquan.app import App
from huiquan.cli.house import open_house
from huiquan.db.campaign_state import load_campaign
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entering import EntryRequest
from huiquan.domain.receipts import EntryReceipt
from huiquan.domain.regions import Place, locate
from huiquan.settings import Settings
from huiquan.web.batches import BATCH_MAX

# So many may wait for their round before the filling waits, too: as deep as a busy morning.
UNDRAWN_MAX = 60_000
LOOK_S = 0.2
BATCHES = 4
_UNDRAWN = "select coalesce(sum(next_idx - final_idx), 0)::bigint from lanes"
PLACE_GOOD_FOR = timedelta(seconds=30)

Progress = Callable[[int], None]


@dataclass
class _Places:
    """Where everybody is, taken anew every half minute, for a fix must not be old."""

    app: App
    homes: list[Home]
    found: list[Place] = field(default_factory=list)
    at: datetime | None = None

    def now(self) -> list[Place]:
        """The place of each home."""
        now = self.app.clock()
        if self.at is None or now - self.at > PLACE_GOOD_FOR:
            fixes = [location_of(one.lat, one.lng, now) for one in self.homes]
            judged = [locate(self.app.regions, fix, now) for fix in fixes]
            self.found = [one for one in judged if isinstance(one, Place)]
            self.at = now
        return self.found


async def fill(settings: Settings, first: int, count: int, on: Progress) -> int:
    """Enter `count` people of the crowd, from a number on; `on` is told how many have entered.

    Gives how many entered. Raises RuntimeError when somebody was refused.
    """
    async with open_house(settings) as app:
        async with app.db.reading() as tx:
            campaign = await load_campaign(tx, settings.campaign)
        assert campaign is not None
        filler = _Filler(app, campaign, _Places(app, homes_at(app.clock())), on)
        return await filler.fill(persons(settings.home.parent, first, count))


@dataclass
class _Filler:
    app: App
    campaign: Campaign
    places: _Places
    on: Progress
    entered: int = 0

    async def fill(self, people: Iterator[Person]) -> int:
        """Everybody, a batch of each lane at a time."""
        lanes: dict[int, list[Person]] = {lane: [] for lane in range(self.campaign.lanes)}
        for person in people:
            lanes[person.lane].append(person)
            if len(lanes[person.lane]) >= BATCH_MAX * BATCHES:
                await self._enter_all(lanes, BATCH_MAX)
        await self._enter_all(lanes, 1)
        return self.entered

    async def _enter_all(self, lanes: dict[int, list[Person]], least: int) -> None:
        """Every lane's full batches, the lanes side by side."""
        await self._wait_for_rounds()
        await asyncio.gather(*(self._enter(lane, some, least) for lane, some in lanes.items()))
        self.on(self.entered)

    async def _enter(self, lane: int, waiting: list[Person], least: int) -> None:
        while len(waiting) >= least:
            some, waiting[:] = waiting[:BATCH_MAX], waiting[BATCH_MAX:]
            requests = [self._request(one) for one in some]
            batch = LaneBatch(campaign=self.campaign, lane=lane, requests=requests)
            answers = await enter_draws(self.app, batch)
            refused = [one for one in answers if not isinstance(one, EntryReceipt)]
            if refused:
                raise RuntimeError(f"{len(refused)} of {len(some)} were refused: {refused[0]}")
            self.entered += len(answers)

    def _request(self, person: Person) -> EntryRequest:
        places = self.places.now()
        nonce = person.nonce
        return EntryRequest(
            pid=person.pid,
            pack=person.pack,
            client_nonce=bytes.fromhex(nonce),
            request_key=nonce,
            place=places[person.number % len(places)],
        )

    async def _wait_for_rounds(self) -> None:
        """Fill no faster than rounds are drawn."""
        undrawn = UNDRAWN_MAX + 1
        while undrawn > UNDRAWN_MAX:
            async with self.app.db.reading() as tx:
                undrawn = await tx.fetchval(_UNDRAWN)
            if undrawn > UNDRAWN_MAX:
                await asyncio.sleep(LOOK_S)
