"""Order rules: one voucher an order, no splitting of bills, one's own account.  一单一券

That an order takes one voucher is held by keys: a number of an order leads to one lock, a payment
pays for one redemption. What is decided here is what no key can see: a bill that was split in two
because somebody holds two vouchers, and a payment from somebody else's account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from huiquan.domain.redemptions import Quote
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import OnRepeat, OrderRules


class Payer(StrEnum):
    """Whose account paid, as far as the acquirer knows."""

    HOLDER = "holder"  # 本人
    OTHER = "other"  # 他人代付
    UNKNOWN = "unknown"


def decide_repeat(
    earlier: Sequence[datetime], net_fen: int, rules: OrderRules, *, now: datetime
) -> bool | Refusal:
    """Say whether an order repeats one of the same person at the same store, to be noted.

    earlier: when that person's vouchers were last locked there, for orders that stand. Refuses
    ORDER_REPEATED where the rulebook does not let a repeat pass.
    """
    since = now - timedelta(minutes=rules.repeat_minutes)
    if net_fen >= rules.repeat_below_fen or not any(at > since for at in earlier):
        return False
    return Refusal.ORDER_REPEATED if rules.on_repeat is OnRepeat.REFUSE else True


def decide_payment(
    quote: Quote, rules: OrderRules, *, paid_fen: int | None, payer: Payer
) -> Refusal | None:
    """Say what is wrong with a payment, None if nothing is.

    paid_fen is what an acquirer says was paid; a cashier says nothing. Refuses AMOUNT_DIFFERS,
    and NOT_OWN_ACCOUNT when the rulebook wants the holder's account and it was another's.
    ASSUMPTION: an acquirer that cannot tell whose account it was is not held against the holder;
    the code came from the holder's own phone within the last half minute.
    """
    if paid_fen is not None and paid_fen != quote.to_pay_fen:
        return Refusal.AMOUNT_DIFFERS
    return Refusal.NOT_OWN_ACCOUNT if rules.own_account_only and payer is Payer.OTHER else None
