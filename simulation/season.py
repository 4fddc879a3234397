"""A season: some draw days with a simulated crowd, through the public doors, verified at the end.

模拟季。 After the last draw day two quiet weeks are played, in which the last vouchers are spent or
expire and the last merchants are settled. Online orders travel with a carrier that lies. Then every
promise of the house is checked, its judgement of each order is held against what truly happened,
each draw day is exported, and the export is verified by the program that outsiders use.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from huiquan.actions.export_draws import export_draws
from huiquan.actions.run_checks import run_checks
from huiquan.cli.verify import run_verify
from huiquan.domain.days import day_number, days_between
from huiquan.domain.refusals import Refusal
from huiquan.views.draws import campaigns_in_play
from simulation.consumer import Consumer
from simulation.door import Door, open_line
from simulation.errands import open_tills
from simulation.mall import open_mall
from simulation.paying import name_accounts, two_payers
from simulation.people import make_people
from simulation.season_day import DayPlan, plan_day, play_day
from simulation.season_house import CAMPAIGN, SeasonHouse, open_season_house
from simulation.season_result import SeasonResult
from simulation.season_world import World, street_of
from simulation.stores import STORES
from simulation.trade import open_trade

FEWEST_STORES = 40
PEOPLE_A_STORE = 40
SETTLING_DAYS = 1


async def play_season(people: int, days: int, seed: int) -> SeasonResult:
    """Build a house, play the season, take the house down again."""
    began = time.monotonic()
    stores = min(STORES, max(FEWEST_STORES, people // PEOPLE_A_STORE))
    with _bars() as bars:
        building = bars.add_task("building the house", total=None)
        async with open_season_house(seed, people, stores) as house:
            bars.remove_task(building)
            world, wrong = await _play(house, people, days, seed, bars)
            return await _judge(house, world, wrong, began, bars)


@contextmanager
def _bars() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        yield bars


async def _play(
    house: SeasonHouse, people: int, days: int, seed: int, bars: Progress
) -> tuple[World, list[str]]:
    """Play every day; gives the world and what the platform finds judged wrongly of its orders,
    for which it asks over the line of the season."""
    async with open_line(house.url) as line, open_line(house.sms_url) as inbox:
        world = await make_world(house, Door(line), inbox, people, days, seed)
        for day in days_between(world.draw_days[0], world.last_day):
            plan = plan_day(world, day) if day in world.draw_days else _nobody()
            bar = bars.add_task(f"{day}", total=plan.steps, visible=bool(plan.steps))
            await play_day(world, house.clock, day, plan, partial(bars.advance, bar))
        return world, await world.mall.reckon()


async def make_world(
    house: SeasonHouse, door: Door, inbox: httpx.AsyncClient, people: int, days: int, seed: int
) -> World:
    """People and tills for so many draw days from the campaign's first day on."""
    campaign = next(one for one in await campaigns_in_play(house.app) if one.code == CAMPAIGN)
    street = street_of(door, inbox, house.app, campaign, seed)
    rulebook = house.rulebook
    last_draw_day = rulebook.starts_on + timedelta(days=days - 1)
    quiet = rulebook.valid_days + rulebook.settlement_hold_days + SETTLING_DAYS
    regions, tally, payers = house.app.regions, Counter[str](), await two_payers(house.app)
    await name_accounts(house.app, payers)
    approvers = (payers.operator, payers.supervisor)
    trade = await open_trade(house.app, house.stores, approvers, None)
    return World(
        seed=seed,
        app=house.app,
        campaign=campaign,
        rulebook=rulebook,
        door=door,
        consumers={
            person.number: Consumer(person, street) for person in make_people(regions, seed, people)
        },
        high_street=open_tills(regions, house.stores, door),
        mall=open_mall(door, trade, regions.counties, seed, house.app.clock, tally),
        payers=payers,
        tally=tally,
        draw_days=days_between(rulebook.starts_on, last_draw_day),
        last_day=last_draw_day + timedelta(days=quiet),
    )


def _nobody() -> DayPlan:
    return DayPlan(newcomers={}, visits={})


async def _judge(
    house: SeasonHouse, world: World, wrong: list[str], began: float, bars: Progress
) -> SeasonResult:
    """Check every promise, and verify each draw day from its export alone."""
    bar = bars.add_task("checking and verifying", total=len(world.draw_days) + 1)
    run = await run_checks(house.app, recount=True)
    bars.advance(bar)
    verdicts = {}
    for day in world.draw_days:
        verdicts[f"{day}"] = await _verify(house, day_number(day))
        bars.advance(bar)
    return SeasonResult.of(
        tally=world.tally,
        refused=world.door.refusals,
        checks=run.checked,
        failed=[*(failed.title for failed in run.failed), *wrong],
        verdicts=verdicts,
        wall_s=round(time.monotonic() - began, 1),
    )


async def _verify(house: SeasonHouse, day: int) -> str:
    """ "ok", or the first thing that is wrong with a day's export."""
    folder = house.directory / f"export-{day}"
    exported = await export_draws(house.app, CAMPAIGN, day, _writer(folder))
    if isinstance(exported, Refusal):
        return exported.value
    finding = run_verify(folder).finding
    return "ok" if finding is None else f"{finding.wrong.value}: {finding.where}"


def _writer(folder: Path) -> Callable[[str, bytes], None]:
    def write(path: str, raw: bytes) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)

    return write
