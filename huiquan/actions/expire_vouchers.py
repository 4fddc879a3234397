"""Expire vouchers whose time is over, and send their money back to the fund.  过期回收"""

from datetime import datetime

from huiquan.app import App
from huiquan.db import audit, campaigns, ledger, locks, vouchers
from huiquan.db.connection import Tx
from huiquan.domain.refusals import Refusal
from huiquan.domain.vouchers import decide_expiry


async def expire_vouchers(app: App, code: str, most: int = 500) -> int | Refusal:
    """Expire up to `most` vouchers of a campaign; gives how many (R2.4).

    Lane by lane, each lane in a transaction of its own, so that no till waits for more than one
    batch. Locks whose time is over are closed first. Vouchers that a till is holding at this
    moment are left for the next call. Again when nothing is due gives 0. Refuses UNKNOWN_CAMPAIGN.
    """
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
    if campaign is None:
        return Refusal.UNKNOWN_CAMPAIGN
    expired = 0
    for lane in range(campaign.lanes):
        async with app.db.transaction() as tx:
            now = app.clock()
            await _lapse(tx, campaign.campaign_id, lane, now, most)
            expired += await _expire(tx, campaign.campaign_id, lane, now, most - expired)
    return expired


async def _lapse(tx: Tx, campaign_id: int, lane: int, now: datetime, most: int) -> None:
    indices = await vouchers.hold_lapsed(tx, campaign_id, lane, now, most)
    if indices:
        await locks.lapse(tx, campaign_id, lane, indices, now)
        await vouchers.mark_lapsed(tx, campaign_id, lane, indices, now)


async def _expire(tx: Tx, campaign_id: int, lane: int, now: datetime, most: int) -> int:
    overdue = await vouchers.hold_overdue(tx, campaign_id, lane, now, most)
    decided = [(voucher.idx, decide_expiry(voucher, now)) for voucher in overdue]
    ended = {idx: expiry.transfer for idx, expiry in decided if expiry is not None}
    if not ended:
        return 0
    indices, transfers = list(ended), list(ended.values())
    await locks.lapse(tx, campaign_id, lane, indices, now)
    await vouchers.mark_expired(tx, campaign_id, lane, indices, now)
    first_no = await ledger.book(
        tx, campaign_id=campaign_id, lane=lane, transfers=transfers, at=now
    )
    await audit.note(
        tx,
        at=now,
        actor="house",
        tag="vouchers:expired",
        subject=f"campaign {campaign_id} lane {lane}",
        detail={
            "count": len(transfers),
            "amount_fen": sum(transfer.amount_fen for transfer in transfers),
            "first_no": first_no,
        },
    )
    return len(ended)
