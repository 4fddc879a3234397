"""A house under load loses its database with the disk, and is restored.  恢复演练

    python -m tests.drills.restoring --seconds 60 --seed 1

Real processes, as `huiquan up` starts them; people register, enter, pay and bring goods back the
whole time, and what they were told is kept outside the database with the time at which they were
told. A base copy is made under load, the log is received all along. Then PostgreSQL is killed and
its data directory removed, with every process of the platform; notary, auditor and witness, which
others own, go on. What follows proves:

* restored to a moment in the middle: everything told before it is there, nothing asked after it is,
  every check is clean, and the house refuses to go on, for the signers hold more than it does;
* restored to the end of the log: everything ever told is there, once and as it was told, every
  check is clean, signers and witness agree, and the same people go on with their day: whoever
  asks again gets the same answer, whoever had not come to an end comes to one.

Exit 1, with what is missing, if anything of it does not hold.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from simulation.consumer import Consumer
from simulation.door import Refused
from simulation.household import COMMAND_S, command
from tests.chaos import reckoning
from tests.chaos.crowd import (
    OUTCOME_S,
    World,
    all_live,
    enter,
    people_of,
    register,
    spend,
    world_of,
)
from tests.chaos.house import HOUSE, RealHouse, platform_of, real_house, until
from tests.chaos.reckoning import Tables, read_tables
from tests.chaos.shaking import looked_after
from tests.drills.standby import Standby
from torture.history import History

DAY = 20260206
PEOPLE_A_SECOND = 3.0
LONGER = 1.25  # than the time under load people would come
BASE_AT, MOMENT_AT = 0.2, 0.6  # of the time under load: the base copy, and the moment
GOING_ON_S = 10.0


@dataclass
class TimedHistory(History):
    """A history that knows when each thing was first asked for, and when first acknowledged."""

    asked_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    told_at: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def ask(self, kind: str, key: str) -> None:
        """Somebody is about to ask for this."""
        self.asked_at.setdefault((kind, key), datetime.now(UTC))
        super().ask(kind, key)

    def acknowledge(self, kind: str, key: str, answer: Mapping[str, Any]) -> None:
        """The house said yes."""
        self.told_at.setdefault((kind, key), datetime.now(UTC))
        super().acknowledge(kind, key, answer)

    def told_before(self, kind: str, moment: datetime) -> set[str]:
        """The keys that were acknowledged by then."""
        return {key for (of, key), at in self.told_at.items() if of == kind and at <= moment}

    def asked_after(self, kind: str, moment: datetime) -> set[str]:
        """The keys that nobody had asked for yet."""
        return {key for (of, key), at in self.asked_at.items() if of == kind and at > moment}


def say(what: str) -> None:
    """One line of progress, with the time."""
    print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


async def under_load(
    world: World, standby: Standby, seconds: float, seed: int
) -> tuple[datetime, datetime]:
    """A crowd, a base copy in its midst, and the end of the server; gives the moment between the
    two, and the moment of the end.

    People go on coming until the server is lost, however quickly they are served: the base copy
    takes a time of its own, and by the plan of arrivals some are still to come then.
    """
    over_s = seconds * LONGER
    people = people_of(seed, int(over_s * PEOPLE_A_SECOND))
    living = asyncio.create_task(all_live(world, people, over_s, seed))
    await asyncio.sleep(seconds * BASE_AT)
    say("base copy under load")
    await asyncio.to_thread(standby.copy_base)
    await asyncio.sleep(seconds * (MOMENT_AT - BASE_AT))
    moment = datetime.now(UTC)
    say(f"the moment in the middle; told so far: {world.history.counts()}")
    await asyncio.sleep(seconds * (1 - MOMENT_AT))
    assert not living.done(), "people are still being served when the server is lost"
    await asyncio.to_thread(standby.lose_the_server)
    lost_at = datetime.now(UTC)
    await asyncio.to_thread(end_platform, world.house)
    standby.close()
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living
    say(f"lost with its disk; told in all: {world.history.counts()}")
    return moment, lost_at


def end_platform(house: RealHouse) -> None:
    """Everything the platform runs beside its database dies; what others run goes on."""
    for name in HOUSE:
        house.kill(name)
    house.processes.children = [
        child for child in house.processes.children if child.name not in HOUSE
    ]


def must_hold(claims: Mapping[str, bool]) -> None:
    """Say each claim, and stop at the first that does not hold."""
    for claim, holds in claims.items():
        say(f"{'✓' if holds else '✗'} {claim}")
    broken = [claim for claim, holds in claims.items() if not holds]
    assert not broken, broken


def keys_of(tables: Tables) -> dict[str, set[str]]:
    """What stands in the tables, by the keys of the history."""
    return {
        "entry": {row["key"] for row in tables.entry},
        "redemption": {row["key"] for row in tables.redemption},
        "win": {row["key"] for row in tables.win},
    }


def refund_counts(history: TimedHistory, moment: datetime) -> tuple[int, int]:
    """How many refunds at least and at most stand in a database of that moment."""
    told = len(history.told_before("refund", moment))
    asked = len(history.asked.get("refund", set())) - len(history.asked_after("refund", moment))
    return told, asked


def checks_are_clean(house: RealHouse, as_of: datetime | None = None) -> bool:
    """`huiquan check`, with everything drawn and hashed again.

    A database of a moment is asked as of that moment: what nobody worked at since is not late.
    """
    settings = house.settings
    if as_of is not None:
        then = house.settings.home / "then"
        then.write_text((as_of + timedelta(seconds=settings.clock_offset_s)).isoformat())
        settings = replace(settings, clock_file=then)
    done = command(settings, "check", within_s=COMMAND_S)
    if done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def is_level(house: RealHouse) -> bool:
    """`huiquan log check`: notary, auditor and witness hold what this database holds."""
    return house.command("log", "check").returncode == 0


async def at_the_moment(house: RealHouse, history: TimedHistory, moment: datetime) -> None:
    """The database of a moment holds all that was told by then, and the house refuses to go on."""
    tables = await read_tables(house.database_url)
    there, (least, most) = keys_of(tables), refund_counts(history, moment)
    kinds = ("entry", "win", "redemption")
    lost = {kind: len(history.told_before(kind, moment) - there[kind]) for kind in kinds}
    early = {kind: len(history.asked_after(kind, moment) & there[kind]) for kind in kinds}
    must_hold(
        {
            f"nothing told by the moment is lost {lost}": not any(lost.values()),
            f"nothing asked for after it is there {early}": not any(early.values()),
            f"refunds: {least} told ≤ {len(tables.refund)} there ≤ {most} asked": (
                least <= len(tables.refund) <= most
            ),
            "every check is clean": await asyncio.to_thread(checks_are_clean, house, moment),
            "signers hold more than it": not await asyncio.to_thread(is_level, house),
        }
    )
    await refuses(house)


async def refuses(house: RealHouse) -> None:
    """The whole house is started on the old database: it says so and does nothing."""
    await asyncio.to_thread(house.processes.start_all, platform_of(house.settings))
    before = await read_tables(house.database_url)
    async with httpx.AsyncClient(trust_env=False, base_url=house.url) as client:

        async def is_behind() -> bool:
            said = await client.get("/readyz")
            return said.status_code == 503 and said.json()["code"] == "house_behind"

        took_s = await until(is_behind)
        doors = ("/api/v1/till/locks", "/api/v1/registrations", "/acquirer/v1/refunds")
        told = {(await client.post(door, json={})).json()["code"] for door in doors}
    await asyncio.sleep(GOING_ON_S)
    after = await read_tables(house.database_url)
    await asyncio.to_thread(end_platform, house)
    must_hold(
        {
            f"/readyz says house_behind, {took_s:.1f} s after the start": True,
            f"tills, registrations and acquirers are refused: {told}": told == {"house_behind"},
            f"nothing moves in {GOING_ON_S:.0f} s": keys_of(before) == keys_of(after),
        }
    )


async def to_the_end(world: World, lost_at: datetime) -> dict[str, int]:
    """Nothing that was ever told is missing, and everybody's day goes on."""
    house, history = world.house, world.history
    there = keys_of(await read_tables(house.database_url))
    lost = {kind: len(set(history.of(kind)) - there[kind]) for kind in there}
    must_hold(
        {
            f"nothing ever told is lost: {lost}": not any(lost.values()),
            "every check is clean": await asyncio.to_thread(checks_are_clean, house, lost_at),
            "signers and witness agree": await asyncio.to_thread(is_level, house),
        }
    )
    await asyncio.to_thread(house.processes.start_all, platform_of(house.settings))
    async with looked_after(house):
        await house.until_ready()
        say(f"{len(world.consumers)} people come back and ask again")
        winners = set(history.of("win"))
        await asyncio.gather(
            *(come_back(world, consumer, winners) for consumer in world.consumers.values())
        )
        say(f"told by now: {history.counts()}")
        outcomes = await reckoning.everybody_has_a_proven_outcome(world)
        await reckoning.reckon(world)
        proven = sum(outcomes.values()) == len(history.of("entry"))
        must_hold(
            {
                f"everybody who entered has a proven outcome: {outcomes}": proven,
                "each answer stands in the tables and at the tills, once": history.broken == [],
                "every check is clean again": await asyncio.to_thread(checks_are_clean, house),
                "signers and witness agree still": await asyncio.to_thread(is_level, house),
            }
        )
    return outcomes


async def come_back(world: World, consumer: Consumer, winners: set[str]) -> None:
    """Ask for the registration and the entry again; who did not know their win yet spends it.

    Who had begun to spend may have used a code up: what became of that is at the till.
    """
    await asyncio.sleep(random.Random(consumer.person.number).random() * GOING_ON_S)
    if await register(world, consumer) and await enter(world, consumer):
        found = await consumer.wait_outcome(world.day, OUTCOME_S)
        assert not isinstance(found, Refused), found
        if found.get("serial") not in winners:
            await spend(world, consumer)


async def play(house: RealHouse, home: Path, seconds: float, seed: int) -> dict[str, Any]:
    """The whole drill on a running house; gives what was measured."""
    history = TimedHistory(home / "history.jsonl")
    standby = Standby(embedded=house.embedded, home=home / "archive")
    try:
        await asyncio.to_thread(standby.receive)
        say(f"the archive listens; {seconds:.0f} s of load")
        async with world_of(house, history, DAY, seed=seed) as world:
            moment, lost_at = await under_load(world, standby, seconds, seed)
            told = history.counts()
            await asyncio.to_thread(standby.restore, "restore to a moment", until=moment)
            say(f"restored to the moment: {standby.seconds['restore to a moment']:.1f} s")
            await at_the_moment(house, history, moment)
            await asyncio.to_thread(standby.lose_the_server)
            await asyncio.to_thread(standby.restore, "restore to the end")
            say(f"restored to the end: {standby.seconds['restore to the end']:.1f} s")
            outcomes = await to_the_end(world, lost_at)
    finally:
        standby.close()
    return {
        "told when the server was lost": told,
        "outcomes": outcomes,
        "bytes": standby.sizes(),
        "seconds": {name: round(took, 2) for name, took in standby.seconds.items()},
    }


def drill(home: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Start a house in a directory, lose it, restore it."""
    with real_house(home / "house") as house:
        return asyncio.run(play(house, home, seconds, seed))


def run() -> None:
    """Read the command line, drill, and say what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills.restoring")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huiquan-restore-") as home:
        report = drill(Path(home), told.seconds, told.seed)
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    run()
