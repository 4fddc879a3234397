"""Publish a rulebook: a new campaign with its first draw config, or the next version.  发布活动"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiquan.app import App
from huiquan.db import audit, campaign_state, campaigns, configs, ledger
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign
from huiquan.domain.config_making import ConfigBasis, make_config, parties, sign_made
from huiquan.domain.days import day_of, starts_at
from huiquan.domain.draw_config import NOTICE, Dealing
from huiquan.domain.lottery import campaign_key_commitment
from huiquan.domain.merkle import EMPTY_ROOT
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_lines import line_of, lines_of
from huiquan.domain.rulebook_reading import RulebookError, canonical, read_rulebook
from huiquan.domain.rulebook_versions import check_amendment
from huiquan.domain.rulebooks import Rulebook
from huiquan.gateways.faults import OutsiderFault


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was published, and when it begins to judge."""

    campaign_id: int
    code: str
    version: int
    effective_at: datetime
    is_new: bool


async def publish_campaign(app: App, source: str, by: str) -> Published | RulebookError | Refusal:
    """Read a rulebook and publish it. The same text again gives the version it already is.

    A wrong rulebook, or a change that may not happen any more, is a RulebookError with its line.
    A first version judges at once; later ones from the first midnight that is 12 hours away.
    Refuses UNKNOWN_CAMPAIGN when the house holds no pseudonym key for the campaign, and
    CAMPAIGN_ENDED when no draw day is left to plan. (R1.2, R2.3)
    """
    rulebook = read_rulebook(source)
    if isinstance(rulebook, RulebookError):
        return rulebook
    if rulebook.code not in app.keys.pseudonym:
        return Refusal.UNKNOWN_CAMPAIGN
    now = app.clock()
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaign_state.load_campaign(tx, rulebook.code)
        if campaign is None:
            return await _found(app, tx, rulebook, source, by, now)
        return await _amend(tx, campaign, rulebook, source, by, now)


async def _found(
    app: App, tx: Tx, rulebook: Rulebook, source: str, by: str, now: datetime
) -> Published | Refusal:
    """A campaign begins: rulebook, lanes, books, and the config that gives people their lanes."""
    if not app.witness.key:
        raise OutsiderFault("witness", "its key must be known before the first config")
    made = make_config(
        ConfigBasis(
            rulebook=rulebook,
            source_hash=hashlib.sha256(source.encode()).digest(),
            epoch=0,
            epoch_start=None,
            keys=parties(app.signer.key, app.approver.key, app.notary.key, app.auditor.key),
            witness=app.witness.key,
            dealing=Dealing(log_size=0, root=EMPTY_ROOT.hex()),
            campaign_key=campaign_key_commitment(app.keys.pseudonym[rulebook.code]),
            free_fen=rulebook.budget_fen,
            published_at=now,
        )
    )
    if made is None:
        return Refusal.CAMPAIGN_ENDED
    signed = sign_made(made, app.signer, app.approver)
    campaign_id = await campaigns.record(
        tx,
        code=rulebook.code,
        platform=rulebook.platform.code,
        mode=rulebook.mode.value,
        lanes=rulebook.lanes,
        lane_hash=signed.cfg_hash,
        starts_on=rulebook.starts_on,
        ends_on=rulebook.ends_on,
        at=now,
    )
    await _record_version(tx, campaign_id, 1, now, rulebook, source, by, now)
    await configs.record_signed(tx, campaign_id, 1, signed, now)
    return Published(
        campaign_id=campaign_id, code=rulebook.code, version=1, effective_at=now, is_new=True
    )


async def _amend(
    tx: Tx, campaign: Campaign, rulebook: Rulebook, source: str, by: str, now: datetime
) -> Published | RulebookError:
    newest = max(campaign.versions, key=lambda one: one.version)
    if newest.rulebook == rulebook:
        return _published(campaign, newest.version, newest.effective_at, is_new=False)
    effective_at = _next_beginning(now)
    fund = await ledger.fund(tx, campaign.campaign_id)
    faults = check_amendment(newest.rulebook, rulebook, effective_at, spent_fen=fund.promised_fen)
    if faults:
        line = line_of(lines_of(source), faults[0].path)
        return RulebookError(
            line=line, reason_zh=faults[0].reason_zh, reason_en=faults[0].reason_en
        )
    version = newest.version + 1
    await _record_version(
        tx, campaign.campaign_id, version, effective_at, rulebook, source, by, now
    )
    return _published(campaign, version, effective_at, is_new=True)


async def _record_version(
    tx: Tx,
    campaign_id: int,
    version: int,
    effective_at: datetime,
    rulebook: Rulebook,
    source: str,
    by: str,
    now: datetime,
) -> None:
    await campaigns.record_rulebook(
        tx,
        campaign_id=campaign_id,
        version=version,
        effective_at=effective_at,
        source=source,
        source_hash=hashlib.sha256(source.encode()).digest(),
        rules=canonical(rulebook),
        at=now,
        by=by,
    )
    subject = f"{rulebook.code} v{version}"
    await audit.note(tx, at=now, actor=by, tag="rulebook:published", subject=subject)


def _published(
    campaign: Campaign, version: int, effective_at: datetime, *, is_new: bool
) -> Published:
    return Published(
        campaign_id=campaign.campaign_id,
        code=campaign.code,
        version=version,
        effective_at=effective_at,
        is_new=is_new,
    )


def _next_beginning(now: datetime) -> datetime:
    """The first midnight in Shanghai that is at least 12 hours away."""
    return starts_at(day_of(now + NOTICE) + timedelta(days=1))
