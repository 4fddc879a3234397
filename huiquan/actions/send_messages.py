"""Send what waits in the outbox: wins and redemptions, to the consumer's phone.  推送消息"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huiquan.app import App
from huiquan.db import campaign_state, outbox, recipients
from huiquan.db.connection import Tx
from huiquan.db.outbox import Message
from huiquan.db.recipients import RecipientRow
from huiquan.domain.campaigns import Campaign
from huiquan.domain.messages import VoucherNews, redeemed_text, won_text
from huiquan.domain.receipts import milliseconds
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.registrants import Registrant, sealing_context
from huiquan.domain.rulebooks import pack_numbered
from huiquan.domain.vouchers import parse_serial
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.sms import Text

MOST = 500
AT_ONCE = 100


async def send_messages(app: App) -> int:
    """Send up to 500 messages, 100 at a time; gives how many went out. (R1.3)

    A message that was handed over and could not be marked is handed over again under the same
    number, by which the SMS centre knows it: never not at all. One that failed before goes alone,
    so that it holds up no others; after five failures it is parked.
    """
    async with app.db.reading() as tx:
        waiting = await outbox.waiting(tx, MOST)
        if not waiting:
            return 0
        campaigns = {
            one.campaign_id: one for one in await campaign_state.load_every_campaign(tx, last_day=0)
        }
        rows = await _recipients(tx, waiting)
    texts = {one.message_id: _text(app, campaigns, one, rows[one.message_id]) for one in waiting}
    return sum(
        [
            await _send(app, {one.message_id: texts[one.message_id] for one in some})
            for some in _handfuls(waiting)
        ]
    )


async def _recipients(tx: Tx, waiting: Sequence[Message]) -> dict[int, RecipientRow]:
    """Whom each message is for, asked lane by lane."""
    lanes = defaultdict[tuple[int, int], dict[int, int]](dict)
    for one in waiting:
        campaign_id, lane, idx = _voucher_of(one.payload)
        lanes[campaign_id, lane][one.message_id] = idx
    found: dict[int, RecipientRow] = {}
    for (campaign_id, lane), idxs in lanes.items():
        rows = await recipients.of_vouchers(tx, campaign_id, lane, list(idxs.values()))
        found |= {message_id: rows[idx] for message_id, idx in idxs.items()}
    return found


def _handfuls(waiting: Sequence[Message]) -> Iterator[Sequence[Message]]:
    fresh = [one for one in waiting if not one.tries]
    for at in range(0, len(fresh), AT_ONCE):
        yield fresh[at : at + AT_ONCE]
    yield from ([one] for one in waiting if one.tries)


async def _send(app: App, texts: Mapping[int, Text]) -> int:
    """Hand some messages over, and note for each whether that worked; gives how many went out."""
    taken, reason = frozenset[str](), "not taken"
    try:
        taken = await app.sms.send_all(list(texts.values()))
    except OutsiderFault as fault:
        reason = fault.reason
    sent = [number for number, text in texts.items() if text.number in taken]
    failed = [number for number in texts if number not in sent]
    async with app.db.transaction() as tx:
        await outbox.mark_sent(tx, sent, app.clock())
        if failed:
            await outbox.mark_failed(tx, failed, reason, app.clock())
    return len(sent)


def _text(app: App, campaigns: Mapping[int, Campaign], message: Message, row: RecipientRow) -> Text:
    """What one message says, and to which phone."""
    context = sealing_context(row.campaign_id, Registrant(lane=row.lane, pid=row.pid))
    rulebook = campaigns[row.campaign_id].versions[row.rulebook_version - 1].rulebook
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
    return Text(
        # With its time, for a restored database gives the same ids to other messages.
        number=f"{milliseconds(message.created_at)}-{message.message_id}",
        phone=app.vault.open(row.sealed, context)["phone"],
        text_zh=won_text(news) if message.kind == "won" else redeemed_text(news),
    )


def _voucher_of(payload: Mapping[str, Any]) -> tuple[int, int, int]:
    """Campaign, lane and entry of the voucher a message is about."""
    if "serial" in payload:
        named = parse_serial(str(payload["serial"]))
    else:
        parsed = parse_redemption_id(str(payload["redemption"]))
        named = parsed and parsed[:3]
    assert named is not None, "a message names a voucher"
    return named
