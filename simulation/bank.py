"""A bank for play: it takes payment files and answers them; on demand it lies.  模拟银行

It reads the very bytes a real bank would get and answers with bytes a real bank would send. What
it truly paid and took back stands in `paid` and `returned`, and in its statement, so that the
house's books can be held against another's. The same seed lies the same way about the same line.
"""

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from huiquan.domain.bank_answers import COLUMNS as ANSWER_COLUMNS
from huiquan.domain.bank_answers import WORDS, Outcome
from huiquan.domain.money import parse_yuan, yuan
from huiquan.domain.payment_files import COLUMNS as FILE_COLUMNS
from huiquan.domain.refusals import Refusal
from simulation.dice import dice


class Lie(StrEnum):
    """One thing a bank may do to one payment, or to its answer."""

    FAIL = "fail"  # an honest failure: the account is closed
    RETURN_LATE = "return_late"  # paid, and given back days later
    PAY_TWICE = "pay_twice"  # a file that is sent again is paid again
    ANSWER_TWICE = "answer_twice"  # the same answer again, much later
    ANSWER_DIFFERENTLY = "answer_differently"  # paid, then: failed
    FAIL_AFTER_PAYING = "fail_after_paying"  # says failed, has paid, says so later
    OTHER_AMOUNT = "other_amount"  # names another amount than it paid
    OTHER_NUMBER = "other_number"  # the same payment under two numbers
    SILENT = "silent"  # paid, and never answers
    LOSE = "lose"  # neither paid nor answered


LATE = timedelta(days=3)
AT_ONCE = timedelta()


@dataclass(frozen=True, kw_only=True)
class Order:
    """One line of a payment file as the bank reads it, amount in fen."""

    ref: str
    account_no: str
    account_name: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer that waits for its time; before `at` the bank says nothing of it."""

    at: datetime
    ref: str
    outcome: Outcome
    amount_fen: int
    bank_ref: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of the bank's statement: money that truly moved, out below zero."""

    at: datetime
    ref: str
    bank_ref: str
    amount_fen: int


@dataclass(kw_only=True)
class Bank:
    """A bank with its books; `lies` says how often of a hundred lines it does what."""

    seed: int = 1
    lies: dict[Lie, int] = field(default_factory=dict)
    paid: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    returned: Counter[str] = field(default_factory=Counter)
    statement: list[StatementLine] = field(default_factory=list)
    fired: Counter[Lie] = field(default_factory=Counter)
    _waiting: list[Said] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _numbers: int = 0

    def take(self, raw: bytes, at: datetime) -> str:
        """Take a payment file, pay what it will, and give the number of the batch.

        An honest bank knows a reference it has seen: a file that comes again pays nothing again.
        """
        batch, orders = read_file(raw)
        for order in orders:
            lie = self._lie(order.ref)
            again = order.ref in self._seen
            if not again or lie is Lie.PAY_TWICE:
                self._seen.add(order.ref)
                self._pay(order, lie, at)
                if lie is not None:
                    self.fired[lie] += 1
        return batch

    def answers(self, now: datetime) -> bytes | None:
        """The answer file with all that is due by now, in a shuffled order; None if nothing is."""
        due = [one for one in self._waiting if one.at <= now]
        self._waiting = [one for one in self._waiting if one.at > now]
        dice(self.seed, "answers", len(self.statement)).shuffle(due)
        return write_answers(due) if due else None

    def paid_fen(self, ref: str) -> int:
        """What the bank truly paid under a reference and did not take back."""
        return sum(self.paid[ref]) - self.returned[ref]

    def _lie(self, ref: str) -> Lie | None:
        throw = dice(self.seed, "lie", ref).randrange(100)
        for lie, percent in self.lies.items():
            if throw < percent:
                return lie
            throw -= percent
        return None

    def _pay(self, order: Order, lie: Lie | None, at: datetime) -> None:
        if lie is Lie.LOSE:
            return
        if lie is Lie.FAIL:
            self._say(order, at, Outcome.FAILED, "", "收款账户已销户")
            return
        number = self._move(order, order.amount_fen, at)
        self.paid[order.ref].append(order.amount_fen)
        if lie is Lie.FAIL_AFTER_PAYING:
            self._say(order, at, Outcome.FAILED, "", "系统超时")
            self._say(order, at + LATE, Outcome.PAID, number, "")
            return
        if lie is Lie.SILENT:
            return
        shown_fen = order.amount_fen + (1 if lie is Lie.OTHER_AMOUNT else 0)
        self._say(order, at, Outcome.PAID, number, "", shown_fen)
        if lie in (Lie.ANSWER_TWICE, Lie.PAY_TWICE):
            self._say(order, at + LATE, Outcome.PAID, number, "")
        if lie is Lie.OTHER_NUMBER:
            self._say(order, at + LATE, Outcome.PAID, f"{number}X", "")
        if lie is Lie.ANSWER_DIFFERENTLY:
            self._say(order, at + LATE, Outcome.FAILED, "", "户名不符")
        if lie is Lie.RETURN_LATE:
            back = self._move(order, -order.amount_fen, at + LATE)
            self.returned[order.ref] += order.amount_fen
            self._say(order, at + LATE, Outcome.RETURNED, back, "账户状态异常")

    def _move(self, order: Order, amount_fen: int, at: datetime) -> str:
        self._numbers += 1
        number = f"B{self.seed:03}{self._numbers:012}"
        self.statement.append(
            StatementLine(at=at, ref=order.ref, bank_ref=number, amount_fen=-amount_fen)
        )
        return number

    def _say(
        self,
        order: Order,
        at: datetime,
        outcome: Outcome,
        bank_ref: str,
        reason: str,
        amount_fen: int | None = None,
    ) -> None:
        self._waiting.append(
            Said(
                at=at,
                ref=order.ref,
                outcome=outcome,
                amount_fen=order.amount_fen if amount_fen is None else amount_fen,
                bank_ref=bank_ref,
                reason=reason,
            )
        )


def read_file(raw: bytes) -> tuple[str, list[Order]]:
    """A payment file as the bank reads it: batch number and orders; its sums are asserted."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    head, facts, names, *rows = csv.reader(io.StringIO(text))
    assert tuple(names) == FILE_COLUMNS, head
    orders = []
    for row in rows:
        cells = dict(zip(names, row, strict=True))
        amount_fen = parse_yuan(cells["金额"])
        assert not isinstance(amount_fen, Refusal), row
        orders.append(
            Order(
                ref=cells["客户流水号"],
                account_no=cells["收款账号"],
                account_name=cells["收款户名"],
                amount_fen=amount_fen,
            )
        )
    batch, count, total, _ = facts
    assert (int(count), parse_yuan(total)) == (len(orders), sum(one.amount_fen for one in orders))
    return batch, orders


def write_answers(said: list[Said]) -> bytes:
    """An answer file as banks send it, in GBK."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(ANSWER_COLUMNS)
    for one in said:
        amount = yuan(one.amount_fen).replace(",", "")
        writer.writerow((one.ref, amount, WORDS[one.outcome], one.bank_ref, one.reason))
    return text.getvalue().encode("gb18030")
