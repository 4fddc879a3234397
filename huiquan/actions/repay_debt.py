"""Repay a debt: a merchant pays in cash what it owes for refunds after settlement.  商户还款"""

from huiquan.app import App
from huiquan.db import audit, campaigns, closings, ledger, tranches
from huiquan.db.connection import Tx
from huiquan.db.settlements import hold_merchant
from huiquan.domain.fund import decide_repayment, is_bank_ref
from huiquan.domain.ledger import Account, Transfer, book_of, of_merchant
from huiquan.domain.refusals import Refusal


async def repay_debt(
    app: App, code: str, merchant_id: int, amount_fen: int, ref: str, by: str
) -> int | Refusal:
    """Book what a merchant paid under the bank's reference; gives what it still owes, in fen.

    The same reference, merchant and amount again change nothing. Refuses UNKNOWN_CAMPAIGN,
    MALFORMED (not a reference), BANK_REF_USED, CLOSING_UNDER_WAY, and BAD_AMOUNT and
    MORE_THAN_OWED as `decide_repayment` does. (R2.4, R3.6)
    """
    bank_ref = ref.strip()
    if not is_bank_ref(bank_ref):
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        campaign_id = campaign.campaign_id
        # A settlement of this merchant may be keeping the same debt at this moment.
        await hold_merchant(tx, campaign_id, merchant_id)
        await tranches.hold_fund(tx, campaign_id)
        account = of_merchant(Account.RECEIVABLE, merchant_id)
        owed_fen = await ledger.balance_fen(tx, campaign_id, account)
        before = await tranches.repayment(tx, campaign_id, bank_ref)
        if before is not None:
            return owed_fen if before == (merchant_id, amount_fen) else Refusal.BANK_REF_USED
        if await tranches.is_ref_used(tx, campaign_id, bank_ref):
            return Refusal.BANK_REF_USED
        if await closings.is_approved(tx, campaign_id):
            return Refusal.CLOSING_UNDER_WAY
        moves = decide_repayment(
            merchant_id=merchant_id,
            amount_fen=amount_fen,
            receivable_fen=owed_fen,
            bank_ref=bank_ref,
        )
        if isinstance(moves, Refusal):
            return moves
        await _record(tx, app, campaign_id, merchant_id, moves, by)
        return owed_fen - amount_fen


async def _record(
    tx: Tx,
    app: App,
    campaign_id: int,
    merchant_id: int,
    moves: tuple[Transfer, Transfer],
    by: str,
) -> None:
    """The repayment, both halves of its money, and the audit line, together."""
    now, bank_ref, amount_fen = app.clock(), moves[0].ref, moves[0].amount_fen
    await tranches.record_repayment(
        tx,
        campaign_id,
        bank_ref=bank_ref,
        merchant_id=merchant_id,
        fen=amount_fen,
        by=by,
        at=now,
    )
    for transfer in moves:
        await ledger.book(
            tx, campaign_id=campaign_id, lane=book_of(transfer), transfers=[transfer], at=now
        )
    detail = {"merchant_id": merchant_id, "amount_fen": amount_fen}
    await audit.note(tx, at=now, actor=by, tag="merchant:repaid", subject=bank_ref, detail=detail)
