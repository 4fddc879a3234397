"""What an integrator is shown of the sandbox.  沙箱查询"""

from huiquan.app import App
from huiquan.db import campaign_state, sandbox, sandbox_orders
from huiquan.db.connection import Tx
from huiquan.domain.offers import Order
from huiquan.domain.redemptions import LockState, Redemption
from huiquan.domain.refunds import refund_id
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import version_in_force
from huiquan.domain.rulebooks import Tier
from huiquan.domain.sandbox import CAMPAIGN_ID, case_of, decide_sandbox_lock
from huiquan.domain.shortfalls import Shortfall, shortfall_of
from huiquan.domain.tills import Terminal, Till
from huiquan.views.acquirer_orders import OrderState, OrderStory, RefundLine
from huiquan.views.till import Quoted, VoucherKind


async def quote_tried(app: App, at: Terminal, code: str, order: Order) -> Quoted | Refusal:
    """What one of the sandbox's codes would do to an order. Refuses what `try_lock` refuses."""
    case, now = case_of(code), app.clock()
    if isinstance(case, Refusal):
        return case
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, app.settings.campaign, last_day=0)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        till = Till(store_id=at.store_id, terminal=at)
        store = await sandbox_orders.store_for(tx, till, campaign.campaign_id)
    rules = version_in_force(campaign.versions, now)
    lock = decide_sandbox_lock(case, at.ref, store, order, rules=rules, now=now)
    return lock if isinstance(lock, Refusal) else Quoted(campaign_id=CAMPAIGN_ID, quote=lock.quote)


async def shortfall_tried(app: App, code: str, order: Order) -> Shortfall | None:
    """What an order lacks that was refused as below the threshold of a code of the sandbox."""
    found = await _tier_of(app, code)
    return shortfall_of(found[1].threshold_fen, order) if found else None


async def voucher_kind_tried(app: App, code: str) -> VoucherKind | None:
    """What kind of voucher a code of the sandbox stands for; None where it stands for none."""
    found = await _tier_of(app, code)
    return VoucherKind(campaign_id=found[0], pack=found[1].pack) if found else None


async def _tier_of(app: App, code: str) -> tuple[int, Tier] | None:
    """The house's campaign, and its tier that a code of the sandbox wins."""
    case = case_of(code)
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, app.settings.campaign, last_day=0)
    if isinstance(case, Refusal) or campaign is None:
        return None
    rulebook = version_in_force(campaign.versions, app.clock()).rulebook
    tier = next((one for one in rulebook.tiers if one.number == case.tier), None)
    return (campaign.campaign_id, tier) if tier else None


async def tried_by_order(app: App, acquirer_id: int, order_ref: str) -> OrderStory:
    """An order by its own number."""
    async with app.db.reading() as tx:
        return await _story(app, tx, acquirer_id, order_ref)


async def tried_by_payment(app: App, acquirer_id: int, payment_ref: str) -> OrderStory:
    """The order that a payment was for."""
    async with app.db.reading() as tx:
        order_ref = await sandbox.order_of_payment(tx, acquirer_id, payment_ref)
        return await _story(app, tx, acquirer_id, order_ref)


async def tried_by_refund(app: App, acquirer_id: int, refund_ref: str) -> OrderStory:
    """The order that a refund was of."""
    async with app.db.reading() as tx:
        order_ref = await sandbox.order_of_refund(tx, acquirer_id, refund_ref)
        return await _story(app, tx, acquirer_id, order_ref)


async def _story(app: App, tx: Tx, acquirer_id: int, order_ref: str | None) -> OrderStory:
    order = order_ref and await sandbox.find_order(tx, acquirer_id, order_ref)
    if not order:
        return OrderStory(state=OrderState.NEVER_ARRIVED)
    if order.lock is None:
        return OrderStory(state=OrderState.CLOSED, order_ref=order.order_ref)
    if order.redeemed_at is None:
        is_open = order.lock.state is LockState.OPEN
        lapsed = is_open and app.clock() >= order.lock.locked_until
        state = OrderState.LOCKED if is_open else OrderState.UNLOCKED
        return OrderStory(
            state=OrderState.LAPSED if lapsed else state,
            order_ref=order.order_ref,
            lock=order.lock,
        )
    paid = sandbox.redemption_of(order)
    lines = _lines(paid, await sandbox.refunds_of(tx, acquirer_id, order.order_ref))
    left_fen = lines[-1].left_fen if lines else None
    some = OrderState.REDEEMED if left_fen is None else OrderState.PARTLY_REFUNDED
    return OrderStory(
        state=OrderState.REFUNDED if left_fen == 0 else some,
        order_ref=order.order_ref,
        lock=order.lock,
        redemption=paid,
        refunds=lines,
    )


def _lines(paid: Redemption, tried: list[sandbox.TriedRefund]) -> tuple[RefundLine, ...]:
    lines, refunded_fen = [], 0
    for one in tried:
        refunded_fen += one.amount_fen
        lines.append(
            RefundLine(
                refund_ref=one.refund_ref,
                refund=refund_id(paid, one.refund_no),
                amount_fen=one.amount_fen,
                to_consumer_fen=one.amount_fen - one.to_fund_fen,
                to_fund_fen=one.to_fund_fen,
                refunded_fen=refunded_fen,
                left_fen=paid.quote.net_fen - refunded_fen,
                refunded_at=one.refunded_at,
            )
        )
    return tuple(lines)
