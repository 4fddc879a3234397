"""An acquirer that lies: delays, doubles, reorders, forges, loses, contradicts.  说谎的收单机构

It drives the acquirer's door over a line that does all of this with its messages, and keeps its own
history outside the house: what it was told for certain, and what it only asked for. At the end
`reckon` holds the two against each other; whoever finds a difference has found money in the wrong
place. The same seed lies in the same way as far as the house answers in the same way.
"""

import asyncio
import base64
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from huiquan.domain.request_signing import text_to_sign, time_in_ms

Json: TypeAlias = dict[str, Any]
Send: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Carries method, target, headers and body to the house, and status and body back."""

TRIES = 40
WORTH_ASKING = (429, 503)


class Lie(StrEnum):
    """What the line may do to a message."""

    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    FAIL_AFTER_SUCCESS = "fail_after_success"
    DELAY = "delay"
    DOUBLE = "double"
    REPLAY = "replay"
    REORDER = "reorder"
    FORGE_BODY = "forge_body"
    FORGE_SIGNATURE = "forge_signature"
    FORGE_TARGET = "forge_target"
    OTHER_AMOUNT = "other_amount"


class ForgeryTakenError(AssertionError):
    """The house acted on a message that its acquirer did not sign."""


@dataclass(kw_only=True)
class Signing:
    """How this acquirer signs: a key's name, a function over bytes, and the clock it goes by."""

    key_id: str
    sign: Callable[[bytes], bytes]
    clock: Callable[[], datetime]

    def headers(self, dice: random.Random, method: str, target: str, body: bytes) -> dict[str, str]:
        """The four headers, with a fresh nonce."""
        time_ms, nonce = time_in_ms(self.clock()), dice.randbytes(16).hex()
        signature = self.sign(text_to_sign(method, target, time_ms, nonce, body))
        return {
            "Huiquan-Key": self.key_id,
            "Huiquan-Time": time_ms,
            "Huiquan-Nonce": nonce,
            "Huiquan-Signature": base64.b64encode(signature).decode(),
            "Content-Type": "application/json",
        }


@dataclass(kw_only=True)
class LyingLine:
    """A line that lies at a rate; `fired` counts what it really did."""

    send: Send
    signing: Signing
    dice: random.Random
    rate: float = 0.5
    pause_s: float = 0.01
    fired: Counter[Lie] = field(default_factory=Counter)
    _held: list[asyncio.Task[None]] = field(default_factory=list)
    _deck: list[Lie] = field(default_factory=list)

    async def ask(self, method: str, target: str, body: bytes) -> tuple[int, bytes] | None:
        """One message with whatever happens to it; None when no answer came back."""
        headers = self.signing.headers(self.dice, method, target, body)
        lie = self._next_lie() if self.dice.random() < self.rate else None
        if lie is None or (lie is Lie.OTHER_AMOUNT and b"_fen" not in body):
            return await self.send(method, target, headers, body)
        self.fired[lie] += 1
        match lie:
            case Lie.LOSE_REQUEST:
                return None
            case Lie.LOSE_ANSWER | Lie.FAIL_AFTER_SUCCESS:
                await self.send(method, target, headers, body)
                return None if lie is Lie.LOSE_ANSWER else (503, b"{}")
            case Lie.DELAY:
                await asyncio.sleep(self.dice.random() * self.pause_s)
            case Lie.DOUBLE:
                again = self.signing.headers(self.dice, method, target, body)
                both = await asyncio.gather(
                    self.send(method, target, headers, body), self.send(method, target, again, body)
                )
                return both[0]
            case Lie.REPLAY:
                first = await self.send(method, target, headers, body)
                if first[0] not in WORTH_ASKING:
                    await self._expect_refusal(method, target, headers, body)
                # Else nobody knows whether it arrived: if it did not, the second is the first.
                return first
            case Lie.REORDER:
                self._held.append(asyncio.create_task(self._later(method, target, headers, body)))
                return None
            case _:
                await self._forge(lie, method, target, headers, body)
        return await self.send(method, target, headers, body)

    def _next_lie(self) -> Lie:
        """Every lie comes once before any comes again."""
        if not self._deck:
            self._deck = self.dice.sample(tuple(Lie), len(Lie))
        return self._deck.pop()

    async def settle(self) -> None:
        """Let everything arrive that is still under way."""
        await asyncio.gather(*self._held)
        self._held.clear()

    async def _later(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        await asyncio.sleep(self.pause_s * (1 + self.dice.random()))
        await self.send(method, target, headers, body)

    async def _forge(
        self, lie: Lie, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> None:
        """Send something its acquirer did not sign, and insist that nothing comes of it."""
        match lie:
            case Lie.FORGE_BODY:
                at = self.dice.randrange(len(body) + 1)
                await self._expect_refusal(method, target, headers, body[:at] + b" " + body[at:])
            case Lie.FORGE_TARGET:
                await self._expect_refusal(method, target + "?x=1", headers, body)
            case Lie.OTHER_AMOUNT:
                other = body.replace(b'_fen":', b'_fen":1', 1)
                await self._expect_refusal(method, target, headers, other)
            case _:
                raw = bytearray(base64.b64decode(headers["Huiquan-Signature"]))
                raw[self.dice.randrange(len(raw))] ^= 1 << self.dice.randrange(8)
                forged = {**headers, "Huiquan-Signature": base64.b64encode(raw).decode()}
                await self._expect_refusal(method, target, forged, body)

    async def _expect_refusal(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        status, said = await self.send(method, target, headers, body)
        if status < 400:
            raise ForgeryTakenError(f"{method} {target}: {status} {said!r}")


@dataclass(kw_only=True)
class Told:
    """What this acquirer knows for certain: the answers it got, by its own numbers."""

    locked: dict[str, Json] = field(default_factory=dict)
    redeemed: dict[str, Json] = field(default_factory=dict)
    unlocked: set[str] = field(default_factory=set)
    refunded: dict[str, Json] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class LyingAcquirer:
    """An acquirer on a lying line that insists until it knows, and remembers what it was told."""

    line: LyingLine
    told: Told = field(default_factory=Told)
    door: str = "/acquirer/v1"

    async def lock(self, order_ref: str, *, store: str, code: str, order_fen: int) -> Json | None:
        """Lock a voucher for an order; None when it was refused."""
        answer = await self._insist(
            "locks", order_ref=order_ref, store=store, code=code, order_fen=order_fen, offers=[]
        )
        return self._keep(self.told.locked, order_ref, answer)

    async def redeem(self, order_ref: str, payment_ref: str, paid_fen: int) -> Json | None:
        """Report a payment; None when it was refused."""
        answer = await self._insist(
            "redemptions", order_ref=order_ref, payment_ref=payment_ref, paid_fen=paid_fen
        )
        return self._keep(self.told.redeemed, payment_ref, answer)

    async def unlock(self, order_ref: str) -> bool:
        """Give an order up; False when it was refused."""
        answer = await self._insist("unlocks", order_ref=order_ref)
        if answer is not None:
            self.told.unlocked.add(order_ref)
        return answer is not None

    async def refund(self, refund_ref: str, payment_ref: str, amount_fen: int) -> Json | None:
        """Take goods back; None when it was refused."""
        answer = await self._insist(
            "refunds", refund_ref=refund_ref, payment_ref=payment_ref, amount_fen=amount_fen
        )
        return self._keep(self.told.refunded, refund_ref, answer)

    def _keep(self, kept: dict[str, Json], ref: str, answer: Json | None) -> Json | None:
        """Two answers to one number that differ are a contradiction, whatever they say."""
        if answer is not None and kept.setdefault(ref, answer) != answer:
            self.told.contradictions.append(f"{ref}: {kept[ref]} and then {answer}")
        return answer

    async def _insist(self, way: str, **message: Any) -> Json | None:
        """Ask until an answer came that is one; of a refusal only that it was one is known."""
        body = msgspec.json.encode(message)
        for _ in range(TRIES):
            told = await self.line.ask("POST", f"{self.door}/{way}", body)
            if told is None or told[0] in WORTH_ASKING:
                continue
            status, said = told
            if status >= 500:
                raise AssertionError(f"{way}: {status} {said!r}")
            answer: Json = msgspec.json.decode(said)
            if status < 400:
                return answer
            self.told.refused[str(answer["code"])] += 1
            return None
        return None

    async def reckon(self) -> list[str]:
        """Hold what was told for certain against what the house says now; every difference."""
        await self.line.settle()
        self.line.rate = 0.0
        wrong = list(self.told.contradictions)
        for ref, locked in self.told.locked.items():
            now = await self._now(f"orders/{ref}")
            if (now["lock"] or {}).get("lock") != locked["lock"]:
                wrong.append(f"order {ref} was locked as {locked['lock']}, and is {now}")
        for ref, paid in self.told.redeemed.items():
            now = await self._now(f"payments/{ref}")
            if now["redemption"] != paid:
                wrong.append(f"payment {ref} was redeemed as {paid}, and is {now}")
        for ref in self.told.unlocked:
            now = await self._now(f"orders/{ref}")
            if now["state"] not in ("unlocked", "closed"):
                wrong.append(f"order {ref} was given up, and is {now['state']}")
        for ref, back in self.told.refunded.items():
            now = await self._now(f"refunds/{ref}")
            if back not in now["refunds"]:
                wrong.append(f"refund {ref} was made as {back}, and is {now}")
        return wrong

    async def _now(self, way: str) -> Json:
        status, body = 0, b""
        for _ in range(TRIES):
            told = await self.line.ask("GET", f"/acquirer/v1/{way}", b"")
            assert told is not None, "the line tells the truth by now"
            status, body = told
            if status not in WORTH_ASKING:
                break
            await asyncio.sleep(self.line.pause_s)
        assert status == 200, (status, body)
        answer: Json = msgspec.json.decode(body)
        return answer
