"""The demonstration's crowd: a few people a second who register, draw, eat, shop and bring back.

演示人群。 It runs until it is told to stop, at a bounded rate, on this machine only. A web process
that goes away and comes back is waited for; after a restart of the crowd itself people sign in
again. When all are in, a newcomer follows now and then, so that there is always something to see.
"""

import asyncio
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from huiquan.domain.days import DayKind, day_from_number
from huiquan.domain.refusals import Refusal
from huiquan.domain.regions import Regions
from simulation.consumer import Consumer, Street
from simulation.dice import dice, pick
from simulation.door import Door, DoorFaultError, Json, Refused, open_line
from simulation.errands import HighStreet, Spent, Tally, bring_back, open_tills, spend
from simulation.habits import Purchase, Return, Win, amounts_back, purchase_with
from simulation.people import Person, make_people
from simulation.stores import read_stores

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
RATE = 3.0
LOOK_S = 5.0
NEWCOMER_S = 4.0
TELL_S = 60.0
ARRIVAL_S = 90.0
SPEND_S = (10.0, 180.0)
RETURN_S = (20.0, 120.0)
# More than in life, so that a visitor sees one within minutes.
RETURN_SHARE = 0.08
# Whom the house knows already: they came before the crowd was started again.
KNOWN = {Refusal.ALREADY_REGISTERED.value, Refusal.PHONE_IN_USE.value}

log = structlog.get_logger("simulation.crowd")


@dataclass
class Watch:
    """The house's clock and phase, as its front page tells them."""

    door: Door
    read_at: float = 0.0
    page: Json = field(default_factory=dict)

    async def look(self) -> None:
        """Look at the front page."""
        found = await self.door.ask("GET /api/v1/now")
        if isinstance(found, Refused):
            raise DoorFaultError(f"no campaign yet: {found.code}")
        self.page, self.read_at = found, time.monotonic()

    def now(self) -> datetime:
        """The house's time."""
        since = timedelta(seconds=time.monotonic() - self.read_at)
        return datetime.fromisoformat(self.page["at"]) + since

    @property
    def open_day(self) -> int | None:
        """The day that can be drawn now, or None."""
        return int(self.page["day"]) if self.page["phase"] == "open" else None


@dataclass
class Pace:
    """Lets so many through a second, one after the other."""

    rate: float
    free_at: float = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = time.monotonic()
        self.free_at = max(self.free_at, now) + 1 / self.rate
        await asyncio.sleep(self.free_at - now)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Everything its people share."""

    seed: int
    street: Street
    high_street: HighStreet
    watch: Watch
    pace: Pace
    throw: random.Random
    tally: Tally = field(default_factory=Tally)


async def run_crowd(
    url: str,
    sms_url: str,
    stores: Path,
    regions: Regions,
    people: int,
    seed: int,
    stop: asyncio.Event,
) -> None:
    """Let a crowd live until `stop`. Refuses (ValueError) addresses of other machines."""
    for address in (url, sms_url):
        if urlsplit(address).hostname not in LOOPBACK:
            raise ValueError(f"{address}: a simulated crowd stays on its own machine")
    async with open_line(url, 8) as line, open_line(sms_url, 4) as inbox:
        door = Door(line)
        watch = Watch(door)
        await _first_look(watch, stop)
        if stop.is_set():
            return
        street = Street(
            door=door,
            inbox=inbox,
            campaign=watch.page["campaign"],
            consent_version=watch.page["consent_version"],
            clock=watch.now,
            seed=seed,
        )
        crowd = Crowd(
            seed=seed,
            street=street,
            high_street=open_tills(regions, read_stores(stores), door),
            watch=watch,
            pace=Pace(RATE),
            throw=dice(seed, time.time_ns()),
        )
        await _live_all(crowd, regions, people, stop)


async def _first_look(watch: Watch, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await watch.look()
        except (DoorFaultError, httpx.HTTPError) as fault:
            log.warning("waiting for the house", fault=str(fault))
            await _rest(stop, LOOK_S)
        else:
            return


async def _live_all(crowd: Crowd, regions: Regions, people: int, stop: asyncio.Event) -> None:
    """Start everyone, keep the watch right, let newcomers in; end all when told to."""
    first = make_people(regions, crowd.seed, people)
    lives = {asyncio.create_task(_keep_watch(crowd)), asyncio.create_task(_tell(crowd))}
    lives |= {asyncio.create_task(_live(crowd, person, stays=True)) for person in first}
    while not stop.is_set():
        await _rest(stop, NEWCOMER_S)
        lives = {life for life in lives if not life.done()}
        if crowd.tally["joined"] + crowd.tally["turned_away"] >= people:
            people += 1
            newcomer = make_people(regions, crowd.seed, people, first=people)[0]
            lives.add(asyncio.create_task(_live(crowd, newcomer, stays=False)))
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)


async def _rest(stop: asyncio.Event, rest_s: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), rest_s)
    except TimeoutError:
        return


async def _keep_watch(crowd: Crowd) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        await _try(crowd.watch.look())


async def _tell(crowd: Crowd) -> None:
    """Say once a minute what the crowd has done so far."""
    while True:
        await asyncio.sleep(TELL_S)
        log.info("so far", **crowd.tally, refused=dict(crowd.street.door.refusals))


async def _try(step: Awaitable[bool | None]) -> bool:
    """Take one step; False if the house was away or could not be understood."""
    try:
        return await step is not False
    except (DoorFaultError, httpx.HTTPError, KeyError, ValueError) as fault:
        log.warning("a step failed", fault=repr(fault))
        return False


async def _live(crowd: Crowd, person: Person, *, stays: bool) -> None:
    """One person: come in, then draw every day and spend what was won. Who does not stay leaves
    after one day, so that the crowd does not grow for ever."""
    consumer = Consumer(person, crowd.street)
    await asyncio.sleep(crowd.throw.random() * ARRIVAL_S)
    while True:
        if await _try(_join(crowd, consumer)):
            break
        await asyncio.sleep(LOOK_S)
    if consumer.token is None:
        return
    await _try(_spend_all(crowd, consumer))
    drawn_on = None
    while stays or drawn_on is None:
        day = crowd.watch.open_day
        if day is not None and day != drawn_on:
            # At the opening, too, people come one by one.
            await asyncio.sleep(crowd.throw.random() * ARRIVAL_S)
            if await _try(_draw(crowd, consumer, day)):
                drawn_on = day
                await _try(_spend_all(crowd, consumer))
        await asyncio.sleep(LOOK_S)


async def _join(crowd: Crowd, consumer: Consumer) -> bool:
    """Register, or sign in when the house knows the person; True when that is settled."""
    await crowd.pace.turn()
    refused = await consumer.register()
    if refused is not None and refused.code in KNOWN:
        refused = await consumer.sign_in()
    if refused is not None and refused.code in (Refusal.SMS_TOO_SOON, Refusal.SMS_CODE_EXPIRED):
        return False
    crowd.tally["joined" if refused is None else "turned_away"] += 1
    return True


async def _draw(crowd: Crowd, consumer: Consumer, day: int) -> None:
    """Tap, and watch the wheel."""
    await crowd.pace.turn()
    taste = list(zip((1, 2, 3), consumer.person.packs, strict=True))
    pack = pick(dice(crowd.seed, consumer.person.number, day), taste)
    if not isinstance(await consumer.draw(day, pack), Refused):
        await consumer.wait_outcome(day)
        crowd.tally["entries"] += 1


async def _spend_all(crowd: Crowd, consumer: Consumer) -> None:
    """Go out with every voucher in the wallet that a person of this kind spends at all."""
    for voucher in await consumer.vouchers():
        if voucher["state"] == "held":
            await _spend(crowd, consumer, voucher)


async def _spend(crowd: Crowd, consumer: Consumer, voucher: Json) -> None:
    today = day_from_number(crowd.watch.page["day"])
    win = Win(
        serial=voucher["serial"],
        day=today,
        wave=0,
        pack=voucher["pack"],
        face_fen=voucher["face_fen"],
        threshold_fen=voucher["threshold_fen"],
    )
    purchase = purchase_with(crowd.seed, consumer.person, win, {today: DayKind.WORKDAY})
    if purchase is None:
        return
    await asyncio.sleep(crowd.throw.uniform(*SPEND_S))
    await crowd.pace.turn()
    outing = f"{time.time_ns()}"
    spent = await spend(consumer, win, purchase, crowd.high_street, crowd.tally, outing)
    if spent is not None and crowd.throw.random() < RETURN_SHARE:
        await asyncio.sleep(crowd.throw.uniform(*RETURN_S))
        await _bring(crowd, consumer, spent, purchase)


async def _bring(crowd: Crowd, consumer: Consumer, spent: Spent, purchase: Purchase) -> None:
    await crowd.pace.turn()
    amounts_fen = amounts_back(crowd.throw, purchase.net_fen)
    back = Return(day=purchase.day, wave=purchase.wave, amounts_fen=amounts_fen)
    await bring_back(consumer, spent, back, crowd.tally)
