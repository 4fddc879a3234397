"""Plan a tranche: who will pay how much into the dedicated account, and when.  拨款计划"""

from dataclasses import dataclass
from datetime import date

import msgspec

from huiquan.app import App
from huiquan.db import audit, campaigns, requests, tranches
from huiquan.db.requests import RequestKey
from huiquan.domain.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class TrancheAsked:
    """How much is to come, on which day, and who pays it in from which account."""

    request_key: str
    planned_fen: int
    due_on: date
    payer: str
    payer_account: str = ""


async def plan_tranche(app: App, code: str, asked: TrancheAsked, by: str) -> int | Refusal:
    """Record what is to come; gives the tranche's number. No money moves (R2.4).

    The same key of the same person again gives the same number and plans nothing. Refuses
    UNKNOWN_CAMPAIGN, BAD_AMOUNT (zero or less), MALFORMED (no payer), REQUEST_KEY_REUSED.
    """
    if asked.planned_fen <= 0:
        return Refusal.BAD_AMOUNT
    payer = asked.payer.strip()
    if not payer:
        return Refusal.MALFORMED
    now = app.clock()
    request = RequestKey(
        scope=f"tranche:{code}:{by}", key=asked.request_key, body=msgspec.json.encode(asked)
    )
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.number_given(earlier, "tranche")
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            return Refusal.UNKNOWN_CAMPAIGN
        await tranches.hold_fund(tx, campaign.campaign_id)
        number = await tranches.record(
            tx,
            campaign.campaign_id,
            planned_fen=asked.planned_fen,
            due_on=asked.due_on,
            payer=payer,
            payer_account=asked.payer_account.strip(),
            by=by,
            at=now,
        )
        detail = {
            "planned_fen": asked.planned_fen,
            "due_on": asked.due_on.isoformat(),
            "payer": payer,
        }
        await audit.note(
            tx,
            at=now,
            actor=by,
            tag="tranche:planned",
            subject=f"{code} tranche {number}",
            detail=detail,
        )
        await requests.record_answer(tx, request, {"tranche": number}, now)
        return number
