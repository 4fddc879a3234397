"""Redeem a voucher at the till: the customer has paid, the fund owes the merchant.  核销"""

import msgspec

from huiquan.app import App
from huiquan.db import (
    audit,
    ledger,
    locks,
    outbox,
    payments,
    redemptions,
    requests,
    tills,
    vouchers,
)
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain.redemptions import (
    Lock,
    LockState,
    Redemption,
    decide_redemption,
    parse_lock_id,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Till


class RedeemAsked(msgspec.Struct, frozen=True, kw_only=True, tag="redeem_voucher"):
    """The lock, and the payment that was made under it."""

    request_key: str
    lock: str
    payment_ref: str


async def redeem_voucher(app: App, cashier_id: int, asked: RedeemAsked) -> Redemption | Refusal:
    """Spend a locked voucher on the order it was locked for (R1.3, R2.4, R5.3).

    The same key again gives the same redemption; another body under it is REQUEST_KEY_REUSED.
    Refuses UNKNOWN_LOCK, PAYMENT_REF_USED (one payment of a merchant pays for one redemption),
    and what `decide_redemption` refuses.
    """
    place = parse_lock_id(asked.lock)
    if place is None:
        return Refusal.UNKNOWN_LOCK
    async with app.db.transaction() as tx:
        till = await tills.of_cashier(tx, cashier_id)
        if till is None:
            return Refusal.UNAUTHENTICATED
        body = msgspec.json.encode(asked)
        request = RequestKey(scope=till.scope, key=asked.request_key, body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return earlier if isinstance(earlier, Refusal) else msgspec.convert(earlier, Redemption)
        voucher = await vouchers.hold(tx, *place[:3])
        lock = await locks.find(tx, *place)
        if voucher is None or lock is None:
            return Refusal.UNKNOWN_LOCK
        store = await tills.store_for(tx, till, voucher.campaign_id)
        now = app.clock()
        redemption = decide_redemption(voucher, lock, store, asked.payment_ref, now=now)
        if isinstance(redemption, Refusal):
            return redemption
        # The first write, so that nothing has moved if the payment belongs to another redemption.
        if not await payments.claim(tx, redemption):
            return Refusal.PAYMENT_REF_USED
        await _record(tx, till, lock, redemption)
        await requests.record_answer(tx, request, msgspec.to_builtins(redemption), now)
        return redemption


async def _record(tx: Tx, till: Till, lock: Lock, redemption: Redemption) -> None:
    """Voucher, lock, redemption, money, audit line and the notice to the holder, together."""
    at, name = redemption.redeemed_at, redemption.redemption_id
    place = (redemption.campaign_id, redemption.lane, redemption.idx, redemption.lock_no)
    await vouchers.mark_redeemed(tx, *place, at)
    await locks.close(tx, lock, LockState.REDEEMED, at)
    await redemptions.record(tx, redemption, till.cashier_id)
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
    # The notice names the redemption only: whose phone it goes to is found when it is sent.
    await outbox.append(tx, "redeemed", [{"redemption": name}], at)
