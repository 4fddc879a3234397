"""Send what waits in the outbox: wins and redemptions, to the consumer's phone.  推送消息"""

from collections.abc import Mapping
from typing import Any

from huiquan.app import App
from huiquan.db import campaign_state, outbox, recipients
from huiquan.db.outbox import Message
from huiquan.domain.campaigns import Campaign
from huiquan.domain.messages import VoucherNews, redeemed_text, won_text
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.registrants import Registrant, sealing_context
from huiquan.domain.rulebooks import pack_numbered
from huiquan.domain.vouchers import parse_serial
from huiquan.gateways.faults import OutsiderFault

MOST = 100


async def send_messages(app: App) -> int:
    """Send up to 100 messages; gives how many went out. (R1.3)

    A message that was handed over and could not be marked is sent again: a person may get a text
    twice, never not at all. One that fails five times is parked.
    """
    async with app.db.reading() as tx:
        waiting = await outbox.waiting(tx, MOST)
        if not waiting:
            return 0
        campaigns = {
            one.campaign_id: one for one in await campaign_state.load_every_campaign(tx, last_day=0)
        }
    return sum([await _send(app, campaigns, message) for message in waiting])


async def _send(app: App, campaigns: Mapping[int, Campaign], message: Message) -> bool:
    """Hand one message over, and note whether that worked."""
    campaign_id, lane, idx = _voucher_of(message.payload)
    async with app.db.reading() as tx:
        row = await recipients.of_voucher(tx, campaign_id, lane, idx)
    context = sealing_context(campaign_id, Registrant(lane=row.lane, pid=row.pid))
    rulebook = campaigns[campaign_id].versions[row.rulebook_version - 1].rulebook
    pack = pack_numbered(rulebook, row.pack)
    assert pack is not None, "a voucher's pack is in its rulebook"
    news = VoucherNews(
        pack_zh=pack.name_zh,
        face_fen=row.face_fen,
        threshold_fen=row.threshold_fen,
        valid_until=row.valid_until,
        discount_fen=row.discount_fen,
        store=row.store,
    )
    text = won_text(news) if message.kind == "won" else redeemed_text(news)
    try:
        await app.sms.send(app.vault.open(row.sealed, context)["phone"], text)
    except OutsiderFault as fault:
        async with app.db.transaction() as tx:
            await outbox.mark_failed(tx, message.message_id, fault.reason, app.clock())
        return False
    async with app.db.transaction() as tx:
        await outbox.mark_sent(tx, message.message_id, app.clock())
    return True


def _voucher_of(payload: Mapping[str, Any]) -> tuple[int, int, int]:
    """Campaign, lane and entry of the voucher a message is about."""
    if "serial" in payload:
        named = parse_serial(str(payload["serial"]))
    else:
        parsed = parse_redemption_id(str(payload["redemption"]))
        named = parsed and parsed[:3]
    assert named is not None, "a message names a voucher"
    return named
