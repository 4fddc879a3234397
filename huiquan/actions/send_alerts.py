"""Send alerts about the fund to the phones of those on duty.  预警短信"""

from huiquan.app import App
from huiquan.db import campaign_state, fund_alerts, outbox
from huiquan.db.outbox import Message
from huiquan.domain.fund_alerts import alert_text
from huiquan.gateways.faults import OutsiderFault

MOST = 20


async def send_alerts(app: App) -> int:
    """Send waiting alerts to every phone of the settings; gives how many alerts went out.

    One that failed on the way is sent again to all: somebody may be told twice, never nobody.
    After five failures it is parked, and stands at the console all the same.
    """
    async with app.db.reading() as tx:
        waiting = await outbox.waiting_of_kind(tx, "alert", MOST)
    return sum([await _send(app, message) for message in waiting])


async def _send(app: App, message: Message) -> bool:
    async with app.db.reading() as tx:
        campaign_id, zh = await fund_alerts.of_message(tx, int(message.payload["alert"]))
        versions = await campaign_state.load_versions(tx, campaign_id)
    text = alert_text(versions[-1].rulebook.name_zh, zh)
    try:
        for phone in (app.settings.alert_phones or "").split(","):
            await app.sms.send(phone.strip(), text)
    except OutsiderFault as fault:
        async with app.db.transaction() as tx:
            await outbox.mark_failed(tx, [message.message_id], fault.reason, app.clock())
        return False
    async with app.db.transaction() as tx:
        await outbox.mark_sent(tx, [message.message_id], app.clock())
    return True
