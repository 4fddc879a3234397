"""Let signers and witness know the draw configs, as soon as they are published.  送达配置"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from huiquan.app import App
from huiquan.db import configs, outbox
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.notary import RemoteSigner

MOST = 20


async def send_configs(app: App) -> int:
    """Send every config that waits in the outbox; gives how many went out to both signers.

    Raises OutsiderFault when a signer is away; what waits goes on waiting. Sending one twice is
    as good as once. The third witness is told by a message of its own, so its absence holds up
    nobody.
    """
    sent = await _send(app, "config", (app.notary, app.auditor))
    with suppress(OutsiderFault):
        await _send(app, "config_witness", (app.witness,))
    return sent


async def _send(app: App, kind: str, receivers: Sequence[RemoteSigner]) -> int:
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
        for fault in told:
            if fault is not None:
                raise fault
        async with app.db.transaction() as tx:
            await outbox.mark_sent(tx, [message.message_id], app.clock())
    return len(waiting)
