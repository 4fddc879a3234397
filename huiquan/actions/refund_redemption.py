"""Refund a redemption: goods came back, and the public money in them comes back too.  核销退款"""

from collections.abc import Iterator

from huiquan.app import App
from huiquan.db import (
    acquirer_orders,
    at_till,
    audit,
    callbacks,
    ledger,
    redemptions,
    refunds,
    tills,
    vouchers,
)
from huiquan.db.at_till import Redeemed
from huiquan.db.connection import Tx
from huiquan.db.tills import Asked
from huiquan.db.together import Write, together
from huiquan.domain import callbacks as told
from huiquan.domain.ledger import book_of
from huiquan.domain.redemptions import Redemption, parse_redemption_id
from huiquan.domain.refund_rules import RefundRules
from huiquan.domain.refunds import Refund, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import refund_rules_of
from huiquan.domain.tills import Caller, Till


class RefundAsked(Asked, frozen=True, kw_only=True, tag="refund_redemption"):
    """The redemption, and the value in fen of the goods that came back."""

    redemption: str
    amount_fen: int


async def refund_redemption(app: App, caller: Caller, asked: RefundAsked) -> Refund | Refusal:
    """Split a refund between customer and fund, to the fen (R2.4, R2.8).

    The rules are those under which the voucher was redeemed. After settlement the
    merchant owes the fund its part. The same key again gives the same refund; another body under
    it is REQUEST_KEY_REUSED. Refuses UNKNOWN_REDEMPTION, REFUND_ELSEWHERE (it was made over another
    door, where the money is), and what `decide_refund` refuses.
    """
    place = parse_redemption_id(asked.redemption)
    if place is None:
        return Refusal.UNKNOWN_REDEMPTION
    turn = await tills.turn_of(app.db, caller, asked, Refund)
    if isinstance(turn, Refusal):
        return turn
    async with app.db.in_turn(turn.number) as tx:
        found = await at_till.hold_redeemed(tx, turn, place)
        if not isinstance(found, Redeemed):
            return found
        paid = found.row
        if paid.redemption.acquirer_id != turn.till.acquirer_id:
            return Refusal.REFUND_ELSEWHERE
        refund = decide_refund(
            paid.redemption,
            paid.so_far,
            asked.amount_fen,
            store_id=turn.till.store_id,
            rules=await _rules(app, tx, paid.redemption),
            settled=paid.is_settled,
            voucher_valid_until=found.valid_until,
            now=app.clock(),
        )
        if isinstance(refund, Refusal):
            return refund
        writes = _writes(turn.till, refund)
        await together(tx, *writes, turn.answered(refund, refund.refunded_at))
        return refund


async def _rules(app: App, tx: Tx, paid: Redemption) -> RefundRules:
    version = await app.remembered.version(tx, paid.campaign_id, paid.rulebook_version)
    return refund_rules_of(version.rulebook)


def _writes(till: Till, refund: Refund) -> Iterator[Write]:
    """Running account, refund, the acquirer's number and notice, voucher if it returns, money and
    audit line."""
    paid, at = refund.redemption, refund.refunded_at
    yield redemptions.add_refund(refund)
    yield refunds.record(refund, till.cashier_id)
    if till.terminal:
        yield acquirer_orders.record_refund(till.terminal, refund)
        news = told.refunded(till.terminal.ref, refund)
        yield callbacks.news(till.terminal.acquirer_id, news, at)
    if refund.voucher_returns:
        yield vouchers.mark_reinstated(paid, at)
    for transfer in refund.transfers:
        lane = book_of(transfer)
        yield ledger.booking(campaign_id=paid.campaign_id, lane=lane, transfers=[transfer], at=at)
    detail = {
        "store_id": paid.store_id,
        "amount_fen": refund.amount_fen,
        "to_fund_fen": refund.to_fund_fen,
        "is_late": refund.is_late,
    }
    yield audit.line(
        at=at,
        actor=till.actor,
        tag="redemption:refunded",
        subject=refund.refund_id,
        detail=detail,
    )
