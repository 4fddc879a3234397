"""Open a case for each order that people have to decide.  存疑订单立案"""

from datetime import timedelta

from huiquan.app import App
from huiquan.db import audit, campaign_state, order_cases
from huiquan.domain.online_orders import HOUSE
from huiquan.domain.order_cases import why_of
from huiquan.domain.order_evidence import Stage, late_by
from huiquan.domain.rulebook_versions import version_in_force


async def open_order_cases(app: App, campaign_id: int) -> int:
    """Give how many cases were opened (R5.4).

    An order has a case when its evidence contradicts itself, or when it was not shipped or not
    signed for in its time. One of which somebody decided is not opened for the same reason again.
    """
    opened = 0
    async with app.db.transaction() as tx:
        now = app.clock()
        versions = await campaign_state.load_versions(tx, campaign_id)
        rules = version_in_force(versions, now).rulebook.online
        await order_cases.close_proven(tx, campaign_id, HOUSE, now)
        paid_by = now - timedelta(days=min(rules.ship_days, rules.sign_days))
        for one in await order_cases.waiting(tx, campaign_id, paid_by):
            has_left = one.stage is not Stage.PAID
            late = late_by(one.stage, one.paid_at, rules, has_left=has_left, now=now)
            why = why_of(one.stage, late)
            if why is None or why in one.cased:
                continue
            if await order_cases.open_case(tx, campaign_id, one.order, why, now):
                opened += 1
                await audit.note(
                    tx,
                    at=now,
                    actor=HOUSE,
                    tag="order_case:opened",
                    subject=one.order[1],
                    detail={"why": why.value},
                )
    return opened
