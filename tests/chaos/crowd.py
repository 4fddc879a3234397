"""People who register, enter, show codes, pay and bring goods back while the house is shaken.

They know the public doors alone and ask again with the same request key until they are answered.
"""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from huiquan.domain.receipts import entry_receipt_from_json, is_entry_receipt
from huiquan.domain.refusals import Refusal
from huiquan.domain.signing import signer_from
from huiquan.gateways.keys import load_keys
from huiquan.gateways.maps import load_regions
from simulation.cashier import Bill, Till
from simulation.consumer import Consumer, Street
from simulation.door import Door, DoorFaultError, Json, Refused, open_line
from simulation.people import Person, Trouble, make_people
from tests.chaos.house import RealHouse
from torture.history import History

PATIENCE_S = 90.0
OUTCOME_S = 120.0
CODE_TURNS = 6
CONSENT_VERSION = "2026-01"
# The code for the phone was written down, and the process died before it was sent.
NO_CODE = {Refusal.SMS_TOO_SOON, Refusal.SMS_CODE_EXPIRED, "no_text"}
KNOWN_BY_NOW = {Refusal.ALREADY_REGISTERED, Refusal.PHONE_IN_USE}
# The code grew old, or another one was made, while the house was away.
OLD_CODE = {Refusal.CODE_EXPIRED, Refusal.CODE_UNKNOWN}


@dataclass
class World:
    """Everything the people of one test share."""

    house: RealHouse
    history: History
    street: Street
    tills: list[Till]
    day: int
    platform: bytes
    consumers: dict[int, Consumer] = field(default_factory=dict)

    def till_for(self, pack: int, throw: random.Random) -> Till:
        """A till that takes this pack."""
        return throw.choice([till for till in self.tills if pack in till.store.packs])


def people_of(seed: int, count: int) -> list[Person]:
    """So many people without trouble of their own."""
    candidates = make_people(load_regions(), seed, count * 2)
    found = [one for one in candidates if one.trouble is Trouble.NONE][:count]
    assert len(found) == count
    return found


@asynccontextmanager
async def world_of(
    house: RealHouse, history: History, day: int, *, seed: int = 1, url: str | None = None
) -> AsyncIterator[World]:
    """Open the lines from the people to the house; every answer is watched."""
    line = open_line(url or house.url, connections=64)
    line.event_hooks["response"].append(_watch(history))
    inbox = open_line(house.settings.sms_url)
    door = Door(line=line, patience_s=PATIENCE_S)
    try:
        street = Street(
            door=door,
            inbox=inbox,
            campaign=1,
            consent_version=CONSENT_VERSION,
            clock=house.now,
            seed=seed,
        )
        yield World(
            house=house,
            history=history,
            street=street,
            tills=[Till(store=store, door=door) for store in house.stores],
            day=day,
            platform=signer_from(load_keys(house.settings.keys).platform).key,
        )
    finally:
        await line.aclose()
        await inbox.aclose()


def _watch(history: History):  # type: ignore[no-untyped-def]
    async def look(response: httpx.Response) -> None:
        what = f"{response.request.method} {response.request.url.path}: {response.status_code}"
        if response.status_code == 503 and "retry-after" not in response.headers:
            history.break_rule(f"{what} without Retry-After")
        if response.status_code >= 500 and response.status_code != 503:
            await response.aread()
            history.break_rule(f"{what} {response.text[:300]}")

    return look


async def live(world: World, person: Person) -> None:
    """One person's day, from the registration to the goods that come back.

    Whoever is not answered in all the time given goes home; what was asked for is then unknown.
    """
    consumer = world.consumers.setdefault(person.number, Consumer(person, world.street))
    try:
        if await register(world, consumer) and await enter(world, consumer):
            await spend(world, consumer)
    except DoorFaultError as fault:
        world.history.gave_up[str(fault).split(":")[0].split("/")[-1]] += 1


async def register(world: World, consumer: Consumer) -> bool:
    """Register, unless that happened already; True when there is a token."""
    if consumer.token is not None:
        return True
    key = str(consumer.person.number)
    was_asked = key in world.history.asked_of("registration")
    world.history.ask("registration", key)
    refused = await consumer.register()
    if refused is not None and was_asked and refused.code in KNOWN_BY_NOW:
        # The answer was lost with the house: who is known comes back on the same phone.
        refused = await consumer.sign_in()
    if refused is not None:
        assert refused.code in NO_CODE, refused
        world.history.gave_up[refused.code] += 1
        return False
    world.history.acknowledge("registration", key, {})
    return True


async def enter(world: World, consumer: Consumer) -> bool:
    """Tap on the button, and check the receipt as a page does."""
    pack = random.Random(consumer.person.number).choice((2, 3))
    key, nonce = consumer.key("draw", world.day), nonce_of(consumer, world.day)
    body = {"request_key": key, "client_nonce": nonce.hex(), "pack": pack}
    world.history.ask("entry", key)
    receipt = await world.street.door.ask(
        "POST /api/v1/draws", {**body, "location": consumer.location()}, token=consumer.token
    )
    assert not isinstance(receipt, Refused), receipt
    assert is_entry_receipt(entry_receipt_from_json(receipt), world.platform, nonce)
    # Asked for again it is signed anew, alone; what it says stays the same.
    said = {name: receipt[name] for name in ("entry", "cfg_hash", "entered_at", "promise")}
    world.history.acknowledge("entry", key, said)
    return True


def nonce_of(consumer: Consumer, day: int) -> bytes:
    """What this person's page chose for the draw of a day."""
    return hashlib.sha256(f"{consumer.person.document}/{day}".encode()).digest()[:16]


async def spend(world: World, consumer: Consumer) -> None:
    """Wait for the outcome; a winner shows a code, pays, and may bring goods back."""
    outcome = await consumer.wait_outcome(world.day, OUTCOME_S)
    assert not isinstance(outcome, Refused), outcome
    if outcome["state"] != "won":
        return
    serial = outcome["serial"]
    world.history.acknowledge("win", serial, {"face_fen": outcome["face_fen"]})
    throw = random.Random(serial)
    till = world.till_for(outcome["pack"], throw)
    bill = Bill(order_fen=outcome["threshold_fen"] + throw.randrange(10_000))
    lock = await _lock(world, consumer, till, serial, bill)
    if lock is None:
        return
    payment = f"PAY-{serial}"
    world.history.ask("redemption", payment)
    paid = await till.redeem(consumer.key("redeem", serial), lock, payment)
    assert not isinstance(paid, Refused), paid
    world.history.acknowledge("redemption", payment, paid)
    if throw.random() < 0.6:
        await _bring_back(world, consumer, till, paid, throw)


async def _lock(
    world: World, consumer: Consumer, till: Till, serial: str, bill: Bill
) -> str | None:
    for turn in range(CODE_TURNS):
        code = await consumer.show_code(serial, f"code-{turn}")
        if isinstance(code, Refused):
            assert code.code in OLD_CODE, code
            continue
        locked = await till.lock(consumer.key("lock", serial, turn), code, bill)
        if not isinstance(locked, Refused):
            return str(locked["lock"])
        assert locked.code in OLD_CODE, locked
    world.history.gave_up["code"] += 1
    return None


async def _bring_back(
    world: World, consumer: Consumer, till: Till, paid: Json, throw: random.Random
) -> None:
    first_fen = throw.randint(1, paid["net_fen"])
    parts = [first_fen, paid["net_fen"] - first_fen]
    for number, amount_fen in enumerate(part for part in parts if part):
        key = f"{paid['redemption']}/{number}"
        world.history.ask("refund", key)
        told = await till.refund(consumer.key("refund", key), paid["redemption"], amount_fen)
        assert not isinstance(told, Refused), told
        world.history.acknowledge("refund", key, told)


async def all_live(world: World, people: list[Person], over_s: float, seed: int = 1) -> None:
    """Everybody's day, begun at random moments of a span of time."""
    throw = random.Random(seed)

    async def begin(person: Person, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        await live(world, person)

    await asyncio.gather(*(begin(person, throw.random() * over_s) for person in people))
