"""Decide an objection: one person, then a second, both with a name and a reason.  异议裁定"""

from huiquan.app import App
from huiquan.db import audit, lists
from huiquan.domain.lists import Decided, Verdict
from huiquan.domain.lists import decide_objection as decide
from huiquan.domain.refusals import Refusal


async def decide_objection(
    app: App, objection_id: int, verdict: Verdict, reason: str, by: str
) -> Decided | Refusal:
    """Record one person's decision; the second person's, if it is the same, makes it final.

    Refuses UNKNOWN_OBJECTION, OBJECTION_DECIDED, SAME_PERSON, DECISIONS_DIFFER. (R5.1)
    """
    async with app.db.transaction() as tx:
        objection = await lists.hold_objection(tx, objection_id)
        if objection is None:
            return Refusal.UNKNOWN_OBJECTION
        decided = decide(objection, verdict, reason, by)
        if isinstance(decided, Refusal):
            return decided
        now = app.clock()
        await lists.record_decision(tx, decided.objection, now)
        detail = {"verdict": verdict.value, "reason": reason, "is_final": decided.is_final}
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="objection:decided",
            subject=f"objection {objection_id}",
            detail=detail,
        )
        return decided
