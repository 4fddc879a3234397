"""Let signers and witness know the draw configs, as soon as they are published.  送达配置"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from huiquan.app import App
from huiquan.db import audit, configs, outbox
from huiquan.db.outbox import Message
from huiquan.domain.draw_config import NOTICE, ConfigSignatures, decode_config
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import LateConfigFault, RemoteSigner

MOST = 20


def _nobody_hears(campaign_id: int) -> None:
    pass


async def send_configs(app: App, *, on_late: Callable[[int], None] = _nobody_hears) -> int:
    """Send every config that waits in the outbox; gives how many went out to both signers.

    One that comes to a signer too late to act never will: it is set aside, so that it does not hold
    up those after it, and on_late hears its campaign. One that takes over the days of a lost key
    goes on waiting for people.

    Raises OutsiderFault when a signer is away; what waits goes on waiting. Sending one twice is
    as good as once. The third witness is told by a message of its own, so its absence holds up
    nobody.
    """
    sent = await _send(app, "config", (app.notary, app.auditor), on_late)
    with suppress(OutsiderFault):
        await _send(app, "config_witness", (app.witness,), on_late)
    return sent


async def _send(
    app: App, kind: str, receivers: Sequence[RemoteSigner], on_late: Callable[[int], None]
) -> int:
    sent = 0
    async with app.db.reading() as tx:
        waiting = await outbox.waiting_of_kind(tx, kind, MOST)
        bodies = [
            await configs.by_hash(
                tx, one.payload["campaign_id"], bytes.fromhex(one.payload["cfg_hash"])
            )
            for one in waiting
        ]
    for message, config in zip(waiting, bodies, strict=True):
        assert config is not None, "a message names a recorded config"
        signatures = ConfigSignatures(
            platform=config.platform_signature, approver=config.approver_signature
        )
        # Whoever is there gets it in time, whoever else is away.
        told = await asyncio.gather(
            *(receiver.send_config(config.body, signatures) for receiver in receivers),
            return_exceptions=True,
        )
        is_late = any(isinstance(fault, LateConfigFault) for fault in told)
        if is_late and await _set_aside(app, message, config.body):
            on_late(message.payload["campaign_id"])
            continue
        for fault in told:
            if fault is not None:
                raise fault
        async with app.db.transaction() as tx:
            await outbox.mark_sent(tx, [message.message_id], app.clock())
        sent += 1
    return sent


async def _set_aside(app: App, message: Message, raw: bytes) -> bool:
    """Set a config aside that came too late.

    False for one that is not late by our own clock, and for one that people have to look after.
    """
    campaign_id, cfg_hash = message.payload["campaign_id"], message.payload["cfg_hash"]
    now = app.clock()
    if decode_config(raw).active_from >= now + NOTICE:
        return False
    async with app.db.transaction() as tx:
        if await configs.succeeded_by(tx, campaign_id, bytes.fromhex(cfg_hash)) is not None:
            return False
        await outbox.set_aside(tx, message.message_id, "it came to a signer too late", now)
        await audit.note(
            tx,
            at=now,
            actor="house",
            tag="config:late",
            subject=cfg_hash,
            detail={"campaign_id": campaign_id},
        )
    return True
