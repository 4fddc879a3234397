"""What another book tells, and the lies it can tell: for bills that are honest until somebody lies.

账单模拟。 A fact is one line before anybody has written it down in a shape of a file.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from huiquan.domain.days import SHANGHAI


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line: for an acquirer what the fund and the customer paid, for a bank what moved.

    kind is redeem, refund, out, in, fee or interest; amounts carry their sign. day is the day of
    the bill it stands in.
    """

    kind: str
    ref: str
    sub: str = ""
    serial: str = ""
    amount_fen: int
    paid_fen: int = 0
    at: datetime
    day: date
    place: str = ""

    @property
    def local(self) -> datetime:
        """The time as bills write it: that of Shanghai."""
        return self.at.astimezone(SHANGHAI)


class Lie(StrEnum):
    """One way in which a bill can be wrong."""

    DROP = "drop"
    DOUBLE = "double"
    AMOUNT = "amount"
    DAY = "day"
    SWAP = "swap"
    SIGN = "sign"


def tell(lie: Lie, facts: Sequence[Fact], dice: random.Random) -> tuple[list[Fact], list[Fact]]:
    """Tell one lie about one line, for SWAP about two; gives all lines, and the true ones touched.

    There must be two lines at least whose references and amounts differ.
    """
    told = list(facts)
    place = dice.randrange(len(told))
    true = told[place]
    if lie is Lie.SWAP:
        others = [
            at
            for at, one in enumerate(told)
            if one.ref != true.ref
            and one.kind == true.kind
            and (one.amount_fen, one.paid_fen) != (true.amount_fen, true.paid_fen)
        ]
        if not others:
            return told, []
        other = dice.choice(others)
        touched = [true, told[other]]
        told[place] = replace(true, ref=touched[1].ref, sub=touched[1].sub)
        told[other] = replace(touched[1], ref=true.ref, sub=true.sub)
        return told, touched
    told[place : place + 1] = _SAID[lie](true, dice)
    return told, [true]


def _another_amount(fact: Fact, dice: random.Random) -> list[Fact]:
    return [replace(fact, amount_fen=fact.amount_fen + dice.choice((-1, 1, 100, 10_000)))]


def _another_day(fact: Fact, dice: random.Random) -> list[Fact]:
    return [replace(fact, day=fact.day + timedelta(days=1), at=fact.at + timedelta(days=1))]


_SAID: dict[Lie, Callable[[Fact, random.Random], list[Fact]]] = {
    Lie.DROP: lambda fact, dice: [],
    Lie.DOUBLE: lambda fact, dice: [fact, fact],
    Lie.AMOUNT: _another_amount,
    Lie.DAY: _another_day,
    Lie.SIGN: lambda fact, dice: [
        replace(fact, amount_fen=-fact.amount_fen, paid_fen=-fact.paid_fen)
    ],
}
