"""Teach a new key what was drawn before it: configs, and the rounds of open days.  补齐账本"""

from collections.abc import Callable

from huiquan.app import App
from huiquan.db import campaign_state, configs, entries, epochs
from huiquan.db.connection import Tx
from huiquan.db.epochs import PastRow
from huiquan.domain.draw_config import ConfigSignatures
from huiquan.domain.epochs import Declaration
from huiquan.domain.refusals import Refusal
from huiquan.gateways.notary import PastRound, RemoteSigner

# A signer takes at most 8 MiB in one request, in hex.
BYTES_MOST = 1_500_000

Progress = Callable[[int], None]


async def teach_signer(
    app: App, code: str, first_day: int, on_progress: Progress = lambda rounds: None
) -> int | Refusal:
    """Send the new signer what it must know before it signs; gives how many rounds were new.

    first_day is the first day whose manifest it has to sign. It checks every round itself, and what
    it knows already is as good. Refuses UNKNOWN_CAMPAIGN, EPOCH_NOT_DRAFTED when no epoch has
    begun. Raises OutsiderFault when the signer is away or refuses.
    """
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        known = await epochs.of_campaign(tx, campaign.campaign_id) if campaign else None
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        if known is None or known.declared is None:
            return Refusal.EPOCH_NOT_DRAFTED
        said = known.declared.declaration
        past = await configs.of_epoch(tx, campaign.campaign_id, said.epoch - 1)
    signer: RemoteSigner = getattr(app, said.role)
    for one in past:
        both = ConfigSignatures(platform=one.platform_signature, approver=one.approver_signature)
        await signer.send_config(one.body, both)
    return await _send_rounds(app, signer, campaign.campaign_id, said, first_day, on_progress)


async def _send_rounds(
    app: App,
    signer: RemoteSigner,
    campaign_id: int,
    said: Declaration,
    first_day: int,
    on_progress: Progress,
) -> int:
    learned = 0
    for lane, start in enumerate(said.lanes):
        async with app.db.reading() as tx:
            rows = await epochs.past_rounds(tx, campaign_id, lane, first_day, start.next_seq)
        batch: list[PastRound] = []
        size = 0
        for row in rows:
            async with app.db.reading() as tx:
                batch.append(await _past(tx, campaign_id, lane, row))
            size += len(batch[-1].entries)
            if size > BYTES_MOST or row is rows[-1]:
                learned += await signer.catch_up(batch)
                on_progress(len(batch))
                batch, size = [], 0
    return learned


async def _past(tx: Tx, campaign_id: int, lane: int, row: PastRow) -> PastRound:
    run = await entries.run_between(tx, campaign_id, lane, row.first_idx, row.entry_count)
    return PastRound(
        seal=row.seal.hex(),
        entries=run.hex(),
        final=row.final.hex(),
        before=row.before.hex() if row.before else None,
    )
