"""The sandbox: one customer with codes that always do the same, for an integrator to try.  沙箱

The decisions are the real ones, on a voucher that is made up for each order's number: so it never
runs out, and nothing of it is anybody's. An online order ships from a warehouse that is made up,
too, and is judged by what carriers and warehouses of the sandbox say. Stores, rails, offers,
thresholds, refunds, signatures and callbacks are as in earnest. Names in the sandbox belong to
campaign 0, which there is not.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from huiquan.domain.codes import OneTimeCode, parse_code
from huiquan.domain.days import day_of, ends_at
from huiquan.domain.offers import Order
from huiquan.domain.online_orders import EARLIEST
from huiquan.domain.parcel_events import Warehouse
from huiquan.domain.redemptions import Lock, Quote, Store, decide_lock
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import RulebookVersion
from huiquan.domain.rulebooks import Rulebook
from huiquan.domain.vouchers import State, Voucher

CAMPAIGN_ID = 0
GOOD_FOR = timedelta(days=7)
SHORT = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What one code of the sandbox does: a voucher of this tier, or always this refusal.

    is_short: its lock lapses after five seconds, as if the till had died.
    """

    code: str
    tier: int = 0
    flaw: Refusal | None = None
    is_short: bool = False


CASES = (
    Case(code="900000000001", tier=11),
    Case(code="900000000002", tier=4),
    Case(code="900000000003", tier=7, is_short=True),
    Case(code="900000000004", tier=3),
    Case(code="900000000010", flaw=Refusal.CODE_EXPIRED),
    Case(code="900000000011", flaw=Refusal.CODE_USED),
    Case(code="900000000012", flaw=Refusal.ALREADY_REDEEMED),
    Case(code="900000000013", flaw=Refusal.VOUCHER_EXPIRED),
    Case(code="900000000014", flaw=Refusal.NOT_YET_VALID),
    Case(code="900000000015", flaw=Refusal.VOUCHER_LOCKED),
    Case(code="900000000016", flaw=Refusal.WRONG_PACK),
    Case(code="900000000017", flaw=Refusal.WRONG_CITY),
    Case(code="900000000018", flaw=Refusal.BUSY),
)
"""The codes, as docs/api.md lists them; any other digits are CODE_UNKNOWN."""


def case_of(text: str) -> Case | Refusal:
    """What these digits do. Refuses CODE_UNKNOWN."""
    digits = parse_code(text)
    return next((one for one in CASES if one.code == digits), Refusal.CODE_UNKNOWN)


def decide_sandbox_lock(
    case: Case, ref: str, store: Store, order: Order, *, rules: RulebookVersion, now: datetime
) -> Lock | Refusal:
    """Lock a made-up voucher for an order; refuses what `decide_lock` refuses, and the case's own.

    A tier that the rulebook does not have is WRONG_PACK, as a store's missing pack would be.
    """
    voucher = _voucher(case, f"{store.acquirer_id}/{ref}", rules.rulebook, now)
    if case.flaw is Refusal.BUSY:
        return Refusal.BUSY
    if voucher is None:
        return case.flaw or Refusal.WRONG_PACK
    code = OneTimeCode(serial=voucher.serial, expires_at=now + timedelta(seconds=30))
    lock = decide_lock(voucher, code, store, order, rules=rules, now=now)
    if isinstance(lock, Refusal):
        return lock
    return replace(lock, locked_until=now + SHORT) if case.is_short else lock


def voucher_of(lock: Lock, *, state: State) -> Voucher:
    """The made-up voucher behind a lock, in a state."""
    quote: Quote = lock.quote
    return Voucher(
        campaign_id=CAMPAIGN_ID,
        lane=lock.lane,
        idx=lock.idx,
        pid=bytes(16),
        day=day_of(lock.locked_at),
        pack=quote.pack,
        tier=1,
        face_fen=quote.face_fen,
        threshold_fen=quote.threshold_fen,
        rulebook_version=lock.rulebook_version,
        city="",
        state=state,
        valid_from=lock.locked_at,
        valid_until=ends_at(day_of(lock.locked_at)) + GOOD_FOR,
        issued_at=lock.locked_at,
        lock_no=lock.lock_no,
        locked_until=lock.locked_until if state is State.LOCKED else None,
    )


def warehouse_of(keeper_id: int) -> Warehouse:
    """The one warehouse of a keeper in the sandbox, under the keeper's own code: always open."""
    return Warehouse(warehouse_id=keeper_id, operator_id=keeper_id, open_from=EARLIEST)


def _voucher(case: Case, ref: str, rulebook: Rulebook, now: datetime) -> Voucher | None:
    tier = next((one for one in rulebook.tiers if one.number == case.tier), None)
    if tier is None:
        return None
    return Voucher(
        campaign_id=CAMPAIGN_ID,
        lane=0,
        idx=int.from_bytes(hashlib.sha256(ref.encode()).digest()[:7]),
        pid=bytes(16),
        day=day_of(now),
        pack=tier.pack,
        tier=tier.number,
        face_fen=tier.face_fen,
        threshold_fen=tier.threshold_fen,
        rulebook_version=1,
        city="",
        state=State.HELD,
        valid_from=now,
        valid_until=ends_at(day_of(now)) + GOOD_FOR,
        issued_at=now,
    )
