"""Settlement: merchants are paid what is due to them, after a hold, net of what came back.  清算

    redeemed on day D -- hold_days pass --> due on day D + hold_days, at the earliest on D + 1
    due - refunded before settlement - owed for refunds after earlier settlements = to pay

The hold is there because refunds around the cut-off have paid out public money twice (Gaoyou
2017). A merchant's debt is taken off first, and a settlement is never negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.domain import ledger
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import Transfer
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class Due:
    """A merchant's redemptions of one day in one lane that are in no settlement yet, summed.

    redeemed_fen is what the fund owed for them, returned_fen what refunds have given back of it.
    """

    day: date
    lane: int
    count: int
    redeemed_fen: int
    returned_fen: int


@dataclass(frozen=True, kw_only=True)
class MerchantAccount:
    """What settlement must know of one merchant; receivable_fen is what it owes the fund."""

    merchant_id: int
    dues: tuple[Due, ...]
    receivable_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One lane's part of a settlement: payable, what is kept of it for old debts, and the rest."""

    lane: int
    count: int
    payable_fen: int
    recovered_fen: int

    @property
    def amount_fen(self) -> int:
        """What is paid for this lane."""
        return self.payable_fen - self.recovered_fen


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What a merchant is paid on a day, for redemptions up to and including last_day."""

    merchant_id: int
    day: date
    last_day: date
    lines: tuple[Line, ...]

    @property
    def payable_fen(self) -> int:
        """What was due, net of refunds before settlement."""
        return sum(line.payable_fen for line in self.lines)

    @property
    def recovered_fen(self) -> int:
        """What was kept for refunds after earlier settlements."""
        return sum(line.recovered_fen for line in self.lines)

    @property
    def amount_fen(self) -> int:
        """What the bank is told to pay; zero if old debts took all of it."""
        return self.payable_fen - self.recovered_fen

    @property
    def ref(self) -> str:
        """How the ledger and the bank name it: one settlement a merchant and day."""
        return settlement_ref(self.day, self.merchant_id)

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


def settlement_ref(day: date, merchant_id: int) -> str:
    """The name of a merchant's settlement of a day: 20260220-17."""
    return f"{day_number(day)}-{merchant_id}"


def last_day_due(now: datetime, hold_days: int) -> date:
    """The last day whose redemptions are due now: hold_days ago (T+n), and yesterday at the latest.

    A day that is not over is never settled, whatever the hold.
    """
    assert hold_days >= 0
    return day_of(now) - timedelta(days=max(1, hold_days))


def decide_settlement(
    merchant: MerchantAccount, *, hold_days: int, minimum_fen: int, now: datetime
) -> Settlement | Refusal:
    """Say what a merchant is paid today (R2.4, I28).

    Everything due is settled at once; days still in their hold stay where they are. What the
    merchant owes is kept first, as far as what is due reaches; the rest of the debt waits.
    Refuses NOTHING_TO_SETTLE: nothing is due, or after the debt something is left but less than
    minimum_fen. Then all of it waits for the next day; the last settlements of a campaign are
    asked with a minimum of 1.
    """
    last_day = last_day_due(now, hold_days)
    due = [part for part in merchant.dues if part.day <= last_day]
    settlement = Settlement(
        merchant_id=merchant.merchant_id,
        day=day_of(now),
        last_day=last_day,
        lines=_lines(due, merchant.receivable_fen),
    )
    waits = 0 < settlement.amount_fen < minimum_fen
    return Refusal.NOTHING_TO_SETTLE if settlement.payable_fen == 0 or waits else settlement


def _lines(due: Sequence[Due], receivable_fen: int) -> tuple[Line, ...]:
    """Sum what is due by lane and take the debt off lane after lane, lowest lane first."""
    lines = []
    owed_fen = receivable_fen
    for lane in sorted({part.lane for part in due}):
        parts = [part for part in due if part.lane == lane]
        payable_fen = sum(part.redeemed_fen - part.returned_fen for part in parts)
        recovered_fen = min(owed_fen, payable_fen)
        owed_fen -= recovered_fen
        lines.append(
            Line(
                lane=lane,
                count=sum(part.count for part in parts),
                payable_fen=payable_fen,
                recovered_fen=recovered_fen,
            )
        )
    return tuple(lines)


def decide_payment(
    *, merchant_id: int, day: date, amount_fen: int, confirmed_fen: int
) -> Transfer | Refusal:
    """The bank says that it has paid the settlement of a day: money leaves the account.

    Refuses NOTHING_TO_SETTLE (the settlement was for nothing, all kept for old debts) and
    BAD_AMOUNT (the bank names another amount than it was told: people must look at it).
    """
    if amount_fen == 0:
        return Refusal.NOTHING_TO_SETTLE
    if confirmed_fen != amount_fen:
        return Refusal.BAD_AMOUNT
    return ledger.pay(
        merchant_id=merchant_id, amount_fen=amount_fen, ref=settlement_ref(day, merchant_id)
    )
