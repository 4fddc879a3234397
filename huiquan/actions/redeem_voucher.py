"""Redeem a voucher at the till: the customer has paid, the fund owes the merchant.  核销"""

from collections.abc import Iterator

from huiquan.app import App
from huiquan.db import (
    acquirer_orders,
    at_till,
    audit,
    callbacks,
    ledger,
    locks,
    online_orders,
    outbox,
    payments,
    redemptions,
    settlement_holds,
    tills,
    vouchers,
)
from huiquan.db.at_till import Locked, Place
from huiquan.db.connection import Tx
from huiquan.db.tills import Asked, Turn
from huiquan.db.together import UndoneError, Write, together
from huiquan.domain import callbacks as told
from huiquan.domain.online_orders import AWAITED, HOUSE
from huiquan.domain.order_rules import Payer, decide_payment
from huiquan.domain.redemptions import (
    Lock,
    LockState,
    Redemption,
    decide_redemption,
    door_flaw,
    parse_lock_id,
)
from huiquan.domain.refusals import Refusal
from huiquan.domain.tills import Caller, Till


class RedeemAsked(Asked, frozen=True, kw_only=True, tag="redeem_voucher"):
    """The lock, and the payment that was made under it, as far as the caller knows it."""

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
    turn = await tills.turn_of(app.db, caller, asked, Redemption)
    if isinstance(turn, Refusal):
        return turn
    try:
        async with app.db.in_turn(turn.number) as tx:
            return await _redeem(app, tx, turn, place, asked)
    except UndoneError as undone:
        return undone.refusal


async def _redeem(
    app: App, tx: Tx, turn: Turn[Redemption], place: Place, asked: RedeemAsked
) -> Redemption | Refusal:
    found = await at_till.hold_locked(tx, turn, place)
    if not isinstance(found, Locked):
        return found
    redemption = door_flaw(turn.till, found.lock) or decide_redemption(
        found.voucher, found.lock, found.store, asked.payment_ref, now=app.clock()
    )
    if isinstance(redemption, Refusal):
        return redemption
    flaw = await _payment_flaw(app, tx, found.lock, asked)
    if flaw:
        return flaw
    writes = _writes(turn.till, found.lock, redemption)
    await together(tx, *writes, turn.answered(redemption, redemption.redeemed_at))
    if found.store.open_order_fen is not None:
        await _await_delivery(tx, turn.till, redemption)
    return redemption


async def _payment_flaw(app: App, tx: Tx, lock: Lock, asked: RedeemAsked) -> Refusal | None:
    """What is wrong with the payment, by the rules under which the voucher was locked."""
    version = await app.remembered.version(tx, lock.campaign_id, lock.rulebook_version)
    rules = version.rulebook.orders
    return decide_payment(lock.quote, rules, paid_fen=asked.paid_fen, payer=asked.payer)


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


def _writes(till: Till, lock: Lock, paid: Redemption) -> Iterator[Write]:
    """The payment, which another redemption may have; then voucher, lock, redemption, money, audit
    line, and the notices to holder and acquirer.

    The payment comes before the lane's book: whoever waits for a payment holds no book.
    """
    at, name = paid.redeemed_at, paid.redemption_id
    yield payments.claim(paid)
    if till.terminal:
        yield acquirer_orders.claim_payment(till.terminal, paid)
    yield vouchers.mark_redeemed(paid)
    yield locks.close(lock, LockState.REDEEMED, at)
    yield redemptions.record(paid, till)
    yield ledger.booking(
        campaign_id=paid.campaign_id, lane=paid.lane, transfers=[paid.transfer], at=at
    )
    detail = {
        "store_id": paid.store_id,
        "order_fen": paid.quote.order_fen,
        "discount_fen": paid.quote.discount_fen,
    }
    yield audit.line(at=at, actor=till.actor, tag="voucher:redeemed", subject=name, detail=detail)
    if till.terminal:
        news = told.redeemed(till.terminal.ref, paid)
        yield callbacks.news(till.terminal.acquirer_id, news, at)
    # The notice names the redemption only: whose phone it goes to is found when it is sent.
    yield outbox.message("redeemed", [{"redemption": name}], at)
