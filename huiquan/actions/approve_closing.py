"""Approve a closing: two different people, and then the remainder may go back.  关闭审批"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import approvals, audit, campaigns, closings
from huiquan.db.connection import Tx
from huiquan.domain.approvals import Approved, decide_approval
from huiquan.domain.days import day_of
from huiquan.domain.fund import closing_name, obstacles
from huiquan.domain.ledger import Account
from huiquan.domain.refusals import Refusal

ACTION = Approved.CLOSING


@dataclass(frozen=True, kw_only=True)
class ClosingApproved:
    """Who approved so far, and whether that is enough."""

    names: tuple[str, ...]
    is_final: bool


async def approve_closing(app: App, code: str, staff_id: int) -> ClosingApproved | Refusal:
    """Note one person's approval; the second person's makes it final (R2.4, I34).

    A closing over nothing is closed with it: nothing has to be returned. Refuses
    UNKNOWN_CAMPAIGN, NO_CLOSING (none waits for approval), NOT_READY_TO_CLOSE, CLOSING_STALE
    (money has moved since it was opened: open it anew), and what `decide_approval` refuses.
    """
    now = app.clock()
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await closings.hold_books(tx, campaign_id)
        closing = await closings.newest(tx, campaign_id)
        if closing is None or closing.state != "opened":
            return Refusal.NO_CLOSING
        standing = await closings.standing(tx, campaign_id)
        if obstacles(standing, day_of(now)):
            return Refusal.NOT_READY_TO_CLOSE
        if standing.totals[Account.POOL] != closing.remainder_fen:
            return Refusal.CLOSING_STALE
        subject = closing_name(campaign_id, closing.closing_no)
        given = decide_approval(await approvals.standing(tx, subject, ACTION, staff_id))
        if isinstance(given, Refusal):
            return given
        await approvals.record(tx, subject, ACTION, given.approval, now)
        names = await approvals.names(tx, subject, ACTION)
        if given.is_complete:
            await _finish(tx, app, campaign_id, closing)
        await audit.note(
            tx,
            at=now,
            actor=f"staff {staff_id}",
            tag="closing:approved",
            subject=subject,
            detail={"remainder_fen": closing.remainder_fen, "is_final": given.is_complete},
        )
        return ClosingApproved(names=tuple(names), is_final=given.is_complete)


async def _finish(tx: Tx, app: App, campaign_id: int, closing: closings.ClosingRow) -> None:
    now = app.clock()
    await closings.move(tx, campaign_id, closing.closing_no, "opened", "approved", now)
    if closing.remainder_fen == 0:
        await closings.move(tx, campaign_id, closing.closing_no, "approved", "closed", now)
