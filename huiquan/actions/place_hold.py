"""Place a hold: a merchant's, a store's or one redemption's money waits to be settled.  暂缓清算"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from huiquan.app import App
from huiquan.db import audit, redemptions, requests, settlement_holds, settlements
from huiquan.db.connection import Tx
from huiquan.db.requests import RequestKey
from huiquan.domain.redemptions import Redemption, parse_redemption_id
from huiquan.domain.refusals import Refusal

REASON_MAX = 200


@dataclass(frozen=True, kw_only=True)
class HoldAsked:
    """What is to wait, why, and until when (None: until somebody lifts it); one of the three."""

    request_key: str
    reason: str
    until: datetime | None = None
    merchant_id: int | None = None
    store_id: int | None = None
    redemption: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Held:
    merchant_id: int
    store_id: int | None = None
    redemption: Redemption | None = None


async def place_hold(app: App, asked: HoldAsked, by: str) -> int | Refusal:
    """Hold money back from the next settlement on; gives the hold's number (T17).

    What is settled already is not touched, but a merchant as a whole gets into no new payment
    file either. The same key of the same person again gives the same number and places nothing,
    also when that hold was lifted meanwhile. Refuses MALFORMED (no reason, or not one thing named),
    UNKNOWN_MERCHANT, UNKNOWN_STORE, UNKNOWN_REDEMPTION, REQUEST_KEY_REUSED.
    """
    named = (asked.merchant_id, asked.store_id, asked.redemption)
    if sum(one is not None for one in named) != 1 or not 0 < len(asked.reason) <= REASON_MAX:
        return Refusal.MALFORMED
    request = RequestKey(scope=f"hold:{by}", key=asked.request_key, body=msgspec.json.encode(asked))
    async with app.db.transaction() as tx:
        earlier = await requests.earlier_answer(tx, request)
        if earlier is not None:
            return requests.number_given(earlier, "hold_id")
        held = await _held(tx, asked)
        if isinstance(held, Refusal):
            return held
        hold_id = await _place(app, tx, held, asked, by)
        await requests.record_answer(tx, request, {"hold_id": hold_id}, app.clock())
        return hold_id


async def _place(app: App, tx: Tx, held: _Held, asked: HoldAsked, by: str) -> int:
    """Place it in the turn of the merchant's settlements, and note who did."""
    now = app.clock()
    for campaign_id in await settlements.campaigns_of(tx, held.merchant_id):
        await settlements.hold_merchant(tx, campaign_id, held.merchant_id)
    hold_id = await settlement_holds.place(
        tx,
        merchant_id=held.merchant_id,
        store_id=held.store_id,
        redemption=held.redemption,
        reason=asked.reason,
        until=asked.until,
        by=by,
        at=now,
    )
    detail = {"merchant_id": held.merchant_id, "reason": asked.reason}
    subject = f"hold:{hold_id}"
    await audit.note(tx, at=now, actor=by, tag="hold:placed", subject=subject, detail=detail)
    return hold_id


async def _held(tx: Tx, asked: HoldAsked) -> _Held | Refusal:
    if asked.merchant_id is not None:
        known = await settlement_holds.is_merchant(tx, asked.merchant_id)
        return _Held(merchant_id=asked.merchant_id) if known else Refusal.UNKNOWN_MERCHANT
    if asked.store_id is not None:
        owner = await settlement_holds.merchant_of_store(tx, asked.store_id)
        if owner is None:
            return Refusal.UNKNOWN_STORE
        return _Held(merchant_id=owner, store_id=asked.store_id)
    place = parse_redemption_id(asked.redemption or "")
    found = await redemptions.find(tx, *place) if place else None
    if found is None:
        return Refusal.UNKNOWN_REDEMPTION
    paid = found.redemption
    return _Held(merchant_id=paid.merchant_id, redemption=paid)
