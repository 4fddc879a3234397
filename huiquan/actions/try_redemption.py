"""Try a redemption in the sandbox.  沙箱核销"""

from dataclasses import dataclass

import msgspec

from huiquan.app import App
from huiquan.db import at_till, callbacks, campaign_state, requests, sandbox
from huiquan.db.requests import RequestKey
from huiquan.domain import callbacks as told
from huiquan.domain.order_rules import Payer, decide_payment
from huiquan.domain.redemptions import Redemption, decide_redemption
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.sandbox import voucher_of
from huiquan.domain.tills import Terminal, Till
from huiquan.domain.vouchers import State


@dataclass(frozen=True, kw_only=True)
class PaymentTried:
    """A payment as an integrator reports it."""

    payment_ref: str
    paid_fen: int
    payer: Payer


async def try_redemption(app: App, at: Terminal, asked: PaymentTried) -> Redemption | Refusal:
    """Spend a made-up voucher, as `redeem_voucher` would, and tell of it by a callback.

    Refuses UNKNOWN_ORDER, ORDER_CLOSED, PAYMENT_REF_USED, REQUEST_KEY_REUSED, and what
    `decide_redemption` and `decide_payment` refuse. The store is the order's, whatever `at` says.
    """
    async with app.db.transaction() as tx:
        order = await sandbox.hold_order(tx, at.acquirer_id, at.ref)
        if order is None or order.lock is None:
            return Refusal.UNKNOWN_ORDER if order is None else Refusal.ORDER_CLOSED
        till, lock = Till(store_id=order.store_id, terminal=at), order.lock
        body = msgspec.json.encode((at.ref, asked))
        request = RequestKey(scope=till.scope, key=f"payment {asked.payment_ref}", body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, Redemption)
        now = app.clock()
        state = State.LOCKED if order.redeemed_at is None else State.REDEEMED
        campaign = await campaign_state.load_campaign(tx, app.settings.campaign, last_day=0)
        assert campaign is not None, "a lock was judged by its rules"
        store = await at_till.store_for(tx, till, campaign.campaign_id)
        voucher = voucher_of(lock, state=state)
        paid = decide_redemption(voucher, lock, store, asked.payment_ref, now=now)
        if isinstance(paid, Refusal):
            return paid
        rules = version_in_force(campaign.versions, now).rulebook.orders
        flaw = decide_payment(lock.quote, rules, paid_fen=asked.paid_fen, payer=asked.payer)
        if flaw:
            return flaw
        await sandbox.mark_redeemed(tx, at.acquirer_id, at.ref, asked.payment_ref, now)
        await callbacks.append(tx, at.acquirer_id, told.redeemed(at.ref, paid), now)
        await requests.record_answer(tx, request, msgspec.to_builtins(paid), now)
        return paid
