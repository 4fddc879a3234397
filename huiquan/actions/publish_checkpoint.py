"""Publish a checkpoint of the public log, signed by us and cosigned by both witnesses.  检查点"""

from huiquan.app import App
from huiquan.db import public_log
from huiquan.db.public_log import CheckpointRow
from huiquan.domain import checkpoints
from huiquan.domain.campaigns import Campaign
from huiquan.domain.checkpoints import Checkpoint
from huiquan.domain.config_making import log_origin
from huiquan.domain.merkle import consistency_proof, nodes_of, root_of_hashes
from huiquan.gateways.notary import RemoteSigner


async def publish_checkpoint(app: App, campaign: Campaign) -> int | None:
    """Fix the log as it stands; gives its size, or None when nothing is new.

    Raises OutsiderFault when a witness is away or sees another history: without both names under
    it no checkpoint is published.
    """
    async with app.db.reading() as tx:
        size = await public_log.size(tx, campaign.campaign_id)
        last = await public_log.last_checkpoint(tx, campaign.campaign_id)
        if size == (last.size if last else 0):
            return None
        hashes = await public_log.leaf_hashes(tx, campaign.campaign_id, size)
    origin = log_origin(campaign.code)
    root = root_of_hashes(hashes)
    text = checkpoints.checkpoint_text(Checkpoint(origin=origin, size=size, root=root))
    own = checkpoints.sign_note(app.signer, origin, text)
    note = checkpoints.join_note(text, [own])
    cosigned = [
        await _cosign(witness, origin, note, hashes) for witness in (app.notary, app.auditor)
    ]
    row = CheckpointRow(
        size=size,
        root=root,
        note=checkpoints.join_note(text, [own, *cosigned]),
        published_at=app.clock(),
    )
    async with app.db.transaction() as tx:
        await public_log.record_checkpoint(tx, campaign.campaign_id, row)
    return size


async def _cosign(witness: RemoteSigner, origin: str, note: str, hashes: list[bytes]) -> str:
    """Show a witness how the log grew since the checkpoint it saw last."""
    old_size = await witness.log_size(origin)
    proof = consistency_proof(old_size, len(hashes), nodes_of(hashes)) if old_size else []
    return await witness.cosign(note, old_size, proof)
