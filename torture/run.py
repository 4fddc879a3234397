"""One run from the plan to the verdict, with all that is needed to look into it kept.  执行"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from huiquan.domain.signing import signer_from
from huiquan.gateways.keys import load_keys
from huiquan.gateways.maps import load_regions
from simulation.acquirer import Signing
from simulation.bank import Bank
from simulation.bank import Lie as BankLie
from simulation.cashier import Till
from simulation.consumer import Street
from simulation.trade import CARRIER, KEEPER, PLATFORM
from torture.books import Bookkeeper
from torture.disk import may_mount
from torture.faults import Breaker
from torture.history import History
from torture.mall import Mall, make_mall
from torture.officials import Desk
from torture.opening import EVE, HONEST, Opened, Seam, open_tortured
from torture.pace import FireClock
from torture.plan import PROCESSES, Kind, Plan, make_plan
from torture.play import PEOPLE_A_SECOND, Play
from torture.proofs import ask_at_the_doors
from torture.reckoning import reckon
from torture.tables import read_tables
from torture.tenders import make_line, make_tender, send_over
from torture.town import Town, open_street, people_of

BANK_LIES = dict.fromkeys(BankLie, 4)
PROOFS_AT_MOST = 400


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a run.

    seconds is what all of it took, fire_s the part under fire. fired and missed count faults by
    name, killed who was killed by them, lies what outsiders did besides; told and gave_up count
    what people got and did not get; violations are the promises that did not hold.
    """

    seed: int
    minutes: float
    seconds: float
    fire_s: float
    planned: int
    fired: Mapping[str, int]
    missed: Mapping[str, int]
    killed: Mapping[str, int]
    lies: Mapping[str, int]
    told: Mapping[str, int]
    gave_up: Mapping[str, int]
    restarts: Mapping[str, int]
    proven: Mapping[str, int]
    checks: str
    not_arranged: tuple[str, ...]
    violations: tuple[str, ...] = field(default=())


Step = Callable[[str], None]


async def torture(home: Path, seed: int, minutes: float, on: Step, seam: Seam = HONEST) -> Verdict:
    """Write the plan down, build a house, break it, let it end, and reckon."""
    plan = make_plan(seed, minutes, with_disk=may_mount())
    (home / "plan.json").write_text(plan.write())
    history = History(home / "history.jsonl")
    began = time.monotonic()
    try:
        async with open_tortured(home, seed, seam, on) as opened:
            verdict = await _run(opened, plan, history, on, began)
    finally:
        history.close()
    (home / "verdict.json").write_text(
        json.dumps(asdict(verdict), ensure_ascii=False, indent=1) + "\n"
    )
    return verdict


async def _run(opened: Opened, plan: Plan, history: History, on: Step, began: float) -> Verdict:
    house = opened.house
    clock = FireClock(stands=house.stands)
    breaker = Breaker(house=house, lines=opened.lines, on=on, clock=clock)
    keeping = asyncio.create_task(house.keep_alive())
    try:
        async with (
            open_street(
                opened.front, house.settings.sms_url, house.clock.now, history, plan.seed
            ) as street,
            httpx.AsyncClient(base_url=opened.front, timeout=30, trust_env=False) as acquirers_line,
        ):
            play = _play(opened, plan, history, street, acquirers_line, clock, on)
            lit, burning = time.monotonic(), asyncio.create_task(clock.run())
            try:
                await asyncio.gather(breaker.carry_out(plan), play.under_fire(plan.minutes))
            finally:
                burning.cancel()
            breaker.burned_s = time.monotonic() - lit
            await breaker.heal()
            await play.in_quiet()
            return await _reckon(opened, plan, history, play, breaker, began, on)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def _play(
    opened: Opened,
    plan: Plan,
    history: History,
    street: Street,
    acquirers_line: httpx.AsyncClient,
    fire: FireClock,
    on: Step,
) -> Play:
    """Everybody who takes part."""
    house, clock, seed = opened.house, opened.house.clock.now, plan.seed
    tenders = [
        make_tender(code, secret, acquirers_line, clock, history, seed)
        for code, secret in opened.prepared.secrets.items()
    ]
    mall = _mall(opened, acquirers_line, history, seed)
    people = people_of(seed, round(plan.minutes * 60 * PEOPLE_A_SECOND) + 60)
    town = Town(
        history=history,
        street=street,
        tills=[Till(store=store, door=street.door) for store in house.stores],
        tenders=tenders,
        mall=mall,
        platform=signer_from(load_keys(house.settings.keys).platform).key,
        people=people,
    )
    bank = Bank(seed=seed % 1000, lies=dict(BANK_LIES))
    desk = Desk(
        door=street.door,
        history=history,
        password=opened.prepared.password,
        bank=bank,
        dice=random.Random(f"desk/{seed}"),
        clock=clock,
    )
    keeper = Bookkeeper(
        tenders=town.signing, bank=bank, dice=random.Random(f"books/{seed}"), eve=EVE.date()
    )
    return Play(house=house, town=town, desk=desk, keeper=keeper, fire=fire, on=on)


def _mall(opened: Opened, line: httpx.AsyncClient, history: History, seed: int) -> Mall:
    """The online platform with its carrier and its warehouses."""
    trade, clock = opened.prepared.trade, opened.house.clock.now

    def signing(code: str) -> Signing:
        return Signing(key_id=trade.key_id(code), sign=trade.secrets[code].sign, clock=clock)

    return make_mall(
        trade,
        make_line(signing(PLATFORM), line, seed),
        (signing(CARRIER), signing(KEEPER)),
        send_over(line),
        load_regions().counties,
        history,
        seed,
    )


async def _reckon(
    opened: Opened,
    plan: Plan,
    history: History,
    play: Play,
    breaker: Breaker,
    began: float,
    on: Step,
) -> Verdict:
    house, town = opened.house, play.town
    on("asking at the doors again, with proofs")
    days = [int(f"{day:%Y%m%d}") for day in play.days]
    proofs = await ask_at_the_doors(town, days, PROOFS_AT_MOST)
    on("asking every check of the house")
    checked = await asyncio.to_thread(house.command, "check")
    on("holding the history against the tables and the books of others")
    tables = await read_tables(house.database_url)
    books = play.keeper.at_the_end(await _heard(house.ears_url), town.mall.carrier.truth)
    wrong = [*reckon(history, tables, books), *proofs.wrong]
    if checked.returncode:
        wrong.append(f"huiquan check: {checked.stdout}{checked.stderr}")
    return Verdict(
        seed=plan.seed,
        minutes=plan.minutes,
        seconds=round(time.monotonic() - began, 1),
        fire_s=round(breaker.burned_s, 1),
        planned=len(plan.faults),
        fired=dict(sorted(breaker.fired.items())),
        missed=dict(sorted(breaker.missed.items())),
        killed=dict(sorted(breaker.victims.items())),
        lies=dict(sorted(_lies(opened, play).items())),
        told=history.counts(),
        gave_up=dict(history.gave_up),
        restarts=house.restarts(),
        proven={"outcomes": proofs.outcomes, "redemptions": proofs.stories},
        checks=checked.stdout.strip().splitlines()[-1] if checked.stdout.strip() else "",
        not_arranged=_not_arranged(opened, breaker),
        violations=tuple(wrong),
    )


def _lies(opened: Opened, play: Play) -> Counter[str]:
    """What others told falsely, and what became of messages on their way."""
    town, lies = play.town, Counter[str]()
    for tender in town.signing:
        lies += Counter({f"acquirer {lie.value}": n for lie, n in tender.liar.line.fired.items()})
    lies += Counter({f"carrier {lie.value}": n for lie, n in town.mall.carrier.fired.items()})
    lies += Counter({f"bank {lie.value}": n for lie, n in play.desk.bank.fired.items()})
    for name, line in opened.lines.items():
        lies += Counter({f"messages {what}, {name} line": n for what, n in line.fired.items()})
    return lies


async def _heard(ears_url: str) -> list[str]:
    """The events that the acquirers heard, however they answered."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        heard: list[str] = (await client.get(f"{ears_url}/heard")).json()["events"]
        return heard


def _not_arranged(opened: Opened, breaker: Breaker) -> tuple[str, ...]:
    """What could not be tried here, or met nothing each time, in a sentence each."""
    found = list(dict.fromkeys(opened.house.troubles))
    if opened.house.disk is None:
        found.append("no disk was filled: only root can mount one that is small enough")
    found += [f"{name} was never killed" for name in PROCESSES if not breaker.victims[name]]
    kinds = {name.split(" ", 1)[0] for name in breaker.fired}
    planned = kinds | {name.split(" ", 1)[0] for name in breaker.missed}
    found += [f"{kind.value} met nothing" for kind in Kind if kind.value in planned - kinds]
    return tuple(found)
