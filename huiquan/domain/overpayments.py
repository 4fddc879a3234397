"""A payment that went through after all: called failed, and owed to the merchant anew.  重付

    bounced --the bank's statement shows it left, two people confirm--> owed back by the merchant

What left the bank is then a debt of the merchant, as a late refund is: the next settlements keep
it. Until they have, the pool covers it, so that every other fen still stands for something.
"""

from dataclasses import dataclass

from huiquan.domain.ledger import BANK, POOL, Account, Kind, Transfer, of_merchant
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class LatePayment:
    """A bank's line under the reference of one of our settlements, and how that one stands.

    left_fen is what the bank's line took from the account, amount_fen what was settled, both above
    zero; is_bounced: our books say that it never arrived; is_booked: it was booked after all.
    """

    merchant_id: int
    ref: str
    amount_fen: int
    left_fen: int
    is_bounced: bool
    is_booked: bool


def overpay(*, merchant_id: int, amount_fen: int, ref: str) -> tuple[Transfer, Transfer]:
    """Money left the bank for what is owed anew: the merchant owes it, the pool covers it.  重付

    The two belong together: the fund equation holds after both, not between them.
    """
    covered = Transfer(
        kind=Kind.COVER,
        debit=POOL,
        credit=of_merchant(Account.RECOVERING, merchant_id),
        amount_fen=amount_fen,
        ref=ref,
    )
    left = Transfer(
        kind=Kind.OVERPAY,
        debit=of_merchant(Account.RECEIVABLE, merchant_id),
        credit=BANK,
        amount_fen=amount_fen,
        ref=ref,
    )
    return covered, left


def late_payment_flaw(payment: LatePayment) -> Refusal | None:
    """Why nobody may say that a payment went through after all; None if one may.

    CAUSE_DOES_NOT_FIT: it did not bounce, another amount left, or it is booked already.
    """
    is_meant = payment.is_bounced and payment.left_fen == payment.amount_fen
    return None if is_meant and not payment.is_booked else Refusal.CAUSE_DOES_NOT_FIT


def decide_overpayment(
    payment: LatePayment, *, pool_fen: int
) -> tuple[Transfer, Transfer] | Refusal:
    """Say what is booked when the second person confirms that a payment went through (I34).

    Refuses what `late_payment_flaw` refuses, and FUND_TOO_SMALL when the pool cannot cover it: then
    the department pays in before anything is booked, for what is promised to others is not touched.
    The first person, who only asks, need not wait for that.
    """
    flaw = late_payment_flaw(payment)
    if flaw:
        return flaw
    if payment.amount_fen > pool_fen:
        return Refusal.FUND_TOO_SMALL
    return overpay(merchant_id=payment.merchant_id, amount_fen=payment.amount_fen, ref=payment.ref)
