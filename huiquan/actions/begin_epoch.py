"""Begin the new epoch: the declaration goes into the log, the new key is announced.  换钥"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huiquan.app import App
from huiquan.db import (
    audit,
    campaign_state,
    campaigns,
    configs,
    epochs,
    log_tiles,
    notices,
    outbox,
    public_log,
)
from huiquan.db.connection import Tx
from huiquan.db.public_log import LeafRow
from huiquan.domain.campaigns import Campaign, DrawDay
from huiquan.domain.config_making import LEAD, MadeConfig, sign_made
from huiquan.domain.days import day_number, day_of
from huiquan.domain.epoch_files import (
    BadEpochFileError,
    DraftFile,
    answer_name,
    declared_with,
    read_answer,
)
from huiquan.domain.epochs import (
    DeclaredEpoch,
    is_declared,
    leaf_of,
    succeed,
)
from huiquan.domain.merkle import leaf_hash
from huiquan.domain.refusals import Refusal

NOTICE_KIND = "key_lost"


@dataclass(frozen=True, kw_only=True)
class EpochBegun:
    """What was declared, its place in the log, and when the new key begins to sign rounds."""

    declared: DeclaredEpoch
    leaf: int
    signs_from: datetime


async def begin_epoch(
    app: App, code: str, files: Mapping[str, bytes], by: str
) -> EpochBegun | Refusal:
    """Take up both answers and begin; asked again it gives what was begun.

    Undrawn seals are set aside, every lane goes on behind its last drawn round under the
    declaration's link, and each config that still rules an open day gets a successor, which acts
    when its notice is over. Refuses UNKNOWN_CAMPAIGN, EPOCH_NOT_DRAFTED, EPOCH_UNSIGNED when an
    answer is missing or does not hold, NEW_KEY_NOT_THERE while the new signer does not show its
    key: it would hear of the configs too late. (R5.1)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        drafted = await epochs.of_campaign(tx, campaign.campaign_id)
        if drafted is None:
            return Refusal.EPOCH_NOT_DRAFTED
        if drafted.declared is not None and drafted.begun_at and drafted.leaf is not None:
            begun, leaf = drafted.declared, drafted.leaf
            return EpochBegun(declared=begun, leaf=leaf, signs_from=drafted.begun_at + LEAD)
        draft = DraftFile(
            declaration=drafted.body.decode(), platform=drafted.platform_signature.hex()
        )
        declared = _declared(draft, files)
        if declared is None:
            return Refusal.EPOCH_UNSIGNED
        said = declared.declaration
        if getattr(app, said.role).key.hex() != said.new_key:
            return Refusal.NEW_KEY_NOT_THERE
        leaf = await _begin(app, tx, campaign, declared, now)
        detail = {"role": said.role, "old_key": said.old_key, "new_key": said.new_key}
        await audit.note(tx, at=now, actor=by, tag="epoch:begun", subject=code, detail=detail)
    return EpochBegun(declared=declared, leaf=leaf, signs_from=now + LEAD)


def _declared(draft: DraftFile, files: Mapping[str, bytes]) -> DeclaredEpoch | None:
    """The declaration with both answers, if they are there and hold."""
    unsigned = declared_with(draft, bytes(64), bytes(64))
    said = unsigned.declaration
    try:
        survivor, successor = (
            read_answer(files.get(answer_name(role), b""), role, unsigned.raw)
            for role in (said.survivor, said.role)
        )
    except BadEpochFileError:
        return None
    declared = declared_with(draft, survivor, successor)
    return declared if is_declared(declared) else None


async def _begin(
    app: App, tx: Tx, campaign: Campaign, declared: DeclaredEpoch, now: datetime
) -> int:
    campaign_id, said = campaign.campaign_id, declared.declaration
    for lane in range(len(said.lanes)):
        begun = await epochs.begin_lane(tx, campaign_id, lane, declared, now)
        assert begun, "nothing was sealed or drawn since the draft"
    await public_log.hold(tx, campaign_id)
    size = await public_log.size(tx, campaign_id)
    assert size == said.log.size, "the log did not grow since the draft"
    leaf = LeafRow(
        leaf=size,
        lane=epochs.LOG_LANE,
        seq=said.epoch,
        day=day_number(day_of(now)),
        leaf_hash=leaf_hash(leaf_of(declared)),
    )
    await public_log.append(tx, campaign_id, [leaf])
    await log_tiles.complete(tx, campaign_id, size + 1)
    assert await epochs.begin(tx, campaign_id, declared, size, now)
    # What was never delivered has a successor now; it would reach the new signer as the past.
    await outbox.drop_configs(tx, campaign_id, now)
    await _succeed(app, tx, campaign, declared, now)
    detail = {
        "role": said.role,
        "old_key": said.old_key,
        "new_key": said.new_key,
        "reason": said.reason,
        "signs_from": (now + LEAD).isoformat(),
    }
    await notices.begin(tx, campaign_id, NOTICE_KIND, said.role, detail, now)
    return size


async def _succeed(
    app: App, tx: Tx, campaign: Campaign, declared: DeclaredEpoch, now: datetime
) -> None:
    """For each config that rules a day not closed yet: the same days under the new keys."""
    ruled: dict[bytes, list[DrawDay]] = {}
    for day in campaign.days.values():
        if not day.is_closed:
            ruled.setdefault(day.cfg_hash, []).append(day)
    for cfg_hash, days in ruled.items():
        stored = await configs.by_hash(tx, campaign.campaign_id, cfg_hash)
        assert stored is not None, "a day names a recorded config"
        config = succeed(
            days[0].config,
            declared.declaration,
            {day.day: day.plan for day in days},
            now,
            now + LEAD,
        )
        signed = sign_made(MadeConfig(config=config, release_fen={}), app.signer, app.approver)
        await configs.record_successor(
            tx,
            campaign.campaign_id,
            stored.rulebook_version,
            signed,
            cfg_hash,
            acts_at=now + LEAD,
            at=now,
        )
