"""Withdraw a declaration that nobody else has signed; the draw goes on as before.  撤回换钥公告"""

import msgspec

from huiquan.app import App
from huiquan.db import audit, campaign_state, epochs, lanes
from huiquan.domain.epochs import decode_declaration
from huiquan.domain.refusals import Refusal
from huiquan.domain.standing import read_status
from huiquan.gateways.faults import OutsiderFault


async def withdraw_epoch(app: App, code: str, by: str) -> Refusal | None:
    """Drop the draft: the key was found, or a round has to be drawn first.

    The remaining signer is asked first, for what it has signed stands in its book for good. Refuses
    UNKNOWN_CAMPAIGN, EPOCH_NOT_DRAFTED, EPOCH_TAKEN once it has begun, EPOCH_SIGNED when the
    remaining signer has signed, or does not say that it has not.
    """
    async with app.db.reading() as tx:
        campaign = await campaign_state.load_campaign(tx, code)
        drafted = await epochs.of_campaign(tx, campaign.campaign_id) if campaign else None
    if campaign is None:
        return Refusal.UNKNOWN_CAMPAIGN
    if drafted is None or drafted.begun_at is not None:
        return Refusal.EPOCH_NOT_DRAFTED if drafted is None else Refusal.EPOCH_TAKEN
    said = decode_declaration(drafted.body)
    if await _may_have_signed(app, said.survivor, str(getattr(said.keys, said.survivor))):
        return Refusal.EPOCH_SIGNED
    now = app.clock()
    async with app.db.transaction() as tx:
        if not await epochs.withdraw(tx, campaign.campaign_id):
            return Refusal.EPOCH_NOT_DRAFTED
        for lane in range(campaign.lanes):
            await lanes.seal_for(tx, campaign.campaign_id, lane, campaign.epoch)
        await audit.note(tx, at=now, actor=by, tag="epoch:withdrawn", subject=code)
    return None


async def _may_have_signed(app: App, role: str, key: str) -> bool:
    try:
        status = read_status(await getattr(app, role).status(), bytes.fromhex(key))
    except (OutsiderFault, msgspec.DecodeError):
        return True
    return status is None or bool(status.declarations)
