"""The doors at which clients race: the till's actions, its HTTP door, an acquirer's signed door."""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from huiquan.domain.redemptions import Lock, Redemption, Unlock
from huiquan.domain.refunds import Refund
from huiquan.domain.refusals import Refusal
from tests.acquirers import Machine, new_ref
from tests.actions.tills import lock, redeem, refund, unlock
from tests.houses import House
from tests.shops import Shop, new_key, order, till


@dataclass(frozen=True, kw_only=True)
class Got:
    """What whoever got it was told: its name, what is to be paid, what may still come back."""

    name: str
    to_pay_fen: int = 0
    left_fen: int = 0


# What one client was told: that, or the code of a refusal.
Told = Got | str


class Door(Protocol):
    """What can be raced for, each time under a number of the client's own."""

    name: str

    async def lock(self, code: str, order_fen: int) -> Told:
        """Scan a code for an order."""

    async def redeem(self, taken: Got) -> Told:
        """Report a payment under a lock."""

    async def unlock(self, taken: Got) -> Told:
        """Give a lock up."""

    async def refund(self, paid: Got, amount_fen: int) -> Told:
        """Bring goods back."""


@dataclass(frozen=True, kw_only=True)
class Within:
    """The actions themselves, each on a connection of its own."""

    house: House
    at: Shop
    name: str = "within"

    async def lock(self, code: str, order_fen: int) -> Told:
        taken = await lock(self.house, self.at, code, order_fen)
        if isinstance(taken, Lock):
            return Got(name=str(taken.lock_id), to_pay_fen=taken.quote.to_pay_fen)
        return taken.value

    async def redeem(self, taken: Got) -> Told:
        paid = await redeem(self.house, self.at, taken.name)
        return Got(name=str(paid.redemption_id)) if isinstance(paid, Redemption) else paid.value

    async def unlock(self, taken: Got) -> Told:
        done = await unlock(self.house, self.at, taken.name)
        return Got(name=taken.name) if isinstance(done, Unlock) else done.value

    async def refund(self, paid: Got, amount_fen: int) -> Told:
        done = await refund(self.house, self.at, paid.name, amount_fen)
        if isinstance(done, Refund):
            return Got(name=paid.name, left_fen=done.left_fen)
        return done.value


@dataclass(frozen=True, kw_only=True)
class Till:
    """The same as HTTP messages of a cashier; its names are the actions' own."""

    client: httpx.AsyncClient
    at: Shop
    name: str = "over HTTP"

    async def lock(self, code: str, order_fen: int) -> Told:
        return await self._ask("locks", "lock", code=code, **order(str(order_fen // 100)))

    async def redeem(self, taken: Got) -> Told:
        way = f"locks/{taken.name}/redeem"
        return await self._ask(way, "redemption", payment_ref=new_key())

    async def unlock(self, taken: Got) -> Told:
        return await self._ask(f"locks/{taken.name}/unlock", "lock")

    async def refund(self, paid: Got, amount_fen: int) -> Told:
        way = f"redemptions/{paid.name}/refunds"
        told = await self._ask(way, "refund", amount_fen=amount_fen)
        return told if isinstance(told, str) else Got(name=paid.name, left_fen=told.left_fen)

    async def _ask(self, way: str, named: str, **body: Any) -> Told:
        return told_by(await till(self.client, self.at, way, **body), named)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """An acquirer's signed requests under numbers of its own: an order's, a payment's, a refund's.

    A lock is given up by the order's number, so whoever asks again is told the same and no race
    is in it; nobody gives one up here.
    """

    client: httpx.AsyncClient
    machine: Machine
    store: str
    name: str = "over the acquirer's door"

    async def lock(self, code: str, order_fen: int) -> Told:
        asked = {"store": self.store, "code": code, **order(str(order_fen // 100))}
        return await self._ask("locks", "order_ref", order_ref=new_ref("o"), **asked)

    async def redeem(self, taken: Got) -> Told:
        paid = {"payment_ref": new_ref("p"), "paid_fen": taken.to_pay_fen}
        return await self._ask("redemptions", "payment_ref", order_ref=taken.name, **paid)

    async def unlock(self, taken: Got) -> Told:
        raise NotImplementedError

    async def refund(self, paid: Got, amount_fen: int) -> Told:
        back = {"refund_ref": new_ref("f"), "amount_fen": amount_fen}
        told = await self._ask("refunds", "refund_ref", payment_ref=paid.name, **back)
        return told if isinstance(told, str) else Got(name=paid.name, left_fen=told.left_fen)

    async def _ask(self, way: str, named: str, **body: Any) -> Told:
        return told_by(await self.machine.post(self.client, way, **body), named)


def told_by(answer: httpx.Response, named: str) -> Told:
    """What a message says; what it names stands in the field `named`."""
    said = answer.json()
    if answer.status_code >= 400:
        return str(said["code"])
    return Got(
        name=str(said[named]),
        to_pay_fen=said.get("to_pay_fen", 0),
        left_fen=said.get("left_fen", 0),
    )


LOST = {
    "lock": {Refusal.CODE_USED},
    "redeem": {Refusal.ALREADY_REDEEMED, Refusal.LOCK_RELEASED},
    "unlock": {Refusal.ALREADY_REDEEMED, Refusal.LOCK_RELEASED},
    "refund": {Refusal.REFUND_TOO_LARGE},
}
