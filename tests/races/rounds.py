"""Sixty-four clients want one thing at one moment, ten thousand times: one gets it each time.  竞争

    python -m tests.races.rounds --rounds 10000 --seed 1

Each client has a connection of its own to a real PostgreSQL. A round is one of

* one code, scanned at 64 tills: one lock;
* one lock, under which 64 payments are reported: one redemption;
* one lock, redeemed by half of the clients and given up by the others: one of the two, once;
* one redemption, of which each client brings back more than half of what is left: one refund.

Every twenty-fifth round goes through the doors, as HTTP messages. At the end there is a row for
each success and none else, and every check of the house holds. Whoever stops it (Ctrl-C) is told
what was raced so far, reckoned in the same way.
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
from typing import Any

import httpx
import uvloop

from huiquan.actions.run_checks import run_checks
from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.redemptions import Lock, Redemption, Unlock
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.actions.tills import fresh, lock, redeem, refund, unlock
from tests.conftest import TEMPLATE
from tests.drawn import Place, copy_of, drawn_day, wind_up
from tests.houses import visit
from tests.shops import Winner, new_key, order, till
from tests.stopping import told_to_stop

CLIENTS = 64
HTTP_EVERY = 25
SCANS_EACH = 8
# How many vouchers so many rounds need, and how many people have to enter for them.
ROUNDS_A_VOUCHER, PEOPLE_A_VOUCHER = 20, 4
SMALL_PEOPLE, LARGE_SCALE = 100, 10

LOST = {
    "lock": {Refusal.CODE_USED},
    "redeem": {Refusal.ALREADY_REDEEMED, Refusal.LOCK_RELEASED},
    "unlock": {Refusal.ALREADY_REDEEMED, Refusal.LOCK_RELEASED},
    "refund": {Refusal.REFUND_TOO_LARGE},
}
WON = {"lock": Lock, "redeem": Redemption, "unlock": Unlock, "refund": Refund}

Ask = Callable[[], Awaitable[Any]]


@dataclass
class Races:
    """What was raced for so far, and what went wrong."""

    place: Place
    client: httpx.AsyncClient
    dice: random.Random
    most: int
    stop: asyncio.Event
    rounds: int = 0
    lines: int = 0
    over_http: int = 0
    successes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def race(self, kind: str, asks: list[tuple[str, Ask]]) -> Any:
        """Let everyone ask at once; gives what the one who got it was told."""
        self.dice.shuffle(asks)
        answers = await asyncio.gather(*(ask() for _, ask in asks))
        self._count()
        self.kinds[kind] += 1
        won = [
            (verb, one)
            for (verb, _), one in zip(asks, answers, strict=True)
            if isinstance(one, WON[verb])
        ]
        lost = {
            (verb, str(one))
            for (verb, _), one in zip(asks, answers, strict=True)
            if not isinstance(one, WON[verb]) and one not in LOST[verb]
        }
        if len(won) != 1 or lost:
            self.wrong.append(f"round {self.rounds}, {kind}: {len(won)} got it; {lost}")
        self.successes.update(verb for verb, _ in won)
        return won[0][1] if won else None

    async def race_over_http(self, kind: str, path: str, bodies: list[dict[str, Any]]) -> Any:
        """The same through the door; gives the body of the one good answer."""
        asked = [till(self.client, self.place.at, path, **body) for body in bodies]
        answers = await asyncio.gather(*asked)
        self._count()
        self.over_http += 1
        self.kinds[f"{kind} over HTTP"] += 1
        good = [one.json() for one in answers if one.status_code == 201]
        bad = Counter(one.json()["code"] for one in answers if one.status_code != 201)
        if len(good) != 1 or set(bad) - {one.value for one in LOST[kind]}:
            self.wrong.append(f"round {self.rounds}, {kind} over HTTP: {len(good)} got it; {bad}")
        self.successes[kind] += len(good)
        return good[0] if good else None

    def _count(self) -> None:
        self.rounds += 1
        self.lines = max(self.lines, self.place.house.app.db.writer.get_size())

    @property
    def is_over(self) -> bool:
        """Whether no further round begins: all are done, one went wrong, or somebody stops it."""
        return self.rounds >= self.most or bool(self.wrong) or self.stop.is_set()

    @property
    def goes_by_http(self) -> bool:
        return self.rounds % HTTP_EVERY == HTTP_EVERY - 1


async def scan(races: Races, who: Winner) -> str | None:
    """One code at 64 tills; gives the lock."""
    house, at = races.place.house, races.place.at
    code, order_fen = (await fresh(house, who)).digits, who.voucher.face_fen * 8
    if races.goes_by_http:
        bodies = [{"code": code, **order(str(order_fen // 100))} for _ in range(CLIENTS)]
        told = await races.race_over_http("lock", "locks", bodies)
        return told and str(told["lock"])
    asks: list[tuple[str, Ask]] = [
        ("lock", lambda: lock(house, at, code, order_fen)) for _ in range(CLIENTS)
    ]
    taken = await races.race("one code", asks)
    return taken and str(taken.lock_id)


async def pay(races: Races, name: str) -> str | None:
    """64 payments under one lock; gives the redemption."""
    house, at = races.place.house, races.place.at
    if races.goes_by_http:
        bodies = [{"payment_ref": new_key()} for _ in range(CLIENTS)]
        told = await races.race_over_http("redeem", f"locks/{name}/redeem", bodies)
        return told and str(told["redemption"])
    asks: list[tuple[str, Ask]] = [
        ("redeem", lambda: redeem(house, at, name)) for _ in range(CLIENTS)
    ]
    paid = await races.race("one lock", asks)
    return paid and str(paid.redemption_id)


async def pay_or_give_up(races: Races, name: str) -> str | None:
    """Half pay, half give up; gives the redemption, None when the voucher is free again."""
    house, at = races.place.house, races.place.at
    asks: list[tuple[str, Ask]] = []
    for _ in range(CLIENTS // 2):
        asks.append(("redeem", lambda: redeem(house, at, name)))
        asks.append(("unlock", lambda: unlock(house, at, name)))
    done = await races.race("redeem or unlock", asks)
    return str(done.redemption_id) if isinstance(done, Redemption) else None


async def bring_back(races: Races, redemption: str, left_fen: int) -> int:
    """Each of 64 brings back more than half of what is left; gives what is left then."""
    house, at, amount_fen = races.place.house, races.place.at, left_fen // 2 + 1
    if races.goes_by_http:
        path, bodies = f"redemptions/{redemption}/refunds", [{"amount_fen": amount_fen}] * CLIENTS
        told = await races.race_over_http("refund", path, bodies)
        return int(told["left_fen"]) if told else 0
    asks: list[tuple[str, Ask]] = [
        ("refund", lambda: refund(house, at, redemption, amount_fen)) for _ in range(CLIENTS)
    ]
    done = await races.race("one refund", asks)
    return done.left_fen if isinstance(done, Refund) else 0


async def spend(races: Races, who: Winner) -> None:
    """Race for one voucher from its first code to its last fen."""
    redemption = None
    for turn in range(SCANS_EACH):
        if races.is_over or redemption:
            break
        name = await scan(races, who)
        if name is None or races.is_over:
            return
        is_last = turn == SCANS_EACH - 1
        redemption = await (pay(races, name) if is_last else pay_or_give_up(races, name))
    left_fen = who.voucher.face_fen * 8
    while redemption and left_fen and not races.is_over:
        left_fen = await bring_back(races, redemption, left_fen)


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
            await spend(races, place.winner())
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
