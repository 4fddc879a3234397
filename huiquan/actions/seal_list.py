"""Seal the list of a round's sign-up, and give the files that go to the notary.  封存名单"""

from huiquan.app import App
from huiquan.db import campaign_state, configs, entries, lanes, lists, rounds
from huiquan.db.connection import Tx
from huiquan.db.rounds import RoundRow
from huiquan.domain import list_files
from huiquan.domain.campaigns import Campaign
from huiquan.domain.entry_runs import next_run
from huiquan.domain.list_files import ListFile
from huiquan.domain.lists import LANE, decide_sealing
from huiquan.domain.refusals import Refusal
from huiquan.domain.rounds import encode_seal, seal_hash_of
from huiquan.domain.sealing import LaneChain, make_seal
from huiquan.domain.signing import Purpose


async def seal_list(app: App, code: str, day: int) -> dict[str, bytes] | Refusal:
    """Fix who is on the list of this draw day; gives the folder's files by name.

    Called again it gives the same files, for a list is sealed once. Refuses UNKNOWN_CAMPAIGN,
    NO_DRAW_THAT_DAY, LIST_STILL_OPEN, LIST_EMPTY, LIST_TOO_LONG, and NOT_YET_DRAWN while the list
    before it is not drawn. (R5.1)
    """
    async with app.db.transaction() as tx:
        campaign = await campaign_state.load_campaign(tx, code, first_day=day, last_day=day)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        sealed = await _sealed(tx, campaign, day) or await _seal(app, tx, campaign, day)
        if isinstance(sealed, Refusal):
            return sealed
        return await _files(app, tx, campaign, sealed)


async def _sealed(tx: Tx, campaign: Campaign, day: int) -> RoundRow | None:
    found = await rounds.of_day(tx, campaign.campaign_id, day)
    return found[0] if found else None


async def _seal(app: App, tx: Tx, campaign: Campaign, day: int) -> RoundRow | Refusal:
    campaign_id, now = campaign.campaign_id, app.clock()
    head = await lanes.lock(tx, campaign_id, LANE)
    before = await rounds.last_round(tx, campaign_id, LANE)
    if before is not None and before.raw_final is None:
        return Refusal.NOT_YET_DRAWN
    draw_day = campaign.days.get(day)
    count = await lists.waiting(tx, campaign_id, day, head.sealed_idx)
    refused = decide_sealing(campaign.rulebook_at(now), day, count, now)
    if refused is not None or draw_day is None or not draw_day.is_released:
        return refused or Refusal.NO_DRAW_THAT_DAY
    if {head.epoch, draw_day.config.epoch} != {campaign.epoch}:
        return Refusal.EPOCH_CHANGING
    run = await entries.run_between(tx, campaign_id, LANE, head.sealed_idx, count)
    assert next_run(run, count) == run, "lists stand one after another"
    chain = LaneChain(
        lane=LANE,
        epoch=campaign.epoch,
        next_seq=head.next_seq,
        prev_seal_hash=head.prev_seal_hash,
        account=await rounds.last_account(tx, campaign_id, LANE),
    )
    seal = make_seal(chain, draw_day, run, now)
    await rounds.record_seal(tx, campaign_id, seal, seal_hash_of(encode_seal(seal)), now)
    sealed = await rounds.open_round(tx, campaign_id, LANE)
    assert sealed is not None, "the round was sealed a moment ago"
    return sealed


async def _files(app: App, tx: Tx, campaign: Campaign, sealed: RoundRow) -> dict[str, bytes]:
    seal, campaign_id = sealed.seal, campaign.campaign_id
    run = await entries.run_between(tx, campaign_id, LANE, seal.first_idx, seal.count)
    config = await configs.by_hash(tx, campaign_id, seal.cfg_hash)
    assert config is not None, "a seal names a recorded config"
    before = await rounds.containing(tx, campaign_id, LANE, seal.first_idx - 1)
    previous = before and before.raw_final
    told = ListFile(
        campaign=campaign.code,
        platform=campaign.platform,
        day=seal.day,
        seal=sealed.raw_seal.hex(),
        signature=app.signer.sign(Purpose.SEAL, sealed.raw_seal).hex(),
        previous_final=previous.hex() if previous else None,
        config_by_platform=config.platform_signature.hex(),
        config_by_approver=config.approver_signature.hex(),
    )
    return {
        list_files.LIST: list_files.write_file(told),
        list_files.CONFIG: config.body,
        list_files.ENTRIES: run,
    }
