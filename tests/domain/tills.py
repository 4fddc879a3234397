"""A winner, a voucher and a store to test with: 200 yuan off 1,000 net, dining, in Wuhan."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from huiquan.domain.codes import OneTimeCode
from huiquan.domain.days import SHANGHAI
from huiquan.domain.money import parse_yuan
from huiquan.domain.offers import Funder, Offer, Order
from huiquan.domain.redemptions import Lock, Redemption, Store, StorePack, decide_lock
from huiquan.domain.redemptions import decide_redemption as redeem
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import RulebookVersion
from huiquan.domain.vouchers import State, Voucher, Win, issue
from tests.domain.campaigns import campaign

RULEBOOK = campaign()
RULES = RulebookVersion(
    version=1, effective_at=datetime(2026, 2, 1, tzinfo=SHANGHAI), rulebook=RULEBOOK
)
DINING = 3
WUHAN = "420100"
DAY = date(2026, 2, 6)
WON_AT = datetime(2026, 2, 6, 10, 0, 1, tzinfo=SHANGHAI)
NOON = datetime(2026, 2, 7, 12, 0, tzinfo=SHANGHAI)
WIN = Win(campaign_id=1, lane=3, idx=42, pid=b"li".ljust(16), day=DAY, tier=11, city=WUHAN)
STORE = Store(
    store_id=7,
    merchant_id=17,
    city=WUHAN,
    is_open=True,
    packs=(StorePack(pack=DINING, open_from=WON_AT - timedelta(days=3)),),
)


def at(text: str) -> datetime:
    """A Shanghai time of February 2026 as tables write it: "07 12:00" or "07 12:00:30"."""
    return datetime.fromisoformat(f"2026-02-{text.replace(' ', 'T')}").replace(tzinfo=SHANGHAI)


def fen(text: str) -> int:
    """Yuan as tables write them, in fen; a minus is read."""
    amount = parse_yuan(text.removeprefix("-"))
    assert not isinstance(amount, Refusal), text
    return -amount if text.startswith("-") else amount


def voucher(**changes: Any) -> Voucher:
    """A held voucher, 200 off 1,000, won on 6 February; changes as given."""
    issued = issue(WIN, rulebook=RULEBOOK, rulebook_version=1, issued_at=WON_AT).voucher
    return replace(issued, **changes)


def code_for(one: Voucher, now: datetime) -> OneTimeCode:
    """A code that was just minted for a voucher."""
    return OneTimeCode(serial=one.serial, expires_at=now + timedelta(seconds=30))


def order(yuan: str, merchant: str = "", platform: str = "") -> Order:
    """An order in yuan with at most one offer of the merchant and one of the platform."""
    offers = [
        Offer(funder=funder, name="满减", amount_fen=fen(amount))
        for funder, amount in ((Funder.MERCHANT, merchant), (Funder.PLATFORM, platform))
        if amount
    ]
    return Order(order_fen=fen(yuan), offers=tuple(offers))


def locked(one: Voucher, now: datetime, bill: Order | None = None) -> tuple[Voucher, Lock]:
    """The voucher after a lock at the store, and the lock."""
    bill = bill or order("1000")
    lock = decide_lock(one, code_for(one, now), STORE, bill, rules=RULES, now=now)
    assert isinstance(lock, Lock), lock
    changes = {"state": State.LOCKED, "lock_no": lock.lock_no, "locked_until": lock.locked_until}
    return replace(one, **changes), lock


def redeemed(yuan: str = "1000", now: datetime = NOON) -> Redemption:
    """A redemption of a 200-yuan voucher on an order of this many yuan."""
    one, lock = locked(voucher(), now, order(yuan))
    redemption = redeem(one, lock, STORE, "pay-1", now=now)
    assert isinstance(redemption, Redemption), redemption
    return redemption
