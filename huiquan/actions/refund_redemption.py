"""Refund a redemption: goods came back, and the public money in them comes back too.  核销退款"""

import msgspec

from huiquan.app import App
from huiquan.db import (
    acquirer_orders,
    audit,
    callbacks,
    campaign_state,
    ledger,
    redemptions,
    refunds,
    requests,
    tills,
    vouchers,
)
from huiquan.db.connection import Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.db.requests import RequestKey
from huiquan.domain import callbacks as told
from huiquan.domain.ledger import book_of
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.refund_rules import RefundRules
from huiquan.domain.refunds import Refund, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import refund_rules_of
from huiquan.domain.tills import Caller, Till


class RefundAsked(msgspec.Struct, frozen=True, kw_only=True, tag="refund_redemption"):
    """The redemption, and the value in fen of the goods that came back."""

    request_key: str
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
    async with app.db.transaction() as tx:
        till = await tills.standing_at(tx, caller)
        if isinstance(till, Refusal):
            return till
        body = msgspec.json.encode(asked) + till.mark
        request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return earlier if isinstance(earlier, Refusal) else msgspec.convert(earlier, Refund)
        voucher = await vouchers.hold(tx, *place[:3])
        paid = await redemptions.hold(tx, *place)
        if voucher is None or paid is None:
            return Refusal.UNKNOWN_REDEMPTION
        if paid.redemption.acquirer_id != till.acquirer_id:
            return Refusal.REFUND_ELSEWHERE
        now = app.clock()
        refund = decide_refund(
            paid.redemption,
            paid.so_far,
            asked.amount_fen,
            store_id=till.store_id,
            rules=await _rules(tx, paid),
            settled=paid.is_settled,
            voucher_valid_until=voucher.valid_until,
            now=now,
        )
        if isinstance(refund, Refusal):
            return refund
        await _record(tx, till, refund)
        await requests.record_answer(tx, request, msgspec.to_builtins(refund), now)
        return refund


async def _rules(tx: Tx, paid: RedemptionRow) -> RefundRules:
    versions = await campaign_state.load_versions(tx, paid.redemption.campaign_id)
    number = paid.redemption.rulebook_version
    return next(refund_rules_of(one.rulebook) for one in versions if one.version == number)


async def _record(tx: Tx, till: Till, refund: Refund) -> None:
    """Running account, refund, voucher if it returns, money and audit line, together."""
    paid, at = refund.redemption, refund.refunded_at
    await redemptions.add_refund(tx, refund)
    await refunds.record(tx, refund, till.cashier_id)
    if till.terminal:
        await acquirer_orders.record_refund(tx, till.terminal, refund)
        news = told.refunded(till.terminal.ref, refund)
        await callbacks.append(tx, till.terminal.acquirer_id, news, at)
    if refund.voucher_returns:
        await vouchers.mark_reinstated(tx, paid.campaign_id, paid.lane, paid.idx, paid.lock_no, at)
    for transfer in refund.transfers:
        lane = book_of(transfer)
        await ledger.book(tx, campaign_id=paid.campaign_id, lane=lane, transfers=[transfer], at=at)
    detail = {
        "store_id": paid.store_id,
        "amount_fen": refund.amount_fen,
        "to_fund_fen": refund.to_fund_fen,
        "is_late": refund.is_late,
    }
    await audit.note(
        tx,
        at=at,
        actor=till.actor,
        tag="redemption:refunded",
        subject=refund.refund_id,
        detail=detail,
    )
