"""Judge an online order by all that was said of it, and hold or free its money.  核对订单凭证"""

from huiquan.app import App
from huiquan.db import (
    audit,
    online_orders,
    order_facts,
    redemptions,
    settlement_holds,
    settlements,
)
from huiquan.db.connection import Tx
from huiquan.db.redemptions import RedemptionRow
from huiquan.domain import order_evidence
from huiquan.domain.online_orders import ALL_BACK, COMPLETE, HOUSE, TAKEN_BACK
from huiquan.domain.order_evidence import HoldMove, Judged, Stage, decide_hold


async def judge_order(app: App, acquirer_id: int, order_ref: str) -> Judged | None:
    """Fold everything known of an order, and let its hold follow (R3.7, R5.4); None: no such order.

    Whoever judges holds the order, so the last judging has seen every event that was kept before
    it. Judging twice changes nothing.
    """
    async with app.db.transaction() as tx:
        row = await online_orders.hold(tx, acquirer_id, order_ref)
        if row is None:
            return None
        file = await order_facts.file_of(tx, row)
        judged = order_evidence.judge_order(file.facts)
        now = app.clock()
        if file.paid:
            await _let_hold_follow(app, tx, file.paid, judged)
        await online_orders.keep_judged(tx, row, judged, now)
        if (judged.stage, judged.findings) != (row.stage, row.findings):
            await audit.note(
                tx,
                at=now,
                actor=HOUSE,
                tag="order:judged",
                subject=order_ref,
                detail={"stage": judged.stage.value, "findings": list(judged.findings)},
            )
        return judged


async def _let_hold_follow(app: App, tx: Tx, paid: RedemptionRow, judged: Judged) -> None:
    now, redemption = app.clock(), paid.redemption
    holds = await settlement_holds.of_redemption(tx, redemption, HOUSE)
    lifted_by = holds.last_lifted_by
    move = decide_hold(
        judged,
        is_held=holds.in_force is not None,
        is_settled=paid.is_settled,
        by_hand=lifted_by is not None and lifted_by != HOUSE,
    )
    if move is HoldMove.LIFT and holds.in_force is not None:
        reason = ALL_BACK if judged.stage is Stage.RETURNED else COMPLETE
        await settlement_holds.lift(tx, holds.in_force, reason=reason, by=HOUSE, at=now)
        await _note(app, tx, redemption.redemption_id, "hold:lifted", reason)
    elif move is HoldMove.PLACE:
        # A settlement is before this or after it: one that is under way is waited for.
        await settlements.hold_merchant(tx, redemption.campaign_id, redemption.merchant_id)
        place = (redemption.campaign_id, redemption.lane, redemption.idx, redemption.lock_no)
        now_paid = await redemptions.find(tx, *place)
        if now_paid is None or now_paid.is_settled:
            return
        await settlement_holds.place(
            tx,
            merchant_id=redemption.merchant_id,
            redemption=redemption,
            reason=TAKEN_BACK,
            by=HOUSE,
            at=now,
        )
        await _note(app, tx, redemption.redemption_id, "hold:placed", TAKEN_BACK)


async def _note(app: App, tx: Tx, redemption: str, tag: str, reason: str) -> None:
    await audit.note(
        tx,
        at=app.clock(),
        actor=HOUSE,
        tag=tag,
        subject=redemption,
        detail={"reason": reason},
    )
