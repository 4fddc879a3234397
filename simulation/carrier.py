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


@dataclass(kw_only=True)
class LyingCarrier:
    """A carrier, with the warehouse whose gate it drives through; both sign what they say."""

    send: Send
    carrier: Signing
    warehouse: Signing
    carrier_code: str
    other_warehouse: str
    elsewhere: str
    dice: random.Random
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
        place = self.elsewhere if lie is Lie.WRONG_COUNTY else ride.county
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
            last.append({**signed, "county": self.elsewhere})
        first = [] if lie is Lie.NEVER_LEFT else [left]
        return [*first, self._word("collected", ride, start, 2), *between, *last]

    def _word(self, kind: str, ride: Ride, start: datetime, hours: int) -> Json:
        self._number += 1
        return {
            "event_ref": f"{ride.waybill}-{self._number}",
            "kind": kind,
            "happened_at": (start + timedelta(hours=hours)).isoformat(),
            "waybill": ride.waybill,
        }

    async def _say(self, word: Json, lie: Lie | None) -> None:
        who = self.warehouse if word["kind"] == "dispatched" else self.carrier
        if lie is Lie.FORGED_SIGNATURE:
            await self._forge(who, word)
        told = await self._insist(who, word)
        if lie is Lie.DOUBLED and told is not None:
            again = await self._insist(who, word)
            if again is None or again["standing"] != "known":
                self.truth.contradictions.append(f"{word}: {told}, and again {again}")

    async def _insist(self, who: Signing, word: Json) -> Json | None:
        """Say it until it was heard; a refusal is an answer."""
        body = msgspec.json.encode(word)
        for _ in range(TRIES):
            headers = who.headers(self.dice, "POST", EVENTS, body)
            status, said = await self.send("POST", EVENTS, headers, body)
            if status in (429, 503):
                await asyncio.sleep(0)
                continue
            answer: Json = msgspec.json.decode(said)
            if status >= 400:
                self.truth.contradictions.append(f"{word}: {status} {answer}")
                return None
            self.truth.standings[str(answer["standing"])] += 1
            return answer
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
        by_order: dict[str, list[Ride]] = {}
        for ride in self.truth.rides.values():
            by_order.setdefault(ride.order_ref, []).append(ride)
        for order_ref, rides in by_order.items():
            lies = {self.truth.lies.get(ride.waybill) for ride in rides} - {None} - HARMLESS
            told: Any = await look(order_ref)
            if told["is_final"] != (not lies):
                names = sorted(str(lie) for lie in lies) or "nothing false"
                wrong.append(f"order {order_ref}: {names} was said, and it is {told['stage']}")
        return wrong


def _fields(ride: Ride) -> dict[str, str]:
    return {name: getattr(ride, name) for name in Ride.__dataclass_fields__}
