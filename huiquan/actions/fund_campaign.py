"""Receive a tranche: the department's money arrives in the dedicated account.  拨款到账"""

from huiquan.app import App
from huiquan.db import audit, campaigns, closings, ledger, tranches
from huiquan.db.connection import Tx
from huiquan.domain.days import day_of
from huiquan.domain.fund import Tranche, decide_receipt, is_bank_ref
from huiquan.domain.ledger import HOUSE_LANE
from huiquan.domain.refusals import Refusal

UNNAMED = "unknown"
"""The payer of money that nobody named a payer for; who closes the campaign has to find out."""


async def fund_campaign(
    app: App,
    code: str,
    amount_fen: int,
    ref: str,
    by: str,
    *,
    tranche_no: int | None = None,
    payer: str = UNNAMED,
    payer_account: str = "",
) -> int | Refusal:
    """Book amount_fen under the bank's reference; gives what was appropriated in all, in fen.

    It is the tranche that was planned under tranche_no, or one that nobody planned. The same
    reference with the same amount again changes nothing. Refuses UNKNOWN_CAMPAIGN, BAD_AMOUNT
    (zero or less), MALFORMED (not a reference), UNKNOWN_TRANCHE, TRANCHE_RECEIVED (it came
    under another reference), REQUEST_KEY_REUSED for a reference with another amount,
    BANK_REF_USED (it stands for other money that came in), CLOSING_UNDER_WAY, and
    CAMPAIGN_ENDED once the remainder went back. (R2.4)
    """
    if amount_fen <= 0:
        return Refusal.BAD_AMOUNT
    bank_ref = ref.strip()
    if not is_bank_ref(bank_ref):
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        await campaigns.hold_publishing(tx)
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        await tranches.hold_fund(tx, campaign_id)
        flaw = await _flaw(tx, campaign_id, bank_ref, amount_fen, tranche_no)
        if isinstance(flaw, Refusal):
            return flaw
        if flaw is None:
            if tranche_no is None:
                tranche_no = await _unplanned(
                    tx, app, campaign_id, amount_fen, (payer, payer_account), by
                )
            received = await _receive(tx, app, campaign_id, tranche_no, amount_fen, bank_ref, by)
            if isinstance(received, Refusal):
                return received
        return (await ledger.fund(tx, campaign_id)).appropriated_fen


async def _unplanned(
    tx: Tx, app: App, campaign_id: int, fen: int, payer: tuple[str, str], by: str
) -> int:
    """A tranche that nobody planned, as it arrives; payer is who paid, and from which account."""
    now, (name, account) = app.clock(), payer
    return await tranches.record(
        tx,
        campaign_id,
        planned_fen=fen,
        due_on=day_of(now),
        payer=name.strip() or UNNAMED,
        payer_account=account.strip(),
        by=by,
        at=now,
    )


async def _flaw(
    tx: Tx, campaign_id: int, bank_ref: str, amount_fen: int, tranche_no: int | None
) -> Tranche | Refusal | None:
    """Why this cannot be booked; the tranche if it was booked just so; None if it is new."""
    before = await tranches.by_bank_ref(tx, campaign_id, bank_ref)
    if before is not None:
        if before.received_fen != amount_fen:
            return Refusal.REQUEST_KEY_REUSED
        other = tranche_no not in (None, before.tranche_no)
        return Refusal.BANK_REF_USED if other else before
    if await tranches.is_ref_used(tx, campaign_id, bank_ref):
        return Refusal.BANK_REF_USED
    closing = await closings.newest(tx, campaign_id)
    if closing is None or closing.state == "opened":
        return None
    return Refusal.CAMPAIGN_ENDED if closing.state == "closed" else Refusal.CLOSING_UNDER_WAY


async def _receive(
    tx: Tx, app: App, campaign_id: int, tranche_no: int, fen: int, bank_ref: str, by: str
) -> Refusal | None:
    tranche = await tranches.find(tx, campaign_id, tranche_no)
    if tranche is None:
        return Refusal.UNKNOWN_TRANCHE
    transfer = decide_receipt(tranche, amount_fen=fen, bank_ref=bank_ref)
    assert transfer is not None, "the same reference was looked for before"
    if isinstance(transfer, Refusal):
        return transfer
    now = app.clock()
    await tranches.mark_received(
        tx, campaign_id, tranche_no, bank_ref=bank_ref, fen=fen, by=by, at=now
    )
    await ledger.book(tx, campaign_id=campaign_id, lane=HOUSE_LANE, transfers=[transfer], at=now)
    detail = {"amount_fen": fen, "tranche_no": tranche_no}
    await audit.note(tx, at=now, actor=by, tag="fund:appropriated", subject=bank_ref, detail=detail)
    return None
