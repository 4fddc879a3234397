"""One day of a season, wave by wave: register, draw, eat and shop, bring back, and the night.

一天的模拟。 People come in by the doors. Rounds and jobs are driven from here, so that the rounds
of a day have the same borders whenever it is played.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import TypeVar

from huiquan.actions.log_rounds import log_rounds
from huiquan.actions.publish_checkpoint import publish_checkpoint
from huiquan.actions.send_configs import send_configs
from huiquan.actions.settle_day import DaySettled
from huiquan.domain.days import day_number, moment
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_days import kind_on
from huiquan.jobs.rounds import drain, open_today
from huiquan.jobs.tasks import TASKS
from huiquan.views.draws import campaigns_in_play
from huiquan.web.campaign_cache import FRESH_S
from simulation.consumer import POOR_ACCURACY_M, Consumer
from simulation.door import DoorFaultError, Json, Refused
from simulation.errands import Spent, bring_back, spend
from simulation.habits import WAVES, Tap, Visit, Win, joins_on, purchase_with, return_of, visit_on
from simulation.mall import Ordered
from simulation.paying import bank_pays, send_file
from simulation.people import Trouble
from simulation.season_house import HandClock
from simulation.season_world import PlannedPurchase, PlannedReturn, World
from simulation.stores import ONLINE

AT_ONCE = 12
Step = Callable[[int], None]
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """Who does what on a day, by wave: newcomers, and people who draw."""

    newcomers: dict[int, list[Consumer]]
    visits: dict[int, list[tuple[Consumer, Visit]]]

    @property
    def steps(self) -> int:
        """How many people have something to do, for a progress bar."""
        newcomers = sum(len(wave) for wave in self.newcomers.values())
        return newcomers + sum(len(wave) for wave in self.visits.values())


def plan_day(world: World, day: date) -> DayPlan:
    """What everyone chose for this day; whoever joins later does not come yet."""
    since = world.draw_days.index(day)
    kind = kind_on(world.rulebook, day)
    newcomers: dict[int, list[Consumer]] = defaultdict(list)
    visits: dict[int, list[tuple[Consumer, Visit]]] = defaultdict(list)
    for consumer in world.consumers.values():
        joins = joins_on(world.seed, consumer.person, len(world.draw_days))
        if joins > since:
            continue
        visit = visit_on(world.seed, consumer.person, day, since, kind)
        if joins == since:
            newcomers[visit.wave if visit else 0].append(consumer)
        if visit is not None:
            visits[visit.wave].append((consumer, visit))
    return DayPlan(newcomers=newcomers, visits=visits)


async def play_day(world: World, clock: HandClock, day: date, plan: DayPlan, step: Step) -> None:
    """Play a day from its opening to its last wave, and the night after it."""
    clock.move(moment(day, time(9)))
    await world.mall.deliver(day)
    await open_day(world)
    if plan.visits:
        await let_web_read()
    for number, wave in enumerate(WAVES):
        clock.move(moment(day, wave.at))
        await _shop(world, day, number)
        await _each(plan.newcomers.get(number, ()), lambda who: _register(world, who, step))
        visits = plan.visits.get(number, ())
        if visits:
            entered = await _enter(world, day, visits, step)
            await draw_waiting(world)
            await _each(entered, partial(_look, world, day))
        await send_texts(world)
    await night(world, clock, day + timedelta(days=1))


async def open_day(world: World) -> None:
    """Release the money of today's stock."""
    await open_today(world.app, world.campaign)
    await reload(world)


async def let_web_read() -> None:
    """Wait until every web process has read what was published in the night."""
    await asyncio.sleep(FRESH_S + 0.5)


async def reload(world: World) -> None:
    """Read the campaign again: its coming days have a config now."""
    found = [one for one in await campaigns_in_play(world.app) if one.code == world.campaign.code]
    world.campaign = found[0]


async def _each(things: Sequence[Thing], do: Callable[[Thing], Awaitable[None]]) -> None:
    """Do something with each, a dozen at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Thing) -> None:
        async with gate:
            await do(thing)

    await asyncio.gather(*(one(thing) for thing in things))


async def _register(world: World, consumer: Consumer, step: Step) -> None:
    """Register, with what trouble the person has."""
    person = consumer.person
    if person.trouble is Trouble.POOR_FIX:
        # Then the person steps to the window and sends the same form, with the code that came.
        assert await consumer.register(accuracy_m=POOR_ACCURACY_M) is not None
    refused = await consumer.register()
    if refused is None:
        world.tally["registered"] += 1
        if person.trouble is Trouble.SECOND_PHONE:
            token, consumer.token = consumer.token, None
            assert await consumer.register(phone=_other_phone(person.phone)) is not None
            consumer.token = token
    step(1)


def _other_phone(phone: str) -> str:
    """A second mobile number of the same person, which nobody else in the crowd has."""
    return f"17{phone[2:]}" if not phone.startswith("17") else f"14{phone[2:]}"


async def _enter(
    world: World, day: date, visits: Sequence[tuple[Consumer, Visit]], step: Step
) -> list[tuple[Consumer, Visit]]:
    """Let people in, one at a time in each lane, all lanes at once; gives those who are in."""
    lanes: dict[int, list[tuple[Consumer, Visit]]] = defaultdict(list)
    for consumer, visit in visits:
        if consumer.token is None:
            step(1)  # could not register, and stays at home
        else:
            lanes[world.lane(consumer.person)].append((consumer, visit))
    entered: list[tuple[Consumer, Visit]] = []

    async def walk(lane: int) -> None:
        for consumer, visit in lanes[lane]:
            if await _tap(world, day, consumer, visit):
                entered.append((consumer, visit))
            step(1)

    await asyncio.gather(*map(walk, sorted(lanes)))
    return entered


async def _tap(world: World, day: date, consumer: Consumer, visit: Visit) -> bool:
    """One person's taps; True if there is an entry."""
    number = day_number(day)
    if visit.tap is Tap.POOR_FIX_FIRST:
        await consumer.draw(number, visit.pack, accuracy_m=POOR_ACCURACY_M)
    receipt = await consumer.draw(number, visit.pack)
    if isinstance(receipt, Refused):
        return False
    world.tally["entries"] += 1
    if visit.tap is Tap.TWICE:
        again = await consumer.draw(number, visit.pack)
        assert not isinstance(again, Refused), again
        said = ("entry", "cfg_hash", "entered_at", "promise")
        assert all(again[name] == receipt[name] for name in said), "one tap, one draw"
    elif visit.tap is Tap.NEW_PAGE:
        again = await consumer.draw(number, visit.pack, turn="new page")
        assert again == Refused(code=Refusal.ALREADY_ENTERED), again
    return True


async def draw_waiting(world: World) -> None:
    """Seal, sign and draw what waits, and fix it in the public log."""
    world.tally["rounds"] += await drain(world.app, world.campaign)
    await log_rounds(world.app, world.campaign.campaign_id)
    await publish_checkpoint(world.app, world.campaign)


async def send_texts(world: World) -> None:
    """Tell winners and buyers on their phones."""
    while await TASKS["send_messages"](world.app):
        continue


async def _look(world: World, day: date, entered: tuple[Consumer, Visit]) -> None:
    """Look at the wheel; a winner makes plans."""
    consumer, visit = entered
    found = await consumer.outcome(day_number(day))
    if isinstance(found, Refused) or found["state"] == "pending":
        raise DoorFaultError(f"no outcome after the round was drawn: {found}")
    if found["state"] == "missed":
        world.tally["cut"] += found["reason"] == "cut"
        return
    world.tally["wins"] += 1
    world.tally["won_fen"] += found["face_fen"]
    win = _win(found, day, visit.wave)
    purchase = purchase_with(world.seed, consumer.person, win, world.kinds(day))
    if purchase is not None:
        planned = PlannedPurchase(consumer=consumer, win=win, purchase=purchase)
        world.purchases[(purchase.day, purchase.wave)].append(planned)


def _win(found: Json, day: date, wave: int) -> Win:
    return Win(
        serial=found["serial"],
        day=day,
        wave=wave,
        pack=found["pack"],
        face_fen=found["face_fen"],
        threshold_fen=found["threshold_fen"],
    )


async def _shop(world: World, day: date, wave: int) -> None:
    """What was planned for this wave: first the purchases, then the returns."""
    await _each(world.purchases.pop((day, wave), []), lambda one: _buy(world, one))
    await _each(world.returns.pop((day, wave), []), lambda one: _bring(world, one))


async def _buy(world: World, one: PlannedPurchase) -> None:
    back = return_of(world.seed, one.consumer.person, one.win, one.purchase, world.last_day)
    spent: Spent | Ordered | None
    if one.win.pack == ONLINE:
        spent = await world.mall.buy(one.consumer, one.win, one.purchase, back)
    else:
        spent = await spend(one.consumer, one.win, one.purchase, world.high_street, world.tally)
    if spent is not None and back is not None:
        planned = PlannedReturn(consumer=one.consumer, spent=spent, back=back)
        world.returns[(back.day, back.wave)].append(planned)


async def _bring(world: World, one: PlannedReturn) -> None:
    if isinstance(one.spent, Ordered):
        await world.mall.bring_back(one.spent, one.back, world.app.clock())
    else:
        await bring_back(one.consumer, one.spent, one.back, world.tally)


async def night(world: World, clock: HandClock, morning: date) -> None:
    """The day's end as the schedule has it: money comes back, days are planned, merchants paid."""
    clock.move(moment(morning, time(0, 10)))
    await TASKS["end_day"](world.app)
    await TASKS["open_order_cases"](world.app)
    clock.move(moment(morning, time(0, 30)))
    await TASKS["plan_days"](world.app)
    await send_configs(world.app)
    clock.move(moment(morning, time(2)))
    for settled in await TASKS["settle_day"](world.app):  # type: ignore[attr-defined]
        if isinstance(settled, DaySettled):
            world.tally["settled_fen"] += settled.amount_fen
            await _pay(world)
    # At eleven in a house that gets bills; nobody sends one here, and a case says so.
    await TASKS["reconcile_days"](world.app)
    await reload(world)


async def _pay(world: World) -> None:
    """Two people approve what was settled, and the bank pays it."""
    file = await send_file(world.app, world.campaign.code, world.payers)
    if file is not None:
        world.tally["paid_fen"] += (await bank_pays(world.app, file)).paid_fen
