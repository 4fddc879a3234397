"""Acknowledge an alert: a person says that they have seen it.  预警确认"""

from huiquan.app import App
from huiquan.db import audit, fund_alerts
from huiquan.domain.refusals import Refusal


async def acknowledge_alert(app: App, alert_id: int, staff_id: int) -> Refusal | None:
    """Note who has seen an alert, and when; the first who says so stands. (R2.4)

    Said again, by anyone, it changes nothing. Refuses UNKNOWN_ALERT.
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        noted = await fund_alerts.acknowledge(tx, alert_id, staff_id, now)
        if noted is None:
            return Refusal.UNKNOWN_ALERT
        if noted:
            await audit.note(
                tx,
                at=now,
                actor=f"staff {staff_id}",
                tag="alert:acknowledged",
                subject=f"alert {alert_id}",
            )
    return None
