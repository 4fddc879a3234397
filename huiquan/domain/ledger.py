"""The ledger: every movement of public money has a name, and nothing moves without one.  资金台账

    appropriate      release         reserve          redeem          settle         pay
  ----------> POOL ----------> RELEASED -----> RESERVED -----> PAYABLE -----> SETTLING ----> out
               ^  <-- recall --/                |    ^           |
               |                         expire |    \\-reinstate-|
               |                                v                |
               \\------ roll_over ----------- RETURNED <-- refund -/

A payment that the bank gives back goes the same way home: pay_back into SETTLING, if it had left,
and bounce from SETTLING to PAYABLE, lane by lane.

A transfer debits one account and credits another with the same amount, so it balances as it
stands. At every instant  BANK = POOL + RELEASED + RESERVED + RETURNED + PAYABLE + SETTLING.
What a merchant owes for refunds after settlement stands beside it: RECEIVABLE = RECOVERING.
Beside the way of a voucher, money comes in by `compensate` and `repay`, and what is left when a
campaign is closed goes back by `return_remainder`: those stand in `fund.py`. A payment that went
through after it was owed anew is booked by `overpay` and `cover`, in `overpayments.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from huiquan.domain.refusals import Refusal

HOUSE_LANE = -1
"""The lane of accounts that belong to the whole campaign and not to one lane of consumers."""


class Account(StrEnum):
    """Where public money stands. Only BANK is at a bank; the others say what it is meant for."""

    BANK = "bank"  # 专用账户
    POOL = "pool"  # 资金池: appropriated, not yet promised to any day
    RELEASED = "released"  # 已投放: today's stock that nobody has won yet
    RESERVED = "reserved"  # 已占用: the face of every live voucher
    RETURNED = "returned"  # 已回收: from expired and refunded vouchers, until the day's roll-over
    PAYABLE = "payable"  # 应付商户
    SETTLING = "settling"  # 清算中: handed to the bank, not yet confirmed
    RECEIVABLE = "receivable"  # 应收商户: refunded after settlement, the merchant owes it
    RECOVERING = "recovering"  # 待追回: the same money, seen from the fund


BACKED_BY_BANK = (
    Account.POOL,
    Account.RELEASED,
    Account.RESERVED,
    Account.RETURNED,
    Account.PAYABLE,
    Account.SETTLING,
)
_LANE_ACCOUNTS = {Account.RELEASED, Account.RESERVED, Account.RETURNED, Account.PAYABLE}
_MERCHANT_ACCOUNTS = {
    Account.PAYABLE,
    Account.SETTLING,
    Account.RECEIVABLE,
    Account.RECOVERING,
}
_GROWS_BY_DEBIT = {Account.BANK, Account.RECEIVABLE}


class Kind(StrEnum):
    """The name of a movement."""

    APPROPRIATE = "appropriate"
    RELEASE = "release"
    RECALL = "recall"
    RESERVE = "reserve"
    REDEEM = "redeem"
    EXPIRE = "expire"
    REFUND = "refund"
    REINSTATE = "reinstate"
    REFUND_LATE = "refund_late"
    RECOVER = "recover"
    REGAIN = "regain"
    ROLL_OVER = "roll_over"
    SETTLE = "settle"
    PAY = "pay"
    PAY_BACK = "pay_back"
    BOUNCE = "bounce"
    COMPENSATE = "compensate"
    REPAY = "repay"
    REPAID = "repaid"
    RETURN_REMAINDER = "return_remainder"
    OVERPAY = "overpay"
    COVER = "cover"


@dataclass(frozen=True, kw_only=True)
class AccountRef:
    """One account of one lane (or of the house), and of one merchant where it is a merchant's."""

    account: Account
    lane: int = HOUSE_LANE
    holder: str = ""

    def __post_init__(self) -> None:
        assert (self.lane != HOUSE_LANE) == (self.account in _LANE_ACCOUNTS), self
        assert (self.holder != "") == (self.account in _MERCHANT_ACCOUNTS), self


Balances = Mapping[AccountRef, int]
"""What stands on each account, in fen, on its natural side: never below zero."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One movement: amount_fen leaves or enters both accounts by the rule of their sides.

    Within one book a ref occurs once for each kind, so no movement is booked twice. idx names
    the voucher it is about, by its entry in the lane; None if it is about no single voucher.
    """

    kind: Kind
    debit: AccountRef
    credit: AccountRef
    amount_fen: int
    ref: str
    idx: int | None = None

    def __post_init__(self) -> None:
        assert self.amount_fen > 0, "a movement of nothing is no movement"
        assert self.ref, "a movement says what it is for"


BANK = AccountRef(account=Account.BANK)
POOL = AccountRef(account=Account.POOL)


def of_lane(account: Account, lane: int) -> AccountRef:
    """An account of one lane: RELEASED, RESERVED or RETURNED."""
    return AccountRef(account=account, lane=lane)


def payable(lane: int, merchant_id: int) -> AccountRef:
    """What the fund owes a merchant for redemptions of one lane."""
    return AccountRef(account=Account.PAYABLE, lane=lane, holder=str(merchant_id))


def of_merchant(account: Account, merchant_id: int) -> AccountRef:
    """A merchant's account with the house: SETTLING, RECEIVABLE or RECOVERING."""
    return AccountRef(account=account, holder=str(merchant_id))


def appropriate(*, amount_fen: int, ref: str) -> Transfer:
    """The department pays into the dedicated account (R2.4).  拨款"""
    return Transfer(kind=Kind.APPROPRIATE, debit=BANK, credit=POOL, amount_fen=amount_fen, ref=ref)


def release(*, lane: int, amount_fen: int, ref: str) -> Transfer:
    """A day's stock is put into a lane.  投放"""
    stock = of_lane(Account.RELEASED, lane)
    return Transfer(kind=Kind.RELEASE, debit=POOL, credit=stock, amount_fen=amount_fen, ref=ref)


def recall(*, lane: int, amount_fen: int, ref: str) -> Transfer:
    """What nobody won that day goes back to the pool.  收回未中签额度"""
    stock = of_lane(Account.RELEASED, lane)
    return Transfer(kind=Kind.RECALL, debit=stock, credit=POOL, amount_fen=amount_fen, ref=ref)


def reserve(*, lane: int, idx: int, amount_fen: int, ref: str) -> Transfer:
    """A consumer wins: the money is set aside before the voucher is shown.  发券"""
    return Transfer(
        kind=Kind.RESERVE,
        debit=of_lane(Account.RELEASED, lane),
        credit=of_lane(Account.RESERVED, lane),
        amount_fen=amount_fen,
        ref=ref,
        idx=idx,
    )


def redeem(*, lane: int, idx: int, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """The voucher is redeemed: the promise becomes a debt to the merchant.  核销"""
    return Transfer(
        kind=Kind.REDEEM,
        debit=of_lane(Account.RESERVED, lane),
        credit=payable(lane, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
        idx=idx,
    )


def expire(*, lane: int, idx: int, amount_fen: int, ref: str) -> Transfer:
    """The voucher was not used in its time: the promise ends.  过期"""
    return Transfer(
        kind=Kind.EXPIRE,
        debit=of_lane(Account.RESERVED, lane),
        credit=of_lane(Account.RETURNED, lane),
        amount_fen=amount_fen,
        ref=ref,
        idx=idx,
    )


def refund(*, lane: int, idx: int, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """Goods come back before settlement: the fund owes the merchant less.  核销退款"""
    return Transfer(
        kind=Kind.REFUND,
        debit=payable(lane, merchant_id),
        credit=of_lane(Account.RETURNED, lane),
        amount_fen=amount_fen,
        ref=ref,
        idx=idx,
    )


def reinstate(*, lane: int, idx: int, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """The voucher returns to its holder, where the rulebook says so: it is promised again.  退券"""
    return Transfer(
        kind=Kind.REINSTATE,
        debit=payable(lane, merchant_id),
        credit=of_lane(Account.RESERVED, lane),
        amount_fen=amount_fen,
        ref=ref,
        idx=idx,
    )


def refund_late(*, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """Goods come back after settlement: the merchant owes the fund.  清算后退款"""
    return Transfer(
        kind=Kind.REFUND_LATE,
        debit=of_merchant(Account.RECEIVABLE, merchant_id),
        credit=of_merchant(Account.RECOVERING, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )


def recover(*, lane: int, merchant_id: int, amount_fen: int, ref: str) -> tuple[Transfer, Transfer]:
    """A merchant's debt is taken off what it is owed, and is the fund's again.  追回

    The two belong together: the fund equation holds after both, not between them.
    """
    taken = Transfer(
        kind=Kind.RECOVER,
        debit=payable(lane, merchant_id),
        credit=of_merchant(Account.RECEIVABLE, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )
    regained = Transfer(
        kind=Kind.REGAIN,
        debit=of_merchant(Account.RECOVERING, merchant_id),
        credit=of_lane(Account.RETURNED, lane),
        amount_fen=amount_fen,
        ref=ref,
    )
    return taken, regained


def roll_over(*, lane: int, amount_fen: int, ref: str) -> Transfer:
    """Expired and refunded money goes back to the pool, for the days to come.  滚动使用"""
    back = of_lane(Account.RETURNED, lane)
    return Transfer(kind=Kind.ROLL_OVER, debit=back, credit=POOL, amount_fen=amount_fen, ref=ref)


def settle(*, lane: int, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """What is due to a merchant is handed to the bank to be paid.  清算"""
    return Transfer(
        kind=Kind.SETTLE,
        debit=payable(lane, merchant_id),
        credit=of_merchant(Account.SETTLING, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )


def pay(*, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """The bank confirms: money has left the dedicated account, the only way it can.  付款"""
    handed = of_merchant(Account.SETTLING, merchant_id)
    return Transfer(kind=Kind.PAY, debit=handed, credit=BANK, amount_fen=amount_fen, ref=ref)


def pay_back(*, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """The bank gives a payment back that it had made: the money is here again.  退汇入账"""
    handed = of_merchant(Account.SETTLING, merchant_id)
    return Transfer(kind=Kind.PAY_BACK, debit=BANK, credit=handed, amount_fen=amount_fen, ref=ref)


def bounce(*, lane: int, merchant_id: int, amount_fen: int, ref: str) -> Transfer:
    """A payment did not reach the merchant: the fund owes it again, to be settled anew.  退汇"""
    return Transfer(
        kind=Kind.BOUNCE,
        debit=of_merchant(Account.SETTLING, merchant_id),
        credit=payable(lane, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )


def decide_release(
    *, pool_fen: int, by_lane: Mapping[int, int], ref: str
) -> tuple[Transfer, ...] | Refusal:
    """Put a day's stock into the lanes, all of it or nothing (R2.3, R2.4).

    Amounts in fen by lane; lanes that get nothing are left out. Refuses FUND_TOO_SMALL when the
    pool does not hold the whole amount: nothing is promised that is not in the account.
    """
    if sum(by_lane.values()) > pool_fen:
        return Refusal.FUND_TOO_SMALL
    return tuple(
        release(lane=lane, amount_fen=amount_fen, ref=ref)
        for lane, amount_fen in sorted(by_lane.items())
        if amount_fen
    )


def book_of(transfer: Transfer) -> int:
    """The lane in whose book a transfer is numbered: the lane it touches, else the house.

    So the book of a lane alone proves all balances of that lane.
    """
    return max(transfer.debit.lane, transfer.credit.lane)


def movement_of(transfer: Transfer) -> tuple[tuple[AccountRef, int], tuple[AccountRef, int]]:
    """What a transfer adds to (or, below zero, takes from) the two balances, in fen."""
    debit_grows = transfer.debit.account in _GROWS_BY_DEBIT
    credit_grows = transfer.credit.account not in _GROWS_BY_DEBIT
    return (
        (transfer.debit, transfer.amount_fen if debit_grows else -transfer.amount_fen),
        (transfer.credit, transfer.amount_fen if credit_grows else -transfer.amount_fen),
    )


def apply(balances: Balances, transfer: Transfer) -> dict[AccountRef, int]:
    """The balances after one transfer. No account may fall below zero: that would be our fault."""
    after = dict(balances)
    for account, moved_fen in movement_of(transfer):
        after[account] = after.get(account, 0) + moved_fen
        assert after[account] >= 0, f"{transfer.kind} would overdraw {account}"
    return after


def balances(transfers: Iterable[Transfer]) -> dict[AccountRef, int]:
    """The balances that follow from transfers alone, counted from nothing, as an auditor would."""
    counted: Counter[AccountRef] = Counter()
    for transfer in transfers:
        for account, moved_fen in movement_of(transfer):
            counted[account] += moved_fen
    return dict(counted)


def totals(balances: Balances) -> dict[Account, int]:
    """What stands on each kind of account over all lanes and merchants, in fen."""
    counted = dict.fromkeys(Account, 0)
    for ref, amount_fen in balances.items():
        counted[ref.account] += amount_fen
    return counted


def fund_equation_holds(
    balances: Balances,
    *,
    appropriated_fen: int,
    paid_fen: int,
    compensated_fen: int = 0,
    repaid_fen: int = 0,
    remainder_fen: int = 0,
) -> bool:
    """True if every fen in the bank is meant for something, and only named ways led in and out.

    paid_fen is net of what the bank gave back, with what was overpaid.

    Double entry alone does not see money that moved to the wrong, balanced place; that money
    comes from payers, platform or indebted merchants, and leaves the bank to pay a merchant or,
    at the end, as the remainder that goes back, is a claim of its own (I26).
    """
    total = totals(balances)
    came_fen = appropriated_fen + compensated_fen + repaid_fen
    return (
        min(balances.values(), default=0) >= 0
        and total[Account.BANK] == sum(total[account] for account in BACKED_BY_BANK)
        and total[Account.RECEIVABLE] == total[Account.RECOVERING]
        and total[Account.BANK] == came_fen - paid_fen - remainder_fen
    )
