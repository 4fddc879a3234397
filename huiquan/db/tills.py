"""Tills: whose one is, and the turn in which a request of it is heard and answered.  收银台"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from huiquan.db.connection import Database, Tx
from huiquan.db.requests import RequestKey, answered
from huiquan.db.together import Write
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Caller, Terminal, Till

T = TypeVar("T")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked at a till, under a key that the caller chose."""

    request_key: str


@dataclass(frozen=True, kw_only=True)
class Turn(Generic[T]):
    """One request of a till's, and what kind of answer it is given; `kind` reads an earlier one."""

    till: Till
    request: RequestKey
    kind: type[T]

    @property
    def number(self) -> int:
        """By which it waits for the end of an equal one."""
        return self.request.turn

    def answered(self, answer: T, at: datetime) -> Write:
        """Keep the answer beside the writes of the deed, for whoever asks the same again."""
        return answered(self.request, msgspec.to_builtins(answer), at)


async def turn_of(db: Database, caller: Caller, asked: Asked, kind: type[T]) -> Turn[T] | Refusal:
    """The turn of a request: whose key it is, and what belongs to it besides its body.

    Refuses what `standing_at` refuses.
    """
    till = await standing_at(db, caller)
    if isinstance(till, Refusal):
        return till
    body = msgspec.json.encode(asked) + till.mark
    request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
    return Turn(till=till, request=request, kind=kind)


async def standing_at(db: Database, caller: Caller) -> Till | Refusal:
    """The till at which somebody stands. Refuses UNAUTHENTICATED: a cashier who is none any more.

    An acquirer's terminal was admitted by its signature before.
    """
    if isinstance(caller, Terminal):
        return Till(store_id=caller.store_id, terminal=caller)
    async with db.asking() as tx:
        return await of_cashier(tx, caller) or Refusal.UNAUTHENTICATED


async def of_cashier(tx: Tx, cashier_id: int) -> Till | None:
    """The till at which a cashier stands, or None for nobody."""
    store_id: int | None = await tx.fetchval(
        "select store_id from cashiers where cashier_id = $1", cashier_id
    )
    return Till(store_id=store_id, cashier_id=cashier_id) if store_id is not None else None
