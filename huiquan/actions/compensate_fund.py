"""Compensate the fund: the platform makes good what was redeemed unlawfully.  赔付"""

from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import audit, campaigns, closings, ledger, redemptions, tranches
from huiquan.db.connection import Tx
from huiquan.domain.fund import compensate, is_bank_ref
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """What the platform has paid into the dedicated account, why, and for which redemption."""

    amount_fen: int
    bank_ref: str
    payer: str
    reason: str
    redemption: str | None = None


async def compensate_fund(app: App, code: str, paid: Compensation, by: str) -> int | Refusal:
    """Book what the platform made good; gives the fen compensated in all (R3.6).

    The same reference with the same amount again changes nothing. Refuses UNKNOWN_CAMPAIGN,
    BAD_AMOUNT, MALFORMED (no reference, payer or reason), BANK_REF_USED, UNKNOWN_REDEMPTION,
    MORE_THAN_OWED (more than this redemption still costs the fund), CLOSING_UNDER_WAY.
    """
    if paid.amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    if not is_bank_ref(paid.bank_ref) or not paid.payer.strip() or not paid.reason.strip():
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await tranches.hold_fund(tx, campaign_id)
        before = await tranches.compensation(tx, campaign_id, paid.bank_ref.strip())
        if before is None:
            flaw = await _flaw(tx, campaign_id, paid)
            if flaw is not None:
                return flaw
            await _record(tx, app, campaign_id, paid, by)
        elif before != (paid.amount_fen, paid.redemption):
            return Refusal.BANK_REF_USED
        return (await ledger.fund(tx, campaign_id)).compensated_fen


async def _flaw(tx: Tx, campaign_id: int, paid: Compensation) -> Refusal | None:
    if await tranches.is_ref_used(tx, campaign_id, paid.bank_ref.strip()):
        return Refusal.BANK_REF_USED
    if await closings.is_approved(tx, campaign_id):
        return Refusal.CLOSING_UNDER_WAY
    if paid.redemption is None:
        return None
    place = parse_redemption_id(paid.redemption)
    found = await redemptions.find(tx, *place) if place and place[0] == campaign_id else None
    if found is None:
        return Refusal.UNKNOWN_REDEMPTION
    costs_fen = found.redemption.quote.discount_fen - found.so_far.returned_fen
    made_good_fen = await tranches.compensated_fen(tx, campaign_id, paid.redemption)
    too_much = made_good_fen + paid.amount_fen > costs_fen
    return Refusal.MORE_THAN_OWED if too_much else None


async def _record(tx: Tx, app: App, campaign_id: int, paid: Compensation, by: str) -> None:
    now, bank_ref = app.clock(), paid.bank_ref.strip()
    await tranches.record_compensation(
        tx,
        campaign_id,
        bank_ref=bank_ref,
        fen=paid.amount_fen,
        payer=paid.payer.strip(),
        reason=paid.reason.strip(),
        redemption=paid.redemption,
        by=by,
        at=now,
    )
    transfer = compensate(amount_fen=paid.amount_fen, ref=bank_ref)
    await ledger.book(tx, campaign_id=campaign_id, lane=HOUSE_LANE, transfers=[transfer], at=now)
    detail = {
        "amount_fen": paid.amount_fen,
        "reason": paid.reason.strip(),
        "redemption": paid.redemption,
    }
    await audit.note(tx, at=now, actor=by, tag="fund:compensated", subject=bank_ref, detail=detail)
