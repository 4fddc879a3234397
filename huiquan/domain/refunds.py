"""Refunds: when goods come back, public money comes back with them.  核销退款

Four families of rules are in use in the country (see `refund_rules`). Hubei's: the voucher never
returns, and its money returns to the fund in proportion to the goods.

    order 1,000  voucher 200  paid 800     goods for 300 come back: 240 to the customer, 60 to
                                           the fund

The amount of a refund is the value of the goods, counted in what was left to pay after merchant
and platform offers. Shares are rounded on the running total, half up, so that whatever the
steps, the last refund leaves nothing over and the pair of customer and merchant gains nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from huiquan.domain import ledger
from huiquan.domain.days import day_of
from huiquan.domain.ledger import Transfer
from huiquan.domain.money import round_half_up
from huiquan.domain.redemptions import Quote, Redemption
from huiquan.domain.refund_rules import RefundRules, Share
from huiquan.domain.refusals import Refusal
from huiquan.domain.serials import Name, read_name, write_name


@dataclass(frozen=True, kw_only=True)
class RefundsSoFar:
    """What has come back of one redemption: how often, goods in fen, and the fund's part of it."""

    count: int = 0
    refunded_fen: int = 0
    returned_fen: int = 0


class Stays(StrEnum):
    """Why a voucher does not return with a refund."""

    RULES = "rules"  # 规则不退券
    PARTIAL = "partial"  # 部分退货
    SETTLED = "settled"  # 已清算
    EXPIRED = "expired"  # 已过有效期


@dataclass(frozen=True, kw_only=True)
class Refund:
    """One refund. amount_fen = to_consumer_fen + to_fund_fen, always.

    is_late: the merchant had been settled, so it now owes the fund its part.
    voucher_returns: the holder gets the voucher back; its money is set aside for it again. If not,
    stays says why, where it is known.
    so_far counts this refund too; left_fen is what may still come back.
    """

    redemption: Redemption
    refund_no: int
    amount_fen: int
    to_consumer_fen: int
    to_fund_fen: int
    is_late: bool
    voucher_returns: bool
    so_far: RefundsSoFar
    refunded_at: datetime
    stays: Stays | None = None

    @property
    def refund_id(self) -> str:
        """The refund's public name."""
        return refund_id(self.redemption, self.refund_no)

    @property
    def left_fen(self) -> int:
        """What may still be refunded of the order, in fen."""
        return self.redemption.quote.net_fen - self.so_far.refunded_fen

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The money it moves; none if the fund's part rounds to nothing this time."""
        if self.to_fund_fen == 0:
            return ()
        paid = self.redemption
        if self.is_late:
            late = ledger.refund_late(
                merchant_id=paid.merchant_id, amount_fen=self.to_fund_fen, ref=self.refund_id
            )
            return (late,)
        move = ledger.reinstate if self.voucher_returns else ledger.refund
        moved = move(
            lane=paid.lane,
            idx=paid.idx,
            merchant_id=paid.merchant_id,
            amount_fen=self.to_fund_fen,
            ref=self.refund_id,
        )
        return (moved,)


def refund_id(redemption: Redemption, refund_no: int) -> str:
    """The public name of one refund of a redemption."""
    attempts = (redemption.lock_no, refund_no)
    return write_name("F", Name(redemption.campaign_id, redemption.lane, redemption.idx, attempts))


def parse_refund_id(text: str) -> tuple[int, int, int, int, int] | None:
    """Campaign, lane, entry, lock and refund number behind a refund's name; None if it is none."""
    name = read_name("F", 2, text)
    if name is None:
        return None
    lock_no, refund_no = name.attempts
    return name.campaign_id, name.lane, name.idx, lock_no, refund_no


def fund_share_fen(quote: Quote, share: Share, refunded_fen: int) -> int:
    """How much of the voucher must be back in the fund once goods for refunded_fen came back.

    Pro rata, rounded half up on the running total; or the fund first, where the rules send the
    whole voucher to the pool on a partial refund. ASSUMPTION: the published text of that family
    (Luohu 2020) gives no arithmetic of its own.
    """
    if share is Share.FUND_FIRST:
        return min(quote.discount_fen, refunded_fen)
    return round_half_up(quote.discount_fen * refunded_fen, quote.net_fen)


def why_voucher_stays(
    rules: RefundRules,
    quote: Quote,
    amount_fen: int,
    *,
    settled: bool,
    voucher_valid_until: datetime,
    now: datetime,
) -> Stays | None:
    """Why the voucher does not return with a refund of this amount; None if it does."""
    if not rules.voucher_returns_if_whole:
        return Stays.RULES
    if amount_fen != quote.net_fen:
        return Stays.PARTIAL
    if settled:
        return Stays.SETTLED
    return Stays.EXPIRED if now >= voucher_valid_until else None


def decide_refund(
    redemption: Redemption,
    so_far: RefundsSoFar,
    amount_fen: int,
    *,
    store_id: int,
    rules: RefundRules,
    settled: bool,
    voucher_valid_until: datetime,
    now: datetime,
) -> Refund | Refusal:
    """Say who gets what when goods for amount_fen come back (R2.4, R2.8; T19).

    `settled`: the redemption is part of a settlement. Then the merchant has had the money, owes
    it, and it is taken off its next settlement; the voucher does not return, whatever the
    rules. Otherwise rules with return give the voucher back, with its old validity, when the
    whole order comes back in one refund while the voucher would still be good. Of an order whose
    voucher has expired meanwhile only the money comes back.

    Refuses OTHER_STORE, BAD_AMOUNT (not above zero), REFUND_TOO_LATE (the rules' days are over),
    TOO_MANY_REFUNDS, REFUND_TOO_LARGE.
    """
    refused = _refused(redemption, so_far, amount_fen, store_id, rules, now)
    if refused is not None:
        return refused
    quote = redemption.quote
    refunded_fen = so_far.refunded_fen + amount_fen
    returned_fen = fund_share_fen(quote, rules.partial, refunded_fen)
    to_fund_fen = returned_fen - so_far.returned_fen
    stays = why_voucher_stays(
        rules,
        quote,
        amount_fen,
        settled=settled,
        voucher_valid_until=voucher_valid_until,
        now=now,
    )
    return Refund(
        redemption=redemption,
        refund_no=so_far.count + 1,
        amount_fen=amount_fen,
        to_consumer_fen=amount_fen - to_fund_fen,
        to_fund_fen=to_fund_fen,
        is_late=settled,
        voucher_returns=stays is None,
        so_far=RefundsSoFar(
            count=so_far.count + 1, refunded_fen=refunded_fen, returned_fen=returned_fen
        ),
        refunded_at=now,
        stays=stays,
    )


def _refused(
    redemption: Redemption,
    so_far: RefundsSoFar,
    amount_fen: int,
    store_id: int,
    rules: RefundRules,
    now: datetime,
) -> Refusal | None:
    if redemption.store_id != store_id:
        return Refusal.OTHER_STORE
    if amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    if day_of(now) > redemption.day + timedelta(days=rules.within_days):
        return Refusal.REFUND_TOO_LATE
    if so_far.count >= rules.refunds_max:
        return Refusal.TOO_MANY_REFUNDS
    if so_far.refunded_fen + amount_fen > redemption.quote.net_fen:
        return Refusal.REFUND_TOO_LARGE
    return None
