"""Redeem a voucher at the till: the customer has paid, the fund owes the merchant.  核销"""

import msgspec

from huiquan.app import App
from huiquan.db import (
    acquirer_orders,
    audit,
    callbacks,
    campaign_state,
    ledger,
    locks,
    online_orders,
    outbox,
    payments,
    redemptions,
    requests,
    settlement_holds,
    tills,
    vouchers,
)
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain import callbacks as told
from huiquan.domain.online_orders import AWAITED, HOUSE
from huiquan.domain.order_rules import Payer, decide_payment
from huiquan.domain.redemptions import (
    Lock,
    LockState,
    Redemption,
    decide_redemption,
    parse_lock_id,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import OrderRules
from huiquan.domain.tills import Caller, Till


class RedeemAsked(msgspec.Struct, frozen=True, kw_only=True, tag="redeem_voucher"):
    """The lock, and the payment that was made under it, as far as the caller knows it."""

    request_key: str
    lock: str
    payment_ref: str
    paid_fen: int | None = None
    payer: Payer = Payer.UNKNOWN


async def redeem_voucher(app: App, caller: Caller, asked: RedeemAsked) -> Redemption | Refusal:
    """Spend a locked voucher on the order it was locked for (R1.3, R2.4, R5.3).

    The same key again gives the same redemption; another body under it is REQUEST_KEY_REUSED.
    Refuses UNKNOWN_LOCK, OTHER_STORE (also for a lock that was taken over another's door),
    PAYMENT_REF_USED (one payment of a merchant, and of an acquirer, pays for one redemption), and
    what `decide_redemption` and `decide_payment` refuse.
    """
    place = parse_lock_id(asked.lock)
    if place is None:
        return Refusal.UNKNOWN_LOCK
    try:
        async with app.db.transaction() as tx:
            till = await tills.standing_at(tx, caller)
            return till if isinstance(till, Refusal) else await _redeem(app, tx, till, place, asked)
    except _PaymentUsedError:
        return Refusal.PAYMENT_REF_USED


class _PaymentUsedError(Exception):
    """The payment belongs to another redemption, so nothing of this one may stand."""


async def _redeem(
    app: App, tx: Tx, till: Till, place: tuple[int, int, int, int], asked: RedeemAsked
) -> Redemption | Refusal:
    body = msgspec.json.encode(asked) + till.mark
    request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
    earlier = await requests.earlier_answer(tx, request)
    if earlier is not None:
        return earlier if isinstance(earlier, Refusal) else msgspec.convert(earlier, Redemption)
    voucher = await vouchers.hold(tx, *place[:3])
    lock = await locks.find(tx, *place)
    if voucher is None or lock is None:
        return Refusal.UNKNOWN_LOCK
    if lock.acquirer_id != till.acquirer_id:
        return Refusal.OTHER_STORE
    store = await tills.store_for(tx, till, voucher.campaign_id)
    now = app.clock()
    redemption = decide_redemption(voucher, lock, store, asked.payment_ref, now=now)
    if isinstance(redemption, Refusal):
        return redemption
    flaw = await _payment_flaw(tx, lock, asked)
    if flaw:
        return flaw
    await _claim(tx, till, redemption)
    await _record(tx, till, lock, redemption)
    if store.open_order_fen is not None:
        await _await_delivery(tx, till, redemption)
    await requests.record_answer(tx, request, msgspec.to_builtins(redemption), now)
    return redemption


async def _payment_flaw(tx: Tx, lock: Lock, asked: RedeemAsked) -> Refusal | None:
    """What is wrong with the payment, by the rules under which the voucher was locked."""
    if asked.payer is not Payer.OTHER:  # Whose account it was is all that the rules are asked.
        return decide_payment(lock.quote, OrderRules(), paid_fen=asked.paid_fen, payer=asked.payer)
    versions = await campaign_state.load_versions(tx, lock.campaign_id)
    rules = next(one for one in versions if one.version == lock.rulebook_version)
    return decide_payment(
        lock.quote, rules.rulebook.orders, paid_fen=asked.paid_fen, payer=asked.payer
    )


async def _claim(tx: Tx, till: Till, redemption: Redemption) -> None:
    """Take the payment for this redemption alone: of its merchant's, and of its acquirer's."""
    at = till.terminal
    is_ours = await payments.claim(tx, redemption)
    if not is_ours or (at and not await acquirer_orders.claim_payment(tx, at, redemption)):
        raise _PaymentUsedError


async def _await_delivery(tx: Tx, till: Till, redemption: Redemption) -> None:
    """Of an online order the money waits for evidence of delivery, from this commit on (R5.4)."""
    assert till.terminal is not None, "an online order came over an acquirer's door"
    await online_orders.mark_paid(tx, till.terminal, redemption.redeemed_at)
    await settlement_holds.place(
        tx,
        merchant_id=redemption.merchant_id,
        redemption=redemption,
        reason=AWAITED,
        by=HOUSE,
        at=redemption.redeemed_at,
    )


async def _record(tx: Tx, till: Till, lock: Lock, redemption: Redemption) -> None:
    """Voucher, lock, redemption, money, audit line and the notice to the holder, together."""
    at, name = redemption.redeemed_at, redemption.redemption_id
    place = (redemption.campaign_id, redemption.lane, redemption.idx, redemption.lock_no)
    await vouchers.mark_redeemed(tx, *place, at)
    await locks.close(tx, lock, LockState.REDEEMED, at)
    await redemptions.record(tx, redemption, till)
    await ledger.book(
        tx,
        campaign_id=redemption.campaign_id,
        lane=redemption.lane,
        transfers=[redemption.transfer],
        at=at,
    )
    detail = {
        "store_id": redemption.store_id,
        "order_fen": redemption.quote.order_fen,
        "discount_fen": redemption.quote.discount_fen,
    }
    await audit.note(
        tx, at=at, actor=till.actor, tag="voucher:redeemed", subject=name, detail=detail
    )
    if till.terminal:
        await callbacks.append(
            tx, till.terminal.acquirer_id, told.redeemed(till.terminal.ref, redemption), at
        )
    # The notice names the redemption only: whose phone it goes to is found when it is sent.
    await outbox.append(tx, "redeemed", [{"redemption": name}], at)
