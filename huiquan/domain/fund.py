"""The fund beside the vouchers: what comes in, and what goes back when all is over.  专户资金

    planned --the bank's reference--> received ........ appropriated, released, spent, settled ...
    pool ----------- closing, two different people ----------> the payers, each its share

Money comes in from three sides only: the department's tranches, the platform that makes good what
was redeemed unlawfully (R3.6), and merchants that pay their debt in cash. What is left at the end
goes back by the way it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from huiquan.domain.ledger import (
    BANK,
    POOL,
    Account,
    Kind,
    Transfer,
    of_lane,
    of_merchant,
)
from huiquan.domain.money import split_fen
from huiquan.domain.refusals import Refusal

REF_MAX = 64
CASH_LANE = 0
"""Cash that a merchant pays back belongs to no lane of consumers; the first lane's book takes it
on its way to the pool, so that a lane's `returned` stays the only way back."""

BURN_DAYS = 7
"""The burn rate is the mean over the last so many days on which money was released."""


@dataclass(frozen=True, kw_only=True)
class Tranche:
    """One part of an appropriation: planned, and received once the bank names it.  拨款批次

    received_fen is what arrived, which may be less or more than planned.
    """

    tranche_no: int
    planned_fen: int
    due_on: date
    payer: str
    payer_account: str
    bank_ref: str | None = None
    received_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class Share:
    """What of a remainder goes back to the payer of one tranche, in fen."""

    tranche_no: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What must be known to close a campaign, all of one instant, in fen.

    live_count: vouchers that may still be spent. open_days: released days that are not closed.
    """

    ends_on: date
    live_count: int
    open_days: int
    totals: Mapping[Account, int]


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One thing that stands in the way of closing, in both languages."""

    code: str
    zh: str
    en: str


def compensate(*, amount_fen: int, ref: str) -> Transfer:
    """The platform makes good what was redeemed unlawfully (R3.6).  赔付"""
    return Transfer(kind=Kind.COMPENSATE, debit=BANK, credit=POOL, amount_fen=amount_fen, ref=ref)


def return_remainder(*, amount_fen: int, ref: str) -> Transfer:
    """What is left goes back to who paid it in, when the campaign is closed.  退回余款"""
    return Transfer(
        kind=Kind.RETURN_REMAINDER, debit=POOL, credit=BANK, amount_fen=amount_fen, ref=ref
    )


def repay(*, merchant_id: int, amount_fen: int, ref: str) -> tuple[Transfer, Transfer]:
    """A merchant pays its debt in cash, and the money is the fund's again.  商户还款

    The two belong together: the fund equation holds after both, not between them.
    """
    paid = Transfer(
        kind=Kind.REPAY,
        debit=BANK,
        credit=of_merchant(Account.RECEIVABLE, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )
    back = Transfer(
        kind=Kind.REPAID,
        debit=of_merchant(Account.RECOVERING, merchant_id),
        credit=of_lane(Account.RETURNED, CASH_LANE),
        amount_fen=amount_fen,
        ref=ref,
    )
    return paid, back


def is_bank_ref(text: str) -> bool:
    """Whether a text can be a bank's reference: printable, not empty, at most 64 characters."""
    return 0 < len(text.strip()) <= REF_MAX and text.isprintable()


def decide_receipt(
    tranche: Tranche, *, amount_fen: int, bank_ref: str
) -> Transfer | Refusal | None:
    """The bank says that a tranche has arrived; None when it was booked like this before (R2.4).

    Refuses BAD_AMOUNT (zero or less) and TRANCHE_RECEIVED (it came under another reference or
    with another amount: people must look at it).
    """
    if amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    if tranche.bank_ref is not None:
        same = (tranche.bank_ref, tranche.received_fen) == (bank_ref, amount_fen)
        return None if same else Refusal.TRANCHE_RECEIVED
    return Transfer(
        kind=Kind.APPROPRIATE, debit=BANK, credit=POOL, amount_fen=amount_fen, ref=bank_ref
    )


def decide_repayment(
    *, merchant_id: int, amount_fen: int, receivable_fen: int, bank_ref: str
) -> tuple[Transfer, Transfer] | Refusal:
    """A merchant has paid its debt, or a part of it, into the dedicated account.

    Refuses BAD_AMOUNT (zero or less) and MORE_THAN_OWED: what is not owed is not the fund's.
    """
    if amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    if amount_fen > receivable_fen:
        return Refusal.MORE_THAN_OWED
    return repay(merchant_id=merchant_id, amount_fen=amount_fen, ref=bank_ref)


def obstacles(standing: Standing, today: date) -> tuple[Obstacle, ...]:
    """Everything that stands in the way of closing; none when it can be closed.

    A merchant's debt does not: it is no money of the account, it is listed and followed on.
    """
    totals = standing.totals
    claims = (
        (today <= standing.ends_on, "running", "活动尚未结束", "the campaign is not over"),
        (
            standing.live_count > 0,
            "live_vouchers",
            f"仍有 {standing.live_count} 张未失效的券",
            f"vouchers that may still be spent: {standing.live_count}",
        ),
        (
            standing.open_days > 0 or totals[Account.RELEASED] > 0,
            "open_days",
            "仍有未收回的当日投放",
            "stock of a day was not recalled",
        ),
        (
            totals[Account.RESERVED] > 0,
            "reserved",
            "仍有已占用资金",
            "money is still reserved",
        ),
        (
            totals[Account.PAYABLE] > 0,
            "payable",
            "仍有应付商户款未清算",
            "merchants are owed and not settled",
        ),
        (
            totals[Account.SETTLING] > 0,
            "settling",
            "仍有清算款未付",
            "settlements are not paid yet",
        ),
        (
            totals[Account.RETURNED] > 0,
            "returned",
            "已回收资金尚未滚回资金池",
            "returned money has not rolled over yet",
        ),
    )
    return tuple(Obstacle(code=code, zh=zh, en=en) for holds, code, zh, en in claims if holds)


def share_remainder(pool_fen: int, tranches: Sequence[Tranche]) -> tuple[Share, ...]:
    """What goes back to each received tranche, pro rata of what arrived, to the last fen.

    Fen left over by rounding go to the shares that lost most, the earliest tranche first; shares
    of nothing are left out. (decision 0731)
    """
    received = [one for one in tranches if one.received_fen > 0]
    if pool_fen == 0 or not received:
        return ()
    amounts = split_fen(pool_fen, [one.received_fen for one in received])
    return tuple(
        Share(tranche_no=one.tranche_no, amount_fen=amount_fen)
        for one, amount_fen in zip(received, amounts, strict=True)
        if amount_fen
    )


def closing_name(campaign_id: int, closing_no: int) -> str:
    """How approvals, the audit and the ledger name a closing."""
    return f"closing {campaign_id}-{closing_no}"


def burn_fen(used_by_day: Mapping[int, int]) -> int:
    """What a day takes out of the pool for good, rounded up: released, less what came back.

    used_by_day holds the last days on which money was released; 0 when there is none, or when
    more came back than went out.
    """
    if not used_by_day:
        return 0
    used_fen = max(0, sum(used_by_day.values()))
    return -(-used_fen // len(used_by_day))


def days_left(pool_fen: int, a_day_fen: int) -> int | None:
    """How many whole days the pool lasts at this burn rate; None if nothing burns."""
    return pool_fen // a_day_fen if a_day_fen else None
