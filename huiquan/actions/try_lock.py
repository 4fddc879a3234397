"""Try a lock in the sandbox: a made-up voucher for a real kind of order.  沙箱占用"""

import msgspec

from huiquan.app import App
from huiquan.db import campaign_state, requests, sandbox, sandbox_orders
from huiquan.db.requests import RequestKey
from huiquan.domain.offers import Order
from huiquan.domain.redemptions import Lock
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.sandbox import case_of, decide_sandbox_lock
from huiquan.domain.tills import Terminal, Till


async def try_lock(app: App, at: Terminal, code: str, order: Order) -> Lock | Refusal:
    """Lock one of the sandbox's codes for an order's number, as `lock_voucher` would.

    Refuses what `decide_sandbox_lock` refuses, CODE_UNKNOWN, UNKNOWN_CAMPAIGN, ORDER_CLOSED,
    REQUEST_KEY_REUSED.
    """
    case = case_of(code)
    if isinstance(case, Refusal):
        return case
    till, now = Till(store_id=at.store_id, terminal=at), app.clock()
    async with app.db.transaction() as tx:
        body = msgspec.json.encode((case.code, order)) + till.mark
        request = RequestKey(scope=till.scope, key=f"order {at.ref}", body=body)
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.as_given(earlier, Lock)
        campaign = await campaign_state.load_campaign(tx, app.settings.campaign, last_day=0)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        store = await sandbox_orders.store_for(tx, till, campaign.campaign_id)
        rules = version_in_force(campaign.versions, now)
        lock = decide_sandbox_lock(case, at.ref, store, order, rules=rules, now=now)
        if isinstance(lock, Refusal):
            return lock
        if not await sandbox.record_order(tx, at.acquirer_id, at.ref, lock, now):
            return Refusal.ORDER_CLOSED
        await requests.record_answer(tx, request, msgspec.to_builtins(lock), now)
        return lock
