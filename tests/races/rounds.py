"""Sixty-four clients want one thing at one moment, ten thousand times: one gets it each time.  竞争

    python -m tests.races.rounds --rounds 10000 --seed 1

Each client has a connection of its own to a real PostgreSQL. A round is one of

* one code, scanned at 64 tills: one lock;
* one lock, under which 64 payments are reported: one redemption;
* one lock, redeemed by half of the clients and given up by the others: one of the two, once;
* one redemption, of which each client brings back more than half of what is left: one refund.

Every twenty-fifth round goes through the till's door, as HTTP messages, and every fifth voucher is
spent and brought back at the signed door of an acquirer (which gives a lock up by the order's
number, so there is no third kind of round). At the end there is a row for each success and none
else, and every check of the house holds. Whoever stops it (Ctrl-C) is told what was raced so far,
reckoned in the same way.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvloop

from huiquan.actions.run_checks import run_checks
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from tests.actions.tills import fresh
from tests.conftest import TEMPLATE
from tests.drawn import Place, copy_of, drawn_day, wind_up
from tests.houses import visit
from tests.races.doors import LOST, Door, Got, Signed, Till, Told, Within
from tests.shops import Winner
from tests.stopping import told_to_stop

CLIENTS = 64
HTTP_EVERY = 25
# One voucher in so many is spent at the acquirer's door, at this store.
SIGNED_EVERY, STORE = 5, "jianghan"
SCANS_EACH = 8
# How many vouchers so many rounds need, and how many people have to enter for them.
ROUNDS_A_VOUCHER, PEOPLE_A_VOUCHER = 20, 4
SMALL_PEOPLE, LARGE_SCALE = 100, 10

Ask = Callable[[], Awaitable[Told]]


@dataclass
class Races:
    """What was raced for so far, and what went wrong."""

    place: Place
    client: httpx.AsyncClient
    dice: random.Random
    most: int
    stop: asyncio.Event
    rounds: int = 0
    vouchers: int = 0
    lines: int = 0
    successes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def race(self, kind: str, asks: list[tuple[str, Ask]]) -> tuple[str, Got] | None:
        """Let everyone ask at once; gives what was got, and what the one who got it was told."""
        self.dice.shuffle(asks)
        answers = await asyncio.gather(*(ask() for _, ask in asks))
        self.rounds += 1
        self.lines = max(self.lines, self.place.house.app.db.writer.get_size())
        self.kinds[kind] += 1
        told = [(verb, one) for (verb, _), one in zip(asks, answers, strict=True)]
        won = [(verb, one) for verb, one in told if isinstance(one, Got)]
        lost = {(verb, one) for verb, one in told if not isinstance(one, Got)}
        strange = {(verb, code) for verb, code in lost if code not in LOST[verb]}
        if len(won) != 1 or strange:
            self.wrong.append(f"round {self.rounds}, {kind}: {len(won)} got it; {strange}")
        self.successes.update(verb for verb, _ in won)
        return won[0] if won else None

    @property
    def is_over(self) -> bool:
        """Whether no further round begins: all are done, one went wrong, or somebody stops it."""
        return self.rounds >= self.most or bool(self.wrong) or self.stop.is_set()

    def door(self) -> Door:
        """Where the next round is: within, or every so often at the till's door."""
        at = self.place.at
        if self.rounds % HTTP_EVERY == HTTP_EVERY - 1:
            return Till(client=self.client, at=at)
        return Within(house=self.place.house, at=at)

    def signed(self) -> Door:
        """The acquirer's door."""
        return Signed(client=self.client, machine=self.place.machine, store=STORE)


async def scan(races: Races, door: Door, who: Winner) -> Got | None:
    """One code at 64 tills; gives the lock."""
    code, order_fen = (await fresh(races.place.house, who)).digits, who.voucher.face_fen * 8
    asks = everyone("lock", lambda: door.lock(code, order_fen))
    taken = await races.race(f"one code, {door.name}", asks)
    return taken and taken[1]


async def pay(races: Races, door: Door, taken: Got) -> Got | None:
    """64 payments under one lock; gives the redemption."""
    asks = everyone("redeem", lambda: door.redeem(taken))
    paid = await races.race(f"one lock, {door.name}", asks)
    return paid and paid[1]


async def pay_or_give_up(races: Races, door: Door, taken: Got) -> Got | None:
    """Half pay, half give up; gives the redemption, None when the voucher is free again."""
    asks = everyone("redeem", lambda: door.redeem(taken))[: CLIENTS // 2]
    asks += everyone("unlock", lambda: door.unlock(taken))[CLIENTS // 2 :]
    done = await races.race(f"redeem or unlock, {door.name}", asks)
    return done[1] if done and done[0] == "redeem" else None


async def bring_back(races: Races, door: Door, paid: Got, left_fen: int) -> int:
    """Each of 64 brings back more than half of what is left; gives what is left then."""
    asks = everyone("refund", lambda: door.refund(paid, left_fen // 2 + 1))
    done = await races.race(f"one refund, {door.name}", asks)
    return done[1].left_fen if done else 0


def everyone(verb: str, ask: Ask) -> list[tuple[str, Ask]]:
    """Each client asks for the same."""
    return [(verb, ask)] * CLIENTS


async def spend(races: Races, who: Winner) -> None:
    """Race for one voucher from its first code to its last fen."""
    paid = None
    for turn in range(SCANS_EACH):
        if races.is_over or paid:
            break
        taken = await scan(races, races.door(), who)
        if taken is None or races.is_over:
            return
        is_last = turn == SCANS_EACH - 1
        paid = await (pay if is_last else pay_or_give_up)(races, races.door(), taken)
    await return_all(races, who, paid)


async def spend_signed(races: Races, who: Winner) -> None:
    """The same at the acquirer's door, where a lock is never given up."""
    taken = await scan(races, races.signed(), who)
    paid = None if taken is None or races.is_over else await pay(races, races.signed(), taken)
    await return_all(races, who, paid, races.signed())


async def return_all(races: Races, who: Winner, paid: Got | None, door: Door | None = None) -> None:
    """Bring the goods back until none are left; door: at one door, else where the round is."""
    left_fen = who.voucher.face_fen * 8
    while paid and left_fen and not races.is_over:
        left_fen = await bring_back(races, door or races.door(), paid, left_fen)


async def run(
    postgres: Embedded,
    rounds: int,
    seed: int,
    *,
    stop: asyncio.Event | None = None,
    on_round: Callable[[int], None] = lambda done: None,
) -> Races:
    """Race so many rounds, or until it is stopped; then hold the tables against what was told."""
    is_small = rounds <= ROUNDS_A_VOUCHER * SMALL_PEOPLE // PEOPLE_A_VOUCHER
    people = SMALL_PEOPLE if is_small else rounds * PEOPLE_A_VOUCHER // ROUNDS_A_VOUCHER
    drawn = drawn_day(postgres, people, 1 if is_small else LARGE_SCALE * (people // 1000 + 1))
    async with (
        copy_of(postgres, drawn, connections=CLIENTS) as place,
        _client(place) as client,
    ):
        races = Races(
            place=place,
            client=client,
            dice=random.Random(seed),
            most=rounds,
            stop=stop or asyncio.Event(),
        )
        while not races.is_over:
            if not place.left:
                races.wrong.append("there are not vouchers enough")
                break
            is_signed = races.vouchers % SIGNED_EVERY == 0
            await (spend_signed if is_signed else spend)(races, place.winner())
            races.vouchers += 1
            on_round(races.rounds)
        await _reckon(races)
    return races


@asynccontextmanager
async def _client(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(place.house) as client:
        yield client


async def _reckon(races: Races) -> None:
    """Clients were as many as they say; a row for each success, none else; every check holds."""
    if races.lines != CLIENTS:
        races.wrong.append(f"{races.lines} connections raced, not {CLIENTS}")
    tables = {
        "lock": "locks",
        "redeem": "redemptions",
        "unlock": "locks where state = 'released'",
        "refund": "refunds",
    }
    for verb, table in tables.items():
        rows = await races.place.owner.fetchval(f"select count(*) from {table}")
        if rows != races.successes[verb]:
            races.wrong.append(f"{races.successes[verb]} {verb} told, {rows} rows")
    await wind_up(races.place)
    races.wrong += [one.name for one in (await run_checks(races.place.house.app)).failed]


def main() -> None:
    """Race, show how it goes, and exit 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked, begun = parser.parse_args(), time.monotonic()

    def say(done: int) -> None:
        print(f"\r{done:>7,} rounds, {time.monotonic() - begun:.0f} s", end="", file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            migrate(create_database(postgres, TEMPLATE))
            races = _raced(postgres, asked.rounds, asked.seed, say)
        finally:
            postgres.stop()
    taken_s = time.monotonic() - begun
    of_all = "" if races.rounds >= asked.rounds else f" of {asked.rounds:,} (it was stopped)"
    print(f"\n{races.rounds:,}{of_all} rounds of {CLIENTS} clients in {taken_s:.0f} s")
    for kind, count in races.kinds.most_common():
        print(f"{count:>7,} {kind}")
    got = ", ".join(f"{count:,} {verb}" for verb, count in races.successes.most_common())
    print(f"successes: {got}; {races.lines} connections; {len(races.wrong)} wrong")
    for one in races.wrong[:20]:
        print(one)
    if races.wrong or of_all:
        raise SystemExit(1)


def _raced(postgres: Embedded, rounds: int, seed: int, say: Callable[[int], None]) -> Races:
    async def until_stopped() -> Races:
        return await run(postgres, rounds, seed, stop=told_to_stop(), on_round=say)

    people = rounds * PEOPLE_A_VOUCHER // ROUNDS_A_VOUCHER
    print(f"{people:,} people enter and are drawn", file=sys.stderr)
    return uvloop.run(until_stopped())


if __name__ == "__main__":
    main()
