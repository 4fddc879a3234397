"""An acquirer of a run: a lying one, whose every question and answer goes into the history.  收单

It knows for certain only what it was told. Before it writes its bill it asks the house what became
of every number it does not know about, as a payment company does, and so its own book is made.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulation.acquirer import WORTH_ASKING, Json, LyingAcquirer, LyingLine, Send, Signing
from simulation.door import DoorFaultError
from torture.history import History

Thing = TypeVar("Thing")

LIE_RATE = 0.25
PAUSE_S = 0.3
AWAY_S = 0.4
PATIENCE_S = 120.0


@dataclass
class Tender:
    """One acquirer (收单机构): its code, its lying line, and the numbers it used."""

    code: str
    liar: LyingAcquirer
    history: History
    numbers: int = 0
    of_refund: dict[str, str] = field(default_factory=dict)

    def next_number(self) -> str:
        """A number it never used before."""
        self.numbers += 1
        return f"{self.code}{self.numbers:06}"

    async def lock(self, order: str, store: str, code: str, order_fen: int) -> Json | None:
        """Lock a voucher for an order; None when that was refused or nobody answered."""
        return await self._do(
            "acquirer lock",
            order,
            self.liar.lock(order, store=store, code=code, order_fen=order_fen),
        )

    async def redeem(self, order: str, payment: str, paid_fen: int) -> Json | None:
        """Report a payment."""
        return await self._do(
            "acquirer redemption", payment, self.liar.redeem(order, payment, paid_fen)
        )

    async def unlock(self, order: str) -> bool:
        """Give an order up."""
        key = f"{self.code}/{order}"
        self.history.ask("acquirer unlock", key)
        done = await self.liar.unlock(order)
        if done:
            self.history.acknowledge("acquirer unlock", key, {})
        return done

    async def refund(self, refund: str, payment: str, amount_fen: int) -> Json | None:
        """Take goods back."""
        self.of_refund[refund] = payment
        return await self._do(
            "acquirer refund", refund, self.liar.refund(refund, payment, amount_fen)
        )

    async def _do(self, kind: str, number: str, deed: Awaitable[Json | None]) -> Json | None:
        key = f"{self.code}/{number}"
        self.history.ask(kind, key)
        answer = await deed
        if answer is not None:
            self.history.acknowledge(kind, key, answer)
        return answer

    async def learn(self) -> None:
        """Ask what became of every number of which nothing is known for certain."""
        told = self.liar.told
        for payment in self._unknown("acquirer redemption", told.redeemed):
            found = await self._now(f"payments/{payment}")
            if found and found["redemption"]:
                self._keep("acquirer redemption", payment, found["redemption"], told.redeemed)
        for refund in self._unknown("acquirer refund", told.refunded):
            found = await self._now(f"refunds/{refund}")
            mine = [one for one in (found or {}).get("refunds", []) if one["refund_ref"] == refund]
            for one in mine:
                self._keep("acquirer refund", refund, one, told.refunded)

    def _unknown(self, kind: str, known: Mapping[str, Json]) -> list[str]:
        mine = {
            key.split("/", 1)[1]
            for key in self.history.asked_of(kind)
            if key.startswith(f"{self.code}/")
        }
        return sorted(mine - set(known))

    def _keep(self, kind: str, number: str, answer: Json, known: dict[str, Json]) -> None:
        known[number] = answer
        self.history.acknowledge(kind, f"{self.code}/{number}", answer)

    async def _now(self, way: str) -> Json | None:
        """What the house says of a number; None when it never arrived.

        Raises DoorFaultError when patience is over: then the number is asked about tomorrow.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            told = await self.liar.line.ask("GET", f"/acquirer/v1/{way}", b"")
            if told is not None and told[0] not in WORTH_ASKING:
                found: Json = msgspec.json.decode(told[1])
                return found if told[0] == 200 else None
            await asyncio.sleep(AWAY_S)
        raise DoorFaultError(f"{self.code} {way}: nobody answers")


def make_tender(
    code: str,
    secret: Ed25519PrivateKey,
    client: httpx.AsyncClient,
    clock: Callable[[], datetime],
    history: History,
    seed: int,
) -> Tender:
    """An acquirer that lies at a rate, over a line to the house."""
    signing = Signing(key_id=f"{code}-1", sign=secret.sign, clock=clock)
    liar = LyingAcquirer(line=make_line(signing, client, seed))
    return Tender(code=code, liar=liar, history=history)


def make_line(signing: Signing, client: httpx.AsyncClient, seed: int) -> LyingLine:
    """A lying line to the house for whoever signs."""
    return LyingLine(
        send=send_over(client),
        signing=signing,
        dice=random.Random(f"{signing.key_id.removesuffix('-1')}/{seed}"),
        rate=LIE_RATE,
        pause_s=PAUSE_S,
    )


def send_over(client: httpx.AsyncClient) -> Send:
    """Carry signed bytes to the house; a house that is away is a 503, after a moment."""

    async def send(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        try:
            answer = await client.request(method, target, headers=dict(headers), content=body)
        except httpx.TransportError:
            await asyncio.sleep(AWAY_S)
            return 503, b"{}"
        if answer.status_code >= 500:
            # Watched already if it is not 503; here it is a question to be asked again.
            await asyncio.sleep(AWAY_S)
            return 503, answer.content
        return answer.status_code, answer.content

    return send
