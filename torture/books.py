"""The books of others: what acquirers and the bank know, and what they tell of it.  他方账簿

An acquirer's book is what it was told for certain; the bank's is what it truly paid and took back.
A bill may be wrong on purpose: then the house has to have a case for it.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from huiquan.domain.days import SHANGHAI, day_number, day_of
from simulation.bank import Bank
from simulation.bill_facts import Fact, Lie, tell
from simulation.bill_shapes import SHAPES
from simulation.carrier import Truth
from torture.officials import Desk
from torture.prepare import APPROPRIATION, BUDGET_FEN
from torture.tenders import Tender

ACCOUNT = "icbc-1001"
STATEMENT_SHAPE = "icbc-csv"
SHAPE_OF = {"wepay": "wechat", "alipay": "alipay", "mall": "wechat"}
WRONG_BILLS = 0.4
LIES = (Lie.DROP, Lie.DOUBLE, Lie.AMOUNT)


@dataclass(frozen=True, kw_only=True)
class OthersBooks:
    """What stands in other people's books at the end.

    acquirers: what each acquirer knows happened. bills: what it told of a day, lies included.
    statement: what the bank told. truly_paid: what the bank paid under a reference and did not take
    back, in fen. heard: the events of which each acquirer was told. truth: what the carrier of
    online orders alone knows.
    """

    acquirers: Mapping[str, Sequence[Fact]]
    bills: Mapping[tuple[str, int], Sequence[Fact]]
    statement: Sequence[Fact]
    truly_paid: Mapping[str, int]
    heard: frozenset[str]
    truth: Truth = field(default_factory=Truth)


@dataclass
class Bookkeeper:
    """Writes bills and statements day by day, and remembers what it told."""

    tenders: Sequence[Tender]
    bank: Bank
    dice: random.Random
    eve: date
    bills: dict[tuple[str, int], list[Fact]] = field(default_factory=dict)
    statement: list[Fact] = field(default_factory=list)
    is_honest: bool = False
    _written: dict[tuple[str, int], list[Fact]] = field(default_factory=dict)
    _told_until: date = date.min

    async def bring_until(self, desk: Desk, day: date) -> None:
        """Bring every bill of a day that is over, and the bank's statement up to it.

        A bill that could not be brought is brought the next time, as it was written.
        """
        for tender in self.tenders:
            shape = SHAPE_OF[tender.code]
            facts = facts_of(tender)
            for number in sorted({day_number(one.day) for one in facts if one.day <= day}):
                key = (tender.code, number)
                if key in self.bills:
                    continue
                mine = [one for one in facts if day_number(one.day) == number]
                told = self._written.setdefault(key, self._told(mine))
                await desk.bring(tender.code, shape, number, SHAPES[shape](told))
                self.bills[key] = told
        fresh = [one for one in self._bank_facts() if self._told_until < one.day <= day]
        if fresh:
            await desk.bring(ACCOUNT, STATEMENT_SHAPE, None, SHAPES[STATEMENT_SHAPE](fresh))
            self.statement += fresh
        self._told_until = day

    def _told(self, facts: list[Fact]) -> list[Fact]:
        if self.is_honest or len(facts) < 3 or self.dice.random() >= WRONG_BILLS:
            return facts
        return tell(self.dice.choice(LIES), facts, self.dice)[0]

    def _bank_facts(self) -> Iterable[Fact]:
        morning = datetime.combine(self.eve, time(10), SHANGHAI)
        yield Fact(
            kind="in", ref="", serial=APPROPRIATION, amount_fen=BUDGET_FEN, at=morning, day=self.eve
        )
        for one in self.bank.statement:
            yield Fact(
                kind="in" if one.amount_fen > 0 else "out",
                ref=one.ref if one.amount_fen < 0 else "",
                serial=one.bank_ref,
                amount_fen=one.amount_fen,
                at=one.at,
                day=day_of(one.at),
            )

    def at_the_end(self, heard: Iterable[str], truth: Truth) -> OthersBooks:
        """Everything that stands in the books of others."""
        return OthersBooks(
            acquirers={one.code: facts_of(one) for one in self.tenders},
            bills=self.bills,
            statement=self.statement,
            truly_paid={ref: self.bank.paid_fen(ref) for ref in list(self.bank.paid)},
            heard=frozenset(heard),
            truth=truth,
        )


def facts_of(tender: Tender) -> list[Fact]:
    """What an acquirer knows: its payments and its refunds, in the order of time."""
    told, found = tender.liar.told, []
    for payment, paid in told.redeemed.items():
        at = datetime.fromisoformat(paid["redeemed_at"])
        found.append(
            Fact(
                kind="redeem",
                ref=payment,
                serial=f"S{payment}",
                amount_fen=paid["discount_fen"],
                paid_fen=paid["to_pay_fen"],
                at=at,
                day=day_of(at),
            )
        )
    for refund, back in told.refunded.items():
        at = datetime.fromisoformat(back["refunded_at"])
        found.append(
            Fact(
                kind="refund",
                ref=tender.of_refund[refund],
                sub=refund,
                serial=f"S{refund}",
                amount_fen=-back["to_fund_fen"],
                paid_fen=-back["to_consumer_fen"],
                at=at,
                day=day_of(at),
            )
        )
    return sorted(found, key=lambda one: (one.at, one.ref, one.sub))
