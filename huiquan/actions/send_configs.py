"""Let the notary and the auditor know the draw configs, as soon as they are published.  送达配置"""

from huiquan.app import App
from huiquan.db import configs, outbox
from huiquan.domain.draw_config import ConfigSignatures

MOST = 20


async def send_configs(app: App) -> int:
    """Send every config that waits in the outbox to both signers; gives how many went out.

    Raises OutsiderFault when a signer is away; what waits goes on waiting. Sending one twice is
    as good as once.
    """
    async with app.db.reading() as tx:
        waiting = await outbox.waiting_of_kind(tx, "config", MOST)
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
        for signer in (app.notary, app.auditor):
            await signer.send_config(config.body, signatures)
        async with app.db.transaction() as tx:
            await outbox.mark_sent(tx, message.message_id, app.clock())
    return len(waiting)
