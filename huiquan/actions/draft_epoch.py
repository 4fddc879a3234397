"""Draft the declaration that a signer's key is lost; meanwhile nothing is drawn.  换钥公告"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import (
    audit,
    campaign_state,
    campaigns,
    configs,
    epochs,
    lanes,
    log_tiles,
    notices,
    public_log,
    rounds,
)
from huiquan.db.connection import Tx
from huiquan.db.epochs import EpochRow
from huiquan.db.lanes import LaneHead
from huiquan.db.log_growth import append_rounds
from huiquan.domain.campaigns import Campaign
from huiquan.domain.draw_config import DrawConfig, decode_config, epoch_start_of
from huiquan.domain.epoch_files import DECLARATION, DraftFile, write_file
from huiquan.domain.epochs import (
    EPOCH,
    BadDeclarationError,
    Declaration,
    DeclaredEpoch,
    EpochSignatures,
    LaneStart,
    LogHead,
    VoidSeal,
    declaration_hash_of,
    decode_declaration,
    encode_declaration,
)
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.refusals import Refusal
from huiquan.domain.signing import Purpose

MOST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Whose key is lost (notary or auditor), the key that follows in hex, and why."""

    role: str
    new_key: str
    reason: str


async def draft_epoch(app: App, code: str, loss: Loss, by: str) -> dict[str, bytes] | Refusal:
    """Fix where every lane goes on, and give the folder's files for the signers.

    Entries go on and keep their receipts. Asked again for the same key it gives the same files.
    Refuses UNKNOWN_CAMPAIGN, EPOCH_TAKEN for a campaign that changed a key before, EPOCH_WAITS
    while a declaration of another key is being signed, BAD_NEW_KEY, HOUSE_BEHIND. (R5.1)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if await notices.is_behind(tx, campaign.campaign_id):
            return Refusal.HOUSE_BEHIND
        known = await epochs.of_campaign(tx, campaign.campaign_id)
        if known is not None:
            return _drafted(known, loss)
        declared = await _declare(app, tx, campaign, loss, now)
        if isinstance(declared, Refusal):
            return declared
        await epochs.draft(tx, campaign.campaign_id, declared, at=now, by=by)
        detail = {"role": loss.role, "new_key": loss.new_key, "reason": loss.reason}
        await audit.note(tx, at=now, actor=by, tag="epoch:drafted", subject=code, detail=detail)
    return _files(declared.raw, declared.signatures.platform)


def _drafted(known: EpochRow, loss: Loss) -> dict[str, bytes] | Refusal:
    said = decode_declaration(known.body)
    if known.begun_at is not None:
        return Refusal.EPOCH_TAKEN
    if (said.role, said.new_key) != (loss.role, loss.new_key):
        return Refusal.EPOCH_WAITS
    return _files(known.body, known.platform_signature)


async def _declare(
    app: App, tx: Tx, campaign: Campaign, loss: Loss, now: datetime
) -> DeclaredEpoch | Refusal:
    campaign_id = campaign.campaign_id
    heads = [await lanes.lock(tx, campaign_id, lane) for lane in range(campaign.lanes)]
    await public_log.hold(tx, campaign_id)
    await append_rounds(tx, campaign_id, MOST)
    size = await public_log.size(tx, campaign_id)
    newest = await configs.newest(tx, campaign_id)
    assert newest is not None, "a published campaign has a config"
    config = decode_config(newest.body)
    open_seals = await epochs.open_seals(tx, campaign_id)
    said = Declaration(
        campaign=campaign.code,
        platform=campaign.platform,
        epoch_start=epoch_start_of(config, newest.cfg_hash).hex(),
        role=loss.role,  # type: ignore[arg-type]
        keys=config.keys,
        new_key=loss.new_key,
        reason=loss.reason,
        declared_at=now,
        log=LogHead(size=size, root=(await log_tiles.root(tx, campaign_id, size)).hex()),
        lanes=tuple([await _start(tx, campaign_id, head, open_seals) for head in heads]),
        voided=tuple(VoidSeal(lane, seal.hex()) for lane, (_, seal) in open_seals.items()),
    )
    raw = encode_declaration(said)
    if not _is_sound(raw, config):
        return Refusal.BAD_NEW_KEY
    for lane in range(campaign.lanes):
        await lanes.seal_for(tx, campaign_id, lane, EPOCH)
    signature = app.signer.sign(Purpose.EPOCH, declaration_hash_of(raw))
    unsigned = EpochSignatures(platform=signature, survivor=b"", successor=b"")
    return DeclaredEpoch(declaration=said, raw=raw, signatures=unsigned)


def _is_sound(raw: bytes, config: DrawConfig) -> bool:
    """The new key is one that nobody has, not even a witness, and the declaration is whole."""
    try:
        said = decode_declaration(raw)
    except BadDeclarationError:
        return False
    return said.new_key not in {one.key for one in config.log.witnesses}


async def _start(
    tx: Tx, campaign_id: int, head: LaneHead, open_seals: dict[int, tuple[int, bytes]]
) -> LaneStart:
    """Where a lane goes on: behind its last drawn round."""
    seq, _ = open_seals.get(head.lane, (head.next_seq, b""))
    places = [(head.lane, seq - 1)] if seq else []
    drawn = await rounds.seal_hashes(tx, campaign_id, places)
    return LaneStart(seq, head.final_idx, drawn.get((head.lane, seq - 1), ZERO_HASH).hex())


def _files(raw: bytes, signature: bytes) -> dict[str, bytes]:
    draft = DraftFile(declaration=raw.decode(), platform=signature.hex())
    return {DECLARATION: write_file(draft)}
