"""Tell acquirers what happened, again and again until they say that they know.  发送回调"""

import asyncio
import base64

from huiquan.app import App
from huiquan.db import callbacks
from huiquan.db.callbacks import WaitingCallback
from huiquan.domain.callbacks import next_try_at
from huiquan.domain.request_signing import KEY, NONCE, SIGNATURE, TIME, text_to_sign, time_in_ms
from huiquan.gateways.faults import OutsiderFault

MOST = 100
FAULTS_MAX = 3
PLATFORM_KEY = "platform"
"""The name of the key that callbacks and bills are signed with; it is among the public keys."""


async def send_callbacks(app: App) -> int:
    """Try the callbacks that are due, up to 100 of each acquirer; gives how many were acknowledged.

    One that was acknowledged and could not be marked is sent again: an acquirer may be told twice,
    never not at all. After seven days it is parked for a person. Acquirers are told side by side,
    and one that fails three times in a row is left alone for this time, so that a machine that is
    away holds up nobody else's.
    """
    async with app.db.reading() as tx:
        waiting = await callbacks.due(tx, app.clock(), MOST)
    by_url: dict[str, list[WaitingCallback]] = {}
    for one in waiting:
        by_url.setdefault(one.url, []).append(one)
    return sum(await asyncio.gather(*(_tell(app, some) for some in by_url.values())))


async def _tell(app: App, waiting: list[WaitingCallback]) -> int:
    """Tell one acquirer, one thing after the other."""
    known, in_a_row = 0, 0
    for one in waiting:
        if await _try(app, one):
            known, in_a_row = known + 1, 0
        else:
            in_a_row += 1
        if in_a_row == FAULTS_MAX:
            break
    return known


async def _try(app: App, waiting: WaitingCallback) -> bool:
    body, outcome = waiting.body.encode(), "acknowledged"
    try:
        headers = _signed(app, waiting.url, body)
        await app.callbacks.deliver(waiting.url, headers, body, waiting.event)
    except OutsiderFault as fault:
        outcome = fault.reason
    now, is_known = app.clock(), outcome == "acknowledged"
    next_at = None if is_known else next_try_at(waiting.tries + 1, waiting.created_at, now)
    async with app.db.transaction() as tx:
        await callbacks.note_attempt(
            tx,
            waiting.callback_id,
            outcome=outcome,
            acknowledged=is_known,
            next_at=next_at,
            at=now,
        )
    return is_known


def _signed(app: App, url: str, body: bytes) -> dict[str, str]:
    """The four headers, over the path of the address as it will be asked."""
    target = "/" + url.split("://", 1)[-1].partition("/")[2]
    time_ms, nonce = time_in_ms(app.clock()), app.random_bytes(16).hex()
    signature = app.signer.sign_text(text_to_sign("POST", target, time_ms, nonce, body))
    return {
        "content-type": "application/json",
        KEY: PLATFORM_KEY,
        TIME: time_ms,
        NONCE: nonce,
        SIGNATURE: base64.b64encode(signature).decode(),
    }
