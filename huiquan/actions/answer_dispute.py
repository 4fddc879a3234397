"""Answer a dispute: upheld or dismissed, with a reason the merchant reads.  答复结算异议"""

from huiquan.app import App
from huiquan.db import approvals, audit, disputes
from huiquan.domain.approvals import MONEY_ROLES
from huiquan.domain.lists import Verdict
from huiquan.domain.refusals import Refusal

WORDS_MAX = 500


async def answer_dispute(
    app: App, dispute_id: int, verdict: Verdict, words: str, staff_id: int
) -> Verdict | Refusal:
    """Answer a merchant's dispute, once. Money that is owed after it moves by its own action.

    Refuses MALFORMED (no words), FORBIDDEN, UNKNOWN_DISPUTE, DISPUTE_ANSWERED.
    """
    if not 0 < len(words.strip()) <= WORDS_MAX:
        return Refusal.MALFORMED
    async with app.db.transaction() as tx:
        if await approvals.role_of(tx, staff_id) not in MONEY_ROLES:
            return Refusal.FORBIDDEN
        row = await disputes.hold(tx, dispute_id)
        if row is None:
            return Refusal.UNKNOWN_DISPUTE
        if row.verdict is not None:
            return Refusal.DISPUTE_ANSWERED
        now = app.clock()
        await disputes.answer(
            tx, dispute_id, verdict=verdict.value, words=words.strip(), staff_id=staff_id, at=now
        )
        await audit.note(
            tx,
            at=now,
            actor=f"staff:{staff_id}",
            tag="dispute:answered",
            subject=f"dispute:{dispute_id}",
            detail={"settlement_id": row.settlement_id, "verdict": verdict.value},
        )
        return verdict
