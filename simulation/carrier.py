"""A carrier that lies: late, doubled, reordered, forged, elsewhere, too early.  说谎的承运商

It carries parcels from a warehouse and tells the house what happened, through a line that lies by
name, and keeps its own history outside the house: where each parcel truly went. At the end `reckon`
holds the house's judgement against that history: an order may be final only if all of its parcels
truly left a warehouse in Hubei and truly arrived at their address, and every order of which nothing
false was ever said is final. The same seed lies in the same way.
"""

import asyncio
import base64
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from simulation.acquirer import ForgeryTakenError, Json, Send, Signing

EVENTS = "/orders/v1/events"
TRIES = 20


class Lie(StrEnum):
    """What happens to a parcel, or to the word about it."""

    LATE = "late"  # said days after it happened
    DOUBLED = "doubled"  # said twice, signed anew
    REORDERED = "reordered"  # the last first
    FORGED_SIGNATURE = "forged_signature"  # somebody else's word, too
    WRONG_COUNTY = "wrong_county"  # signed for somewhere else in Hubei
    OUTSIDE = "outside"  # signed for in Beijing
    SIGNED_BEFORE_SHIPPED = "signed_before_shipped"
    OTHER_WAREHOUSE = "other_warehouse"  # it left a warehouse that is not the promised one
    NEVER_LEFT = "never_left"  # the carrier says signed, the warehouse knows of nothing
    LOST_THEN_FOUND = "lost_then_found"
    LOST = "lost"
    TWO_ANSWERS = "two_answers"  # one number, two contents
    UNKNOWN_ORDER = "unknown_order"  # about a parcel that nobody declared
    SILENT = "silent"  # it arrives, and nobody says so


HARMLESS = frozenset(
    {
        Lie.LATE,
        Lie.DOUBLED,
        Lie.REORDERED,
        Lie.FORGED_SIGNATURE,
        Lie.LOST_THEN_FOUND,
        Lie.UNKNOWN_ORDER,
    }
)
"""Lies that change when or how often something is said, and not what is true."""


@dataclass(frozen=True, kw_only=True)
class Ride:
    """One parcel that was given to the carrier, and where it is to go."""

    order_ref: str
    waybill: str
    warehouse: str
    county: str


@dataclass(kw_only=True)
class Truth:
    """What the carrier alone knows: which parcels were lied about, and what the house answered."""

    rides: dict[str, Ride] = field(default_factory=dict)
    lies: dict[str, Lie] = field(default_factory=dict)
    standings: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    all_back: set[str] = field(default_factory=set)
    # Words that the house took, by their number: so many different ones. And orders of whose
    # parcels some word was never answered: what became of it is unknown.
    taken: dict[str, set[bytes]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    unheard: set[str] = field(default_factory=set)

    def lies_about(self, order_ref: str) -> set[Lie]:
        """What was said of an order's parcels that is not true."""
        rides = [one for one in self.rides.values() if one.order_ref == order_ref]
        told = {self.lies[one.waybill] for one in rides if one.waybill in self.lies}
        return told - HARMLESS

    def is_final(self, order_ref: str) -> bool:
        """Whether an order's money has to be final: nothing false was said of it, or it all came
        back, so that there is no money to be wrong about."""
        return order_ref in self.all_back or not self.lies_about(order_ref)


@dataclass(kw_only=True)
class LyingCarrier:
    """A carrier, with the warehouse whose gate it drives through; both sign what they say."""

    send: Send
    carrier: Signing
    warehouse: Signing
    carrier_code: str
    other_warehouse: str
    elsewhere: tuple[str, str]
    dice: random.Random
    hour: timedelta = timedelta(hours=1)  # what an hour of the road takes
    tries: int = TRIES
    pause_s: float = 0.0
    # Refusals that pass: what was refused so is said again.
    passing: frozenset[str] = frozenset()
    truth: Truth = field(default_factory=Truth)
    fired: Counter[Lie] = field(default_factory=Counter)
    _deck: list[Lie | None] = field(default_factory=list)
    _number: int = 0

    async def carry(self, ride: Ride, from_hour: datetime) -> None:
        """Carry one parcel and say of it what the deck says; every lie comes before any again."""
        lie = self._next_lie()
        self.truth.rides[ride.waybill] = ride
        if lie is not None:
            self.fired[lie] += 1
            self.truth.lies[ride.waybill] = lie
        words = self._words(ride, lie, from_hour)
        if lie is Lie.REORDERED:
            words.reverse()
        for word in words:
            await self._say(word, lie)
        if lie is Lie.UNKNOWN_ORDER:
            stray = Ride(**{**_fields(ride), "waybill": f"{ride.waybill}-stray"})
            for word in self._words(stray, None, from_hour):
                await self._say(word, None)

    def _next_lie(self) -> Lie | None:
        """Half of all parcels are carried honestly."""
        if not self._deck:
            self._deck = [*Lie, *(None for _ in Lie)]
            self.dice.shuffle(self._deck)
        return self._deck.pop()

    def _words(self, ride: Ride, lie: Lie | None, start: datetime) -> list[Json]:
        """What is said of a parcel, the warehouse's word first."""
        elsewhere = next(one for one in self.elsewhere if one != ride.county)
        place = elsewhere if lie is Lie.WRONG_COUNTY else ride.county
        signed_at = 0 if lie is Lie.SIGNED_BEFORE_SHIPPED else 30
        left = self._word("dispatched", ride, start, 1)
        left |= {"carrier": self.carrier_code}
        left["warehouse"] = self.other_warehouse if lie is Lie.OTHER_WAREHOUSE else ride.warehouse
        signed = self._word("signed", ride, start, signed_at)
        signed["county"] = "110101" if lie is Lie.OUTSIDE else place
        between = []
        if lie in (Lie.LOST_THEN_FOUND, Lie.LOST):
            between.append(self._word("lost", ride, start, 10))
        if lie is Lie.LOST_THEN_FOUND:
            between.append(self._word("found", ride, start, 12))
        last = [] if lie in (Lie.LOST, Lie.SILENT) else [signed]
        if lie is Lie.TWO_ANSWERS:
            last.append({**signed, "county": elsewhere})
        first = [] if lie is Lie.NEVER_LEFT else [left]
        return [*first, self._word("collected", ride, start, 2), *between, *last]

    def _word(self, kind: str, ride: Ride, start: datetime, hours: int) -> Json:
        self._number += 1
        return {
            "event_ref": f"{ride.waybill}-{self._number}",
            "kind": kind,
            "happened_at": (start + hours * self.hour).isoformat(),
            "waybill": ride.waybill,
        }

    async def _say(self, word: Json, lie: Lie | None) -> None:
        who = self.warehouse if word["kind"] == "dispatched" else self.carrier
        if lie is Lie.FORGED_SIGNATURE:
            await self._forge(who, word)
        told = await self._insist(who, word)
        if lie is Lie.DOUBLED and told is not None:
            again = await self._insist(who, word)
            if again is not None and again["standing"] != "known":
                self.truth.contradictions.append(f"{word}: {told}, and again {again}")

    async def _insist(self, who: Signing, word: Json) -> Json | None:
        """Say it until it was heard; a refusal is an answer."""
        body, truth = msgspec.json.encode(word), self.truth
        truth.asked.add(word["event_ref"])
        for _ in range(self.tries):
            headers = who.headers(self.dice, "POST", EVENTS, body)
            status, said = await self.send("POST", EVENTS, headers, body)
            answer: Json = {} if status in (429, 503) else msgspec.json.decode(said)
            if status in (429, 503) or answer.get("code") in self.passing:
                await asyncio.sleep(self.pause_s)
                continue
            if status >= 400:
                truth.contradictions.append(f"{word}: {status} {answer}")
                return None
            truth.standings[str(answer["standing"])] += 1
            truth.taken.setdefault(word["event_ref"], set()).add(body)
            return answer
        ride = truth.rides.get(word["waybill"])
        truth.unheard |= {ride.order_ref} if ride else set()
        return None

    async def _forge(self, who: Signing, word: Json) -> None:
        """Send the same with another county, or under a signature that is not its own."""
        body = msgspec.json.encode(word)
        headers = who.headers(self.dice, "POST", EVENTS, body)
        raw = bytearray(base64.b64decode(headers["Huiquan-Signature"]))
        raw[self.dice.randrange(len(raw))] ^= 1 << self.dice.randrange(8)
        forged = {**headers, "Huiquan-Signature": base64.b64encode(raw).decode()}
        other = msgspec.json.encode({**word, "event_ref": f"{word['event_ref']}-x"})
        for head, sent in ((forged, body), (headers, other)):
            status, said = await self.send("POST", EVENTS, head, sent)
            if status < 400:
                raise ForgeryTakenError(f"{EVENTS}: {status} {said!r}")

    async def reckon(self, look: Callable[[str], Awaitable[Json]]) -> list[str]:
        """Hold every order against the truth; gives every difference.

        look: the house's word about an order, as its platform gets it.
        """
        wrong = list(self.truth.contradictions)
        for order_ref in dict.fromkeys(ride.order_ref for ride in self.truth.rides.values()):
            told: Any = await look(order_ref)
            if told["is_final"] != self.truth.is_final(order_ref):
                names = sorted(self.truth.lies_about(order_ref)) or "nothing false"
                wrong.append(f"order {order_ref}: {names} was said, and it is {told['stage']}")
        return wrong


def _fields(ride: Ride) -> dict[str, str]:
    return {name: getattr(ride, name) for name in Ride.__dataclass_fields__}
