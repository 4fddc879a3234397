"""Settlement: merchants are paid what is due to them, after a hold, net of what came back.  清算

    redeemed on day D -- hold_days pass --> due on day D + hold_days, at the earliest on D + 1
    due - refunded before settlement + bounced before - owed for late refunds = to pay

    settled --in a payment file--> in_file --the bank has paid--> paid
                                      |                             | 退汇, days later
                                      \\------ 退汇 ----> bounced <--/   settled anew with the next

The hold is there because refunds around the cut-off have paid out public money twice (Gaoyou
2017). A merchant's debt is taken off first, and a settlement is never negative.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.domain import ledger
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import Transfer
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Rulebook

DIRECT = "direct"
"""The rail of a redemption that a cashier told us of, and no payment company."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one run goes by, from its first merchant to its last, whatever is amended meanwhile.

    last_day and new_store_last_day are the newest days that are due, of stores that count as new
    for new_store_days after their opening and of all others.
    """

    day: date
    last_day: date
    new_store_last_day: date
    new_store_days: int
    minimum_fen: int


@dataclass(frozen=True, kw_only=True)
class Due:
    """A merchant's redemptions of one day, lane and rail in no settlement yet, summed.

    redeemed_fen is what the fund owed for them, returned_fen what refunds have given back of it.
    is_new_store: redeemed while their store counted as new; is_held: somebody holds them back.
    """

    day: date
    lane: int
    count: int
    redeemed_fen: int
    returned_fen: int
    is_new_store: bool = False
    is_held: bool = False


@dataclass(frozen=True, kw_only=True)
class LaneAmount:
    """An amount of one lane, in fen."""

    lane: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class MerchantAccount:
    """What settlement must know of one merchant on one rail.

    bounced is what earlier payments that came back left payable, receivable_fen what the merchant
    owes the fund, is_held whether somebody holds the whole merchant back.
    """

    merchant_id: int
    dues: tuple[Due, ...]
    receivable_fen: int = 0
    rail: str = DIRECT
    bounced: tuple[LaneAmount, ...] = ()
    is_held: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One lane's part of a settlement: due, carried over from bounced payments, kept for debts."""

    lane: int
    count: int
    payable_fen: int
    recovered_fen: int
    carried_fen: int = 0

    @property
    def amount_fen(self) -> int:
        """What is paid for this lane."""
        return self.payable_fen + self.carried_fen - self.recovered_fen


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What a merchant is paid on a day over a rail."""

    merchant_id: int
    day: date
    lines: tuple[Line, ...]
    rail: str = DIRECT

    @property
    def payable_fen(self) -> int:
        """What was due for redemptions, net of refunds before settlement."""
        return sum(line.payable_fen for line in self.lines)

    @property
    def carried_fen(self) -> int:
        """What payments that bounced had left unpaid."""
        return sum(line.carried_fen for line in self.lines)

    @property
    def recovered_fen(self) -> int:
        """What was kept for refunds after earlier settlements."""
        return sum(line.recovered_fen for line in self.lines)

    @property
    def amount_fen(self) -> int:
        """What the bank is told to pay; zero if old debts took all of it."""
        return self.payable_fen + self.carried_fen - self.recovered_fen

    @property
    def ref(self) -> str:
        """How the ledger and the bank name it: one settlement a merchant, rail and day."""
        return settlement_ref(self.day, self.merchant_id, self.rail)

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The money it moves, lane by lane: first old debts, then the rest to the bank."""
        moves: list[Transfer] = []
        names = {"merchant_id": self.merchant_id}
        for line in self.lines:
            if line.recovered_fen:
                moves += ledger.recover(
                    lane=line.lane, amount_fen=line.recovered_fen, ref=self.ref, **names
                )
            if line.amount_fen:
                moves.append(
                    ledger.settle(lane=line.lane, amount_fen=line.amount_fen, ref=self.ref, **names)
                )
        return tuple(moves)


def settlement_ref(day: date, merchant_id: int, rail: str) -> str:
    """The name of a merchant's settlement of a day and rail: 20260220-17-wechat."""
    return f"{day_number(day)}-{merchant_id}-{rail}"


def last_day_due(now: datetime, hold_days: int) -> date:
    """The last day whose redemptions are due now: hold_days ago (T+n), and yesterday at the latest.

    A day that is not over is never settled, whatever the hold.
    """
    assert hold_days >= 0
    return day_of(now) - timedelta(days=max(1, hold_days))


def terms_of(rulebook: Rulebook, now: datetime) -> Terms:
    """The terms of a run that begins now under these rules.

    After the campaign's last day there may be no next time, so then every fen is paid.
    """
    rules, hold_days = rulebook.settlement, rulebook.settlement_hold_days
    is_over = day_of(now) > rulebook.ends_on
    return Terms(
        day=day_of(now),
        last_day=last_day_due(now, hold_days),
        new_store_last_day=last_day_due(now, max(hold_days, rules.new_store_hold_days)),
        new_store_days=rules.new_store_days,
        minimum_fen=1 if is_over else rules.minimum_fen,
    )


def decide_settlement(account: MerchantAccount, terms: Terms) -> Settlement | Refusal:
    """Say what a merchant is paid today over one rail (R2.4, I28).

    Everything due is settled at once, and what bounced before with it; days still in their hold
    and what somebody holds back stay where they are. What the merchant owes is kept first, as far
    as what is due reaches; the rest of the debt waits. Refuses NOTHING_TO_SETTLE: nothing is due,
    the merchant is held back, or after the debt something is left but less than the minimum.
    """
    due = [] if account.is_held else [part for part in account.dues if _is_due(part, terms)]
    settlement = Settlement(
        merchant_id=account.merchant_id,
        day=terms.day,
        rail=account.rail,
        lines=_lines(due, () if account.is_held else account.bounced, account.receivable_fen),
    )
    owed_fen = settlement.payable_fen + settlement.carried_fen
    waits = 0 < settlement.amount_fen < terms.minimum_fen
    return Refusal.NOTHING_TO_SETTLE if owed_fen == 0 or waits else settlement


def _is_due(part: Due, terms: Terms) -> bool:
    last_day = terms.new_store_last_day if part.is_new_store else terms.last_day
    return not part.is_held and part.day <= last_day


def _lines(
    due: Sequence[Due], bounced: Sequence[LaneAmount], receivable_fen: int
) -> tuple[Line, ...]:
    """Sum what is due by lane and take the debt off lane after lane, lowest lane first."""
    lines = []
    owed_fen = receivable_fen
    carried: Counter[int] = Counter()
    for one in bounced:
        carried[one.lane] += one.amount_fen
    for lane in sorted({part.lane for part in due} | set(carried)):
        parts = [part for part in due if part.lane == lane]
        payable_fen = sum(part.redeemed_fen - part.returned_fen for part in parts)
        recovered_fen = min(owed_fen, payable_fen + carried[lane])
        owed_fen -= recovered_fen
        lines.append(
            Line(
                lane=lane,
                count=sum(part.count for part in parts),
                payable_fen=payable_fen,
                carried_fen=carried[lane],
                recovered_fen=recovered_fen,
            )
        )
    return tuple(lines)


@dataclass(frozen=True, kw_only=True)
class Debt:
    """One thing a merchant came to owe: a late refund, or a payment that went through after all."""

    ref: str
    owed_fen: int


def debts_kept(
    debts: Sequence[Debt], *, before_fen: int, kept_fen: int
) -> tuple[tuple[Debt, int], ...]:
    """Which debts an amount that was kept from a payment paid off, and how much of each.

    debts stand in the order in which they arose, and the oldest is paid off first; before_fen is
    what had been paid off earlier, by payments and in cash.
    """
    found, start_fen = [], 0
    for debt in debts:
        end_fen = start_fen + debt.owed_fen
        part_fen = min(end_fen, before_fen + kept_fen) - max(start_fen, before_fen)
        if part_fen > 0:
            found.append((debt, part_fen))
        start_fen = end_fen
    return tuple(found)


def decide_payment(
    *, merchant_id: int, ref: str, amount_fen: int, confirmed_fen: int
) -> Transfer | Refusal:
    """The bank says that it has paid a settlement: money leaves the account.

    Refuses NOTHING_TO_SETTLE (the settlement was for nothing, all kept for old debts) and
    BAD_AMOUNT (the bank names another amount than it was told: people must look at it).
    """
    if amount_fen == 0:
        return Refusal.NOTHING_TO_SETTLE
    if confirmed_fen != amount_fen:
        return Refusal.BAD_AMOUNT
    return ledger.pay(merchant_id=merchant_id, amount_fen=amount_fen, ref=ref)


def bounce_transfers(
    *, merchant_id: int, ref: str, lines: Sequence[LaneAmount], was_paid: bool
) -> tuple[Transfer, ...]:
    """A payment did not arrive: its money is payable again, lane by lane (退汇).

    A payment that had left the account comes back into it first, in the house's book.
    """
    amount_fen = sum(line.amount_fen for line in lines)
    back = [ledger.pay_back(merchant_id=merchant_id, amount_fen=amount_fen, ref=ref)]
    again = [
        ledger.bounce(lane=line.lane, merchant_id=merchant_id, amount_fen=line.amount_fen, ref=ref)
        for line in lines
        if line.amount_fen
    ]
    return (*(back if was_paid else []), *again)
