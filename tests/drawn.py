"""A day that was really drawn, for tests of money: winners, shops, an acquirer, two who pay.

Every check of the house is clean on it. It is made once a test process; each test takes a copy.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import asyncpg

from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.reconcile_day import reconcile_day
from huiquan.actions.send_callbacks import send_callbacks
from huiquan.actions.send_configs import send_configs
from huiquan.actions.send_messages import send_messages
from huiquan.db import vouchers
from huiquan.db.campaign_state import load_campaign
from huiquan.db.connection import open_database
from huiquan.domain.campaigns import Campaign
from huiquan.domain.registrants import Registrant, sealing_context
from huiquan.gateways.faults import OutsiderFault
from huiquan.jobs.rounds import drain
from huiquan.jobs.tasks import end_day, expire, plan_days, watch
from huiquan.views.reconciliation import days_due
from huiquan.web.callers import consumer_token
from simulation.paying import Payers, name_accounts, two_payers
from tests import databases
from tests.acquirers import Machine, machine
from tests.conftest import TEMPLATE
from tests.databases import Server, made, name_in
from tests.draining import DINING, Lanes, let_enter, let_register
from tests.houses import House, bearer, make_house, publish, source_of_2026
from tests.seasons import ProvingSigner
from tests.shops import PHONE, Shop, Winner, shop

# Odds of about one in three for whoever asks for the dining pack, stock for over a hundred wins,
# vouchers good for three days, settled on the day after.
RULES = (
    ("budget_fen = 10_000_000_000", "budget_fen = 400_000_000"),
    ("workday_entries = 1_320_000", "workday_entries = 2_200"),
    ("weekend_entries = 1_980_000", "weekend_entries = 3_300"),
    ("holiday_entries = 1_980_000", "holiday_entries = 4_400"),
    ("entries = 2_200_000", "entries = 2_200"),
    ("p_max_percent = 5", "p_max_percent = 20"),
    ("valid_days = 7", "valid_days = 3"),
    ("settlement_hold_days = 7", "settlement_hold_days = 1"),
)
SIGNERS = ("notary", "auditor", "witness")
URL = "http://127.0.0.1:1/callbacks"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What was made: the database, the moment at which it stands, and everybody in it."""

    name: str
    now: datetime
    campaign: Campaign
    winners: tuple[Winner, ...]
    late: dict[int, list[bytes]] = field(repr=False)
    shops: tuple[Shop, ...]
    machine: Machine
    payers: Payers


@dataclass
class Ears:
    """An acquirer's machine: it keeps its own book of what it was told."""

    away: bool = False
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    async def deliver(self, url: str, headers: Any, body: bytes, event: str) -> None:
        if self.away:
            raise OutsiderFault("acquirer", "unreachable")
        self.heard.append((event, body))


@dataclass(kw_only=True)
class Place:
    """One copy of the drawn day, open: the house in it, and its owner, whom no right holds back."""

    url: str
    house: House
    owner: asyncpg.Connection
    drawn: Drawn
    machine: Machine
    ears: Ears
    left: list[Winner]

    @property
    def campaign(self) -> Campaign:
        return self.drawn.campaign

    @property
    def at(self) -> Shop:
        """The first merchant's store."""
        return self.drawn.shops[0]

    @property
    def there(self) -> Shop:
        """The second merchant's store."""
        return self.drawn.shops[1]

    def winner(self, lane: int | None = None) -> Winner:
        """Somebody who won and did not spend yet, of a lane if it matters."""
        found = next(one for one in self.left if lane in (None, one.voucher.lane))
        self.left.remove(found)
        return found

    def of_one_lane(self, count: int) -> list[Winner]:
        """So many winners of the same lane."""
        lanes = [one.voucher.lane for one in self.left]
        lane = next(lane for lane in sorted(set(lanes)) if lanes.count(lane) >= count)
        return [self.winner(lane) for _ in range(count)]


def signers() -> dict[str, Any]:
    """Signers in this process with real keys."""
    roles = dict(zip(SIGNERS, ("N", "W", ""), strict=True))
    return {name: ProvingSigner(role=roles[name], name=f"{name}.huiquan") for name in SIGNERS}


def drawn_day(postgres: Server, people: int = 100, scale: int = 1) -> Drawn:
    """The drawn day of a server; people enter, as many again stay away. scale: a larger fund.

    However it is asked for, it is drawn once: a cache would tell a default from the same number.
    """
    return _drawn_once(postgres, people, scale)


@cache
def _drawn_once(postgres: Server, people: int, scale: int) -> Drawn:
    name = f"drawn_{people}_{scale}"
    url = made(postgres, name, template=TEMPLATE)
    # In a thread of its own, for whoever asks may stand in an event loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _draw(url, name, people, scale)).result()


async def _draw(url: str, name: str, people: int, scale: int) -> Drawn:
    database = await open_database(url)
    house = make_house(database, **signers())
    campaign = await publish(house, source_of_2026(*scaled(scale)))
    everyone = await let_register(house, campaign, people * 2)
    await _lock_up(house, campaign, everyone)
    early: Lanes = {lane: pids[::2] for lane, pids in everyone.items()}
    late = {lane: pids[1::2] for lane, pids in everyone.items()}
    shops = (
        await shop(house, campaign),
        await shop(house, campaign, "guanggu", uscc="91420100MA4KYYYY0B"),
    )
    at = await machine(house, stores=("jianghan", "guanggu"), callback_url=URL)
    payers = await two_payers(house.app)
    await name_accounts(house.app, payers)
    winners = await draw_for(house, campaign, early)
    await tell_everyone(house)
    now = house.clock.now
    await database.close()
    return Drawn(
        name=name,
        now=now,
        campaign=campaign,
        winners=winners,
        late=late,
        shops=shops,
        machine=at,
        payers=payers,
    )


def scaled(scale: int) -> tuple[tuple[str, str], ...]:
    """The rules with a fund and forecasts so many times as large."""

    def larger(text: str) -> str:
        name, _, number = text.partition(" = ")
        is_size = "entries" in name or "budget" in name
        return f"{name} = {int(number.replace('_', '')) * scale}" if is_size else text

    return tuple((old, larger(new)) for old, new in RULES)


async def _lock_up(house: House, campaign: Campaign, lanes: Lanes) -> None:
    """Give everybody a phone, locked up as a registration does."""
    rows = [
        (
            house.app.vault.seal(
                {"name": "李四", "document": "42010619900101001X", "phone": f"139{number:08}"},
                sealing_context(campaign.campaign_id, Registrant(lane=lane, pid=pid)),
            ),
            lane,
            pid,
        )
        for lane, pids in lanes.items()
        for number, pid in enumerate(pids, start=lane * 10_000)
    ]
    async with house.app.db.transaction() as tx:
        await tx.executemany(
            "update registrations set sealed = $1 where lane = $2 and pid = $3", rows
        )


async def draw_for(
    house: House, campaign: Campaign, lanes: Lanes, pack: int = DINING
) -> tuple[Winner, ...]:
    """Let people enter, and draw; gives who won, signed in on a phone."""
    assert await let_enter(house, campaign, lanes, pack) == sum(
        len(pids) for pids in lanes.values()
    )
    async with house.app.db.reading() as tx:
        current = await load_campaign(tx, campaign.code)
        before = {tuple(row) for row in await tx.fetch("select lane, idx from vouchers")}
    assert current is not None
    await drain(house.app, current)
    house.clock.move(seconds=1)
    await log_rounds(house.app, campaign.campaign_id)
    await publish_checkpoint(house.app, current)
    async with house.app.db.reading() as tx:
        places = await tx.fetch("select lane, idx from vouchers order by idx, lane")
        new = [row for row in places if tuple(row) not in before]
        won = [await vouchers.find(tx, campaign.campaign_id, *row) for row in new]
    until = (house.clock.now + timedelta(days=30)).replace(microsecond=0)
    return tuple(
        Winner(
            campaign_id=campaign.campaign_id,
            registrant=Registrant(lane=one.lane, pid=one.pid),
            voucher=one,
            headers=bearer(
                consumer_token(house.app, campaign.campaign_id, one.lane, one.pid, PHONE, until)
            ),
        )
        for one in won
        if one is not None
    )


@asynccontextmanager
async def copy_of(
    postgres: Server, drawn: Drawn, *, name: str | None = None, connections: int = 12
) -> AsyncIterator[Place]:
    """A fresh copy of the drawn day (or of another database that came from it), open."""
    url = await copied(postgres, name or drawn.name)
    database = await open_database(url, connections=connections)
    owner = await asyncpg.connect(url)
    ears = Ears()
    house = make_house(database, at=drawn.now, callbacks=ears, **signers())
    try:
        yield Place(
            url=url,
            house=house,
            owner=owner,
            drawn=drawn,
            machine=replace(drawn.machine, house=house),
            ears=ears,
            left=list(drawn.winners),
        )
    finally:
        await owner.close()
        await asyncio.wait_for(database.close(), 10)
        await dropped(postgres, name_in(url))


async def copied(postgres: Server, name: str) -> str:
    """The address of a new copy of a database nobody is connected to."""
    return await asyncio.to_thread(databases.copy_of, postgres, name, "copy")


async def dropped(postgres: Server, name: str) -> None:
    """Take a copy away again."""
    await asyncio.to_thread(databases.dropped, postgres, name)


async def tell_everyone(house: House) -> None:
    """Every message and callback goes out, and configs go to the signers."""
    while await send_messages(house.app):
        continue
    await send_callbacks(house.app)
    await send_configs(house.app)


async def night(place: Place, days: int = 1) -> None:
    """Let so many nights pass as the jobs do them; it is two in the morning then."""
    clock = place.house.clock
    for _ in range(days):
        clock.now = (clock.now + timedelta(days=1)).replace(hour=0, minute=10, second=0)
        await end_day(place.house.app)
        clock.move(minutes=20)
        await plan_days(place.house.app)
        clock.now = clock.now.replace(hour=2, minute=0)


async def wind_up(place: Place) -> None:
    """What the jobs do all day: messages, callbacks, expiry, comparisons, alerts."""
    app = place.house.app
    await expire(app)
    await watch(app)
    await tell_everyone(place.house)
    for source, day in await days_due(app, place.campaign.campaign_id):
        await reconcile_day(app, source, day)
