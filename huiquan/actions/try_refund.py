"""Try a refund in the sandbox.  沙箱退款"""

import msgspec

from huiquan.app import App
from huiquan.db import callbacks, campaign_state, requests, sandbox
from huiquan.db.requests import RequestKey
from huiquan.domain import callbacks as told
from huiquan.domain.refunds import Refund, decide_refund
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.rulebooks import refund_rules_of
from huiquan.domain.sandbox import voucher_of
from huiquan.domain.tills import Terminal, Till
from huiquan.domain.vouchers import State


async def try_refund(app: App, at: Terminal, payment_ref: str, amount_fen: int) -> Refund | Refusal:
    """Take goods of a made-up order back, as `refund_redemption` would.

    Refuses UNKNOWN_PAYMENT, REQUEST_KEY_REUSED and what `decide_refund` refuses.
    """
    async with app.db.transaction() as tx:
        order_ref = await sandbox.order_of_payment(tx, at.acquirer_id, payment_ref)
        order = order_ref and await sandbox.hold_order(tx, at.acquirer_id, order_ref)
        if not order or order.lock is None:
            return Refusal.UNKNOWN_PAYMENT
        scope = Till(store_id=order.store_id, terminal=at).scope
        body = msgspec.json.encode((payment_ref, amount_fen))
        request = RequestKey(scope=scope, key=f"refund {at.ref}", body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, Refund)
        now = app.clock()
        campaign = await campaign_state.load_campaign(tx, app.settings.campaign, last_day=0)
        assert campaign is not None, "a lock was judged by its rules"
        refund = decide_refund(
            sandbox.redemption_of(order),
            sandbox.so_far(await sandbox.refunds_of(tx, at.acquirer_id, order.order_ref)),
            amount_fen,
            store_id=order.store_id,
            rules=refund_rules_of(version_in_force(campaign.versions, now).rulebook),
            settled=False,
            voucher_valid_until=voucher_of(order.lock, state=State.REDEEMED).valid_until,
            now=now,
        )
        if isinstance(refund, Refusal):
            return refund
        await sandbox.record_refund(tx, at.acquirer_id, order.order_ref, at.ref, refund)
        await callbacks.append(tx, at.acquirer_id, told.refunded(at.ref, refund), now)
        await requests.record_answer(tx, request, msgspec.to_builtins(refund), now)
        return refund
