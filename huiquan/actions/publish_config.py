"""Publish the draw config of the coming days, with the money that came back.  发布摇号配置

Made each night. A config acts 12 hours after its publication at the earliest, so nobody can
choose a chance after seeing who entered; a day that is nearer than that keeps the config it has.
"""

import hashlib
from datetime import datetime

from huiquan.app import App
from huiquan.db import campaign_state, campaigns, configs, exclusions, ledger, public_log
from huiquan.db.connection import Tx
from huiquan.domain.campaigns import Campaign
from huiquan.domain.config_making import (
    ConfigBasis,
    coming_days,
    make_config,
    sign_made,
    third_witness,
)
from huiquan.domain.days import day_number, day_of
from huiquan.domain.draw_config import Dealing, DrawConfig, decode_config
from huiquan.domain.lottery import campaign_key_commitment
from huiquan.domain.merkle import EMPTY_ROOT
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebooks import Rulebook
from huiquan.gateways.faults import OutsiderFault


async def publish_config(
    app: App, code: str, *, only_if_late: bool = False
) -> bytes | Refusal | None:
    """Plan the next draw days from what the fund holds; gives the new config's hash.

    only_if_late: only where the newest config came to a signer too late to act, which it then
    never will; its days that are still far enough away are planned again. None if it did not.
    Refuses UNKNOWN_CAMPAIGN, and CAMPAIGN_ENDED when no draw day is 12 hours away any more.
    (R2.3, R5.6)
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaign_state.load_campaign(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if only_if_late and not await configs.is_newest_late(tx, campaign.campaign_id):
            return None
        # The newest version will be the one in force on the days that are planned now.
        newest = max(campaign.versions, key=lambda one: one.version)
        made = make_config(await _basis(app, tx, campaign, newest.version, newest.rulebook, now))
        if made is None:
            return Refusal.CAMPAIGN_ENDED
        signed = sign_made(made, app.signer, app.approver)
        await configs.record_signed(tx, campaign.campaign_id, newest.version, signed, now)
    return signed.cfg_hash


async def _basis(
    app: App, tx: Tx, campaign: Campaign, version: int, rulebook: Rulebook, now: datetime
) -> ConfigBasis:
    source = await campaigns.source_of(tx, campaign.campaign_id, version)
    stored = await configs.newest(tx, campaign.campaign_id)
    assert stored is not None, "a published campaign has a config"
    # Whoever shows another key than the campaign's is not asked: keys change by declaration alone.
    newest = decode_config(stored.body)
    checkpoint = await public_log.last_checkpoint(tx, campaign.campaign_id)
    return ConfigBasis(
        rulebook=rulebook,
        source_hash=hashlib.sha256(source.encode()).digest(),
        epoch=campaign.epoch,
        epoch_start=campaign.lane_hash,
        keys=newest.keys,
        witness=app.witness.key or _known_witness(newest),
        dealing=Dealing(
            log_size=checkpoint.size if checkpoint else 0,
            root=(checkpoint.root if checkpoint else EMPTY_ROOT).hex(),
        ),
        exclusion_list_hash=await exclusions.hash_at(tx, campaign.campaign_id, now),
        campaign_key=campaign_key_commitment(app.keys.pseudonym[campaign.code]),
        free_fen=await _free_fen(tx, campaign, rulebook, now),
        published_at=now,
    )


def _known_witness(newest: DrawConfig) -> bytes:
    """The third witness that the newest config names: it may be away while configs are made."""
    known = third_witness(newest.log)
    if not known:
        raise OutsiderFault("witness", "its key is not known yet")
    return known


async def _free_fen(tx: Tx, campaign: Campaign, rulebook: Rulebook, now: datetime) -> int:
    """The money no day has been given: what is in the pool or on its way back to it.

    Days to come that keep their config keep their money; a past day that was never released has
    no claim any more. Before the first appropriation the plan goes by
    the budget; the money itself is needed only when a day is released.
    """
    fund = await ledger.fund(tx, campaign.campaign_id)
    whole_fen = fund.pool_fen + fund.returned_fen if fund.appropriated_fen else rulebook.budget_fen
    coming = coming_days(rulebook, now)
    first_day = day_number(coming[0]) if coming else 0
    today = day_number(day_of(now))
    given_fen = sum(
        day.release_fen
        for day in campaign.days.values()
        if today <= day.day < first_day and not day.is_released
    )
    return max(0, whole_fen - given_fen)
