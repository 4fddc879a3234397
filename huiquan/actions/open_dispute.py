"""Open a dispute: a merchant says what is wrong with a statement.  结算异议"""

from dataclasses import dataclass

import msgspec

from huiquan.app import App
from huiquan.db import audit, disputes, requests, settlements
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.db.settlements import SettlementRow
from huiquan.domain.redemptions import parse_redemption_id
from huiquan.domain.refusals import Refusal

WORDS_MAX = 500


@dataclass(frozen=True, kw_only=True)
class DisputeAsked:
    """What is disputed: a settlement, or one redemption in it; and what is wrong."""

    request_key: str
    settlement_id: int
    words: str
    redemption: str | None = None


async def open_dispute(app: App, cashier_id: int, asked: DisputeAsked) -> int | Refusal:
    """Record what a store's manager disputes of a settlement, or of one line; gives its number.

    Nothing moves by it. The same key of the same person again gives the same number. Refuses
    MALFORMED (no words), FORBIDDEN (not a manager), UNKNOWN_SETTLEMENT (or another merchant's),
    UNKNOWN_REDEMPTION (not a line of it), REQUEST_KEY_REUSED.
    """
    words = asked.words.strip()
    if not 0 < len(words) <= WORDS_MAX:
        return Refusal.MALFORMED
    request = RequestKey(
        scope=f"dispute:{cashier_id}", key=asked.request_key, body=msgspec.json.encode(asked)
    )
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.number_given(earlier, "dispute_id")
        row = await _disputed(tx, cashier_id, asked)
        if isinstance(row, Refusal):
            return row
        now = app.clock()
        dispute_id = await disputes.record(
            tx,
            settlement_id=asked.settlement_id,
            redemption=asked.redemption,
            words=words,
            cashier_id=cashier_id,
            at=now,
        )
        await audit.note(
            tx,
            at=now,
            actor=f"cashier:{cashier_id}",
            tag="settlement:disputed",
            subject=row.ref,
            detail={"dispute_id": dispute_id},
        )
        await requests.record_answer(tx, request, {"dispute_id": dispute_id}, now)
        return dispute_id


async def _disputed(tx: Tx, cashier_id: int, asked: DisputeAsked) -> SettlementRow | Refusal:
    """The settlement, if it is this manager's merchant's and has the line."""
    merchant_id = await disputes.merchant_led_by(tx, cashier_id)
    if merchant_id is None:
        return Refusal.FORBIDDEN
    row = await settlements.find(tx, asked.settlement_id)
    if row is None or row.merchant_id != merchant_id:
        return Refusal.UNKNOWN_SETTLEMENT
    if asked.redemption is not None:
        place = parse_redemption_id(asked.redemption)
        if place is None or not await disputes.is_in_settlement(tx, asked.settlement_id, place):
            return Refusal.UNKNOWN_REDEMPTION
    return row
