"""A hundred thousand wrong messages at every door: a reason each time, and nothing is changed.  F20

    python -m tests.fuzz.storm --requests 100000 --seed 1

Doors are those of the house's own description (consumer, till, merchant, console, public, the
signed doors of acquirers and of online orders, in front of them the rush door), those of notary and
auditor, and addresses of nobody. A message is wrong in its body, its values, its type, its headers,
its pass, its signature or its address; where it might be right by chance it names what nobody
knows. Whoever has no right pass is told nothing where one is wanted. At every described door some
message gets past its pass. At the end every table is what it was, but for counters of refusals and
nonces, and so are the signers' books.
"""

import argparse
import asyncio
import contextlib
import io
import random
import secrets
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from huiquan.db.embedded import Embedded, create_database, start_embedded
from huiquan.db.migrate import migrate
from huiquan.domain.days import day_number, day_of
from huiquan.domain.parcel_events import Sender
from huiquan.domain.tokens import Door as Pass
from huiquan.web.callers import staff_token
from huiquan.web.front import make_front
from notary.serve import Door as SignersDoor
from tests.acquirers import Machine
from tests.conftest import TEMPLATE
from tests.drawn import Place, copy_of, drawn_day
from tests.fuzz.addresses import ROOTS, SIGNERS_BODIES, SIGNERS_DOORS
from tests.fuzz.breaking import (
    BODIES,
    HEADERS,
    PATHS,
    QUERIES,
    TYPES,
    VERBS,
    broken,
    flipped,
    odd,
)
from tests.fuzz.described import Door, described, fitting
from tests.fuzz.standing import _close, _open
from tests.fuzz.throwing import Headers, Message, flaw_in, is_same, thrown
from tests.notary.houses import Pair
from tests.online import signing
from tests.stopping import told_to_stop

LARGE_EVERY = 2_000
LARGE = 10 * 1024 * 1024
SIGNED_HEADERS = 4
# Names that stand for something: a question may be asked about them, nothing is done to them.
Real = dict[str, tuple[str, ...]]
TURNED_AWAY = {401, 403}
OF_NOBODY_TOO = ("/unlocks", "/cancellations", "/events")
"""Signed doors that rightly take something about what nobody knows."""


@dataclass
class Storm:
    """What was thrown so far, and what should not have come back."""

    place: Place
    carrier: Machine
    dice: random.Random
    passes: dict[str, tuple[bytes, ...]]
    real: Real
    statuses: Counter[str] = field(default_factory=Counter)
    met: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)

    def message(self) -> Message:
        """The next one."""
        turn = self.dice.random()
        if turn < 0.10:
            return self._nowhere()
        if turn < 0.20:
            return self._at_a_signer()
        door = self.dice.choice(described()[0])
        if door.wants == "signature":
            return self._signed(door)
        return self._at(door)

    def _at(self, door: Door) -> Message:
        """A door of the house: wrong in its body, its names, its pass or its headers."""
        dice, body = self.dice, b""
        has_right_pass = dice.random() < 0.8
        if door.body is not None:
            body = self._body(door, may_be_right=bool(door.in_path) or not has_right_pass)
        elif door.writes:
            body = dice.choice(BODIES)
        headers, room = self._headers(), _room(door.path)
        pass_for = given = dice.choice(self.passes[room])
        if not has_right_pass:
            others = [one for name, some in self.passes.items() if name != room for one in some]
            given = dice.choice((flipped(pass_for, dice), *others, b""))
        if given:
            headers.append((b"authorization", given))
        return Message(
            method=door.method,
            target=self._target(door),
            headers=headers,
            body=body,
            door=door.name,
            is_a_stranger=bool(door.wants) and not is_same(pass_for, given),
        )

    def _signed(self, door: Door) -> Message:
        """A signed door: signed rightly over something wrong, or wrongly over anything."""
        dice, target = self.dice, self._target(door)
        is_right = dice.random() < 0.6
        may_be_right = not is_right or not door.path.endswith(OF_NOBODY_TOO)
        machine = self.carrier if door.path.endswith("/events") else self.place.machine
        body = self._body(door, may_be_right=may_be_right) if door.body else b""
        changes = {"nonce": secrets.token_hex(16)}
        over_the_wire = target.encode().decode("latin-1")
        signed = machine.headers(
            door.method, over_the_wire, body, **changes, **({} if is_right else _wrong_head(dice))
        )
        headers = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
        is_a_stranger = False
        if not is_right:
            at = dice.randrange(SIGNED_HEADERS)
            name, right = headers[at]
            headers[at] = (name, flipped(right, dice))
            is_a_stranger = not is_same(right, headers[at][1])
        return Message(
            method=door.method,
            target=target,
            headers=headers,
            body=body,
            door=door.name,
            is_a_stranger=is_a_stranger,
        )

    def _at_a_signer(self) -> Message:
        method, path = self.dice.choice(SIGNERS_DOORS)
        body = self.dice.choice(SIGNERS_BODIES)
        raw = (odd if self.dice.random() < 0.5 else broken)(body, self.dice)
        return Message(
            method=method,
            target=path,
            headers=self._headers(),
            body=raw if self.dice.random() < 0.8 else self.dice.randbytes(self.dice.randrange(400)),
            at=self.dice.choice(("notary", "auditor")),
        )

    def _nowhere(self) -> Message:
        """Any method at any address."""
        dice, everyone = self.dice, [one for some in self.passes.values() for one in some]
        path = dice.choice(ROOTS) + "/".join(dice.choices(PATHS, k=dice.randrange(4)))
        return Message(
            method=dice.choice(VERBS),
            target=path,
            headers=[*self._headers(), (b"authorization", dice.choice(everyone))],
            body=dice.choice(BODIES),
        )

    def _body(self, door: Door, *, may_be_right: bool) -> bytes:
        assert door.body is not None
        body = fitting(door.body, self.dice)
        if may_be_right and self.dice.random() < 0.5:
            return odd(body, self.dice)
        return broken(body, self.dice)

    def _target(self, door: Door) -> str:
        """The address. Where something is done, every name in it is of nobody."""
        dice, path = self.dice, door.path
        for name in door.in_path:
            real = () if door.writes else self.real.get(name, ())
            path = path.replace("{" + name + "}", dice.choice((*PATHS, *real, *real)))
        named = [
            f"{name}={dice.choice(QUERIES)}"
            for name in door.in_query
            for _ in range(dice.choice((0, 1, 1, 1, 2)))
            # A question that is held for two seconds tells nothing more.
            if name != "wait"
        ]
        return f"{path}?{'&'.join(named)}" if named else path

    def _headers(self) -> Headers:
        headers = [(b"content-type", self.dice.choice(TYPES))] if self.dice.random() < 0.5 else []
        if not headers:
            headers = [(b"content-type", b"application/json")]
        return headers + self.dice.choices(HEADERS, k=self.dice.choice((0, 0, 1, 3)))


def _wrong_head(dice: random.Random) -> dict[str, str]:
    return dice.choice(
        (
            {"time_ms": "1"},
            {"time_ms": "9" * 13},
            {"key": "nobody-1"},
            {"time_ms": "0" * 13},
            {"key": "wepay-1"},
        )
    )


def _room(path: str) -> str:
    if "/till/" in path or "/merchant/" in path:
        return "till"
    return "console" if "/console/" in path else "consumer"


async def storm(
    postgres: Embedded,
    home: Path,
    requests: int,
    seed: int,
    *,
    stop: asyncio.Event | None = None,
    on_request: Callable[[int], None] = lambda done: None,
) -> Storm:
    """Throw so many messages, or until it is stopped, and look what changed."""
    async with copy_of(postgres, drawn_day(postgres)) as place:
        signers = Pair(home)
        books = [home / name / "book.sqlite" for name in ("notary", "auditor")]
        with contextlib.redirect_stdout(io.StringIO()) as log:
            front = make_front(place.house.app)
        lifespan = await _open(front)
        doors: dict[str, Any] = {
            "house": front,
            "notary": SignersDoor(signers.notary),
            "auditor": SignersDoor(signers.auditor),
        }
        made = await _storm_at(place, seed)
        before = await _rows(place), [_dump(one) for one in books]
        for number in range(requests):
            if stop is not None and stop.is_set():
                break
            message = made.message()
            if number % LARGE_EVERY == LARGE_EVERY // 2:
                message = Message(**{**vars(message), "body": message.body + b" " * LARGE})
            await _throw(made, doors, message)
            on_request(number + 1)
        after = await _rows(place), [_dump(one) for one in books]
        await _close(lifespan)
        complaints = [line for line in log.getvalue().splitlines() if '"level": "info"' not in line]
        made.wrong += [f"the log says {line[:600]}" for line in complaints[:5]]
        others = sorted(name for name in before[0] if before[0][name] != after[0][name])
        made.wrong += [f"{name} was changed" for name in others]
        if before[1] != after[1]:
            made.wrong.append("a signer's book was changed")
        made.wrong += [f"nothing got past the pass of {name}" for name in _shut(made)]
    return made


def _shut(made: Storm) -> list[str]:
    """Doors at which every message was turned away for its pass, or that met none."""
    return [one.name for one in described()[0] if set(made.met[one.name]) <= TURNED_AWAY]


async def _throw(made: Storm, doors: dict[str, Any], message: Message) -> None:
    writes = message.method not in ("GET", "HEAD", "OPTIONS")
    try:
        status, body = await thrown(doors[message.at], message)
        flaw = flaw_in(message, status, body, writes=writes)
    except Exception as error:
        status, flaw = 599, f"broke the door: {error!r}"[:300]
    made.statuses[f"{message.at} {status}"] += 1
    made.met[message.door][status] += 1
    if flaw:
        made.wrong.append(
            f"{message.at} {message.method} {message.target[:200]} {flaw}: "
            f"{message.body[:160]!r} {message.headers!r}"[:900]
        )


async def _storm_at(place: Place, seed: int) -> Storm:
    """Passes of everybody, and names that stand for something."""
    who, app = place.winner(), place.house.app
    until = place.house.clock.now.replace(microsecond=0, hour=23)
    people = (place.drawn.payers.supervisor, place.drawn.payers.operator)
    officials = [staff_token(app, Pass.CONSOLE, one, until) for one in people]
    today = str(day_number(day_of(place.house.clock.now)))
    return Storm(
        place=place,
        carrier=await signing(place.house, "carrier", Sender.CARRIER),
        dice=random.Random(seed),
        passes={
            "consumer": (who.headers["Authorization"].encode(),),
            "till": (place.at.headers["Authorization"].encode(),),
            "console": tuple(f"Bearer {one}".encode() for one in officials),
        },
        real={
            "serial": (who.serial,),
            "day": (today,),
            "code": (place.campaign.code,),
            "campaign": (place.campaign.code,),
            "store_id": (str(place.at.store_id),),
            "lane": ("0",),
            "seq": ("0",),
        },
    )


async def _rows(place: Place) -> dict[str, str]:
    """A hash of the rows of every table but the counters of refusals and the nonces."""
    names = await place.owner.fetch(
        """
        select relname as name
          from pg_stat_user_tables
         where schemaname = 'public'
           and relname not like 'procrastinate%'
           and relname not in ('refusal_counts', 'acquirer_nonces')
        """
    )
    return {
        row["name"]: await place.owner.fetchval(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) "
            f"from {row['name']} t"
        )
        for row in names
    }


def _dump(book: Path) -> list[str]:
    with sqlite3.connect(book) as opened:
        return list(opened.iterdump())


def main() -> None:
    """Throw them, show how it goes, and exit 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked, begun = parser.parse_args(), time.monotonic()

    def say(done: int) -> None:
        if done % 100 == 0:
            taken_s = time.monotonic() - begun
            print(f"\r{done:>7,} requests, {taken_s:.0f} s", end="", file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        postgres = start_embedded(Path(folder) / "postgres")
        try:
            migrate(create_database(postgres, TEMPLATE))
            home = Path(folder) / "signers"
            made = uvloop.run(_until_stopped(postgres, home, asked.requests, asked.seed, say))
        finally:
            postgres.stop()
    thrown_count, taken_s = made.statuses.total(), time.monotonic() - begun
    of_all = "" if thrown_count == asked.requests else f" of {asked.requests:,} (it was stopped)"
    print(f"\n{thrown_count:,}{of_all} requests of seed {asked.seed} in {taken_s:.0f} s")
    print(f"{len(described()[0])} described doors, each met {_least_met(made)} times or more")
    print(", ".join(f"{count:,} × {status}" for status, count in made.statuses.most_common()))
    print(f"{len(made.wrong)} wrong")
    for one in made.wrong[:60]:
        print(one)
    if made.wrong or of_all:
        raise SystemExit(1)


async def _until_stopped(
    postgres: Embedded, home: Path, requests: int, seed: int, say: Callable[[int], None]
) -> Storm:
    return await storm(postgres, home, requests, seed, stop=told_to_stop(), on_request=say)


def _least_met(made: Storm) -> int:
    return min(made.met[one.name].total() for one in described()[0])


if __name__ == "__main__":
    main()
