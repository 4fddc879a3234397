"""Redemptions: what a till may do with a voucher, from the scan to the payment.  核销

    scan --quote--> amounts shown --lock--> customer pays --redeem--> redeemed
                                     \\--unlock, or its time is over--> held again

The order of the checks is the order in which a cashier can see and explain them: this store,
this code, this voucher, this store again for this voucher, this order. The first that fails is
the answer.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from huiquan.domain import ledger
from huiquan.domain.codes import OneTimeCode, decide_code
from huiquan.domain.days import day_of
from huiquan.domain.ledger import Transfer
from huiquan.domain.offers import Offer, Order, decide_net, offers_fen
from huiquan.domain.refusals import Refusal
from huiquan.domain.rulebook_versions import RulebookVersion
from huiquan.domain.rulebooks import Channel, Rulebook, UseArea, pack_numbered
from huiquan.domain.serials import Name, read_name, write_name
from huiquan.domain.tills import Till
from huiquan.domain.vouchers import State, Voucher, state_at

LATE_PAYMENT_GRACE = timedelta(minutes=15)
"""How long after a lock's end a payment made under it may still be reported."""

PAYMENT_REF_MAX = 64


class LockState(StrEnum):
    """Where a lock is: open, or closed in one of three ways."""

    OPEN = "open"  # 占用中
    REDEEMED = "redeemed"  # 已核销
    RELEASED = "released"  # 收银员解除
    LAPSED = "lapsed"  # 超时


@dataclass(frozen=True, kw_only=True)
class StorePack:
    """A stretch of time in which a store takes the vouchers of a pack; open_until None: so far."""

    pack: int
    open_from: datetime
    open_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Store:
    """What must be known of a store at the till, for one campaign.

    acquirer_id and rail are those of the till that asks, None at our own page; rails are those
    that the store takes at this till. open_order_fen: what the online order comes to that was
    opened under the number that is asked about, None if none was.
    """

    store_id: int
    merchant_id: int
    city: str
    is_open: bool
    packs: tuple[StorePack, ...]
    channel: Channel = Channel.OFFLINE
    acquirer_id: int | None = None
    rail: str | None = None
    rails: frozenset[str] = frozenset()
    open_order_fen: int | None = None


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a voucher does to an order; to_pay_fen is the customer's, discount_fen the fund's."""

    pack: int
    face_fen: int
    threshold_fen: int
    order_fen: int
    offers_fen: int
    net_fen: int
    discount_fen: int

    @property
    def to_pay_fen(self) -> int:
        """What the customer pays: what is left after offers and voucher."""
        return self.net_fen - self.discount_fen


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A voucher set aside for one order at one store, while the customer pays.  占用

    acquirer_id: over whose door it was taken, None at our own page.
    """

    campaign_id: int
    lane: int
    idx: int
    lock_no: int
    state: LockState
    store_id: int
    quote: Quote
    offers: tuple[Offer, ...]
    rulebook_version: int
    locked_at: datetime
    locked_until: datetime
    acquirer_id: int | None = None

    @property
    def lock_id(self) -> str:
        """The lock's public name."""
        return write_name("L", Name(self.campaign_id, self.lane, self.idx, (self.lock_no,)))


@dataclass(frozen=True, kw_only=True)
class Unlock:
    """A lock given up by the cashier: the voucher is held again.  释放"""

    lock_id: str
    lock_no: int
    released_at: datetime


@dataclass(frozen=True, kw_only=True)
class Redemption:
    """A voucher spent on a paid order. city is the store's; acquirer_id as in the lock."""

    campaign_id: int
    lane: int
    idx: int
    lock_no: int
    day: date
    store_id: int
    merchant_id: int
    city: str
    payment_ref: str
    quote: Quote
    rulebook_version: int
    redeemed_at: datetime
    acquirer_id: int | None = None

    @property
    def redemption_id(self) -> str:
        """The redemption's public name."""
        return redemption_name(self.campaign_id, self.lane, self.idx, self.lock_no)

    @property
    def transfer(self) -> Transfer:
        """The money it moves: from the promise to the merchant."""
        return ledger.redeem(
            lane=self.lane,
            idx=self.idx,
            merchant_id=self.merchant_id,
            amount_fen=self.quote.discount_fen,
            ref=self.redemption_id,
        )


def parse_lock_id(text: str) -> tuple[int, int, int, int] | None:
    """Campaign, lane, entry and lock number behind a lock's name; None if it is none."""
    return _parse("L", text)


def redemption_name(campaign_id: int, lane: int, idx: int, lock_no: int) -> str:
    """The public name of a redemption."""
    return write_name("R", Name(campaign_id, lane, idx, (lock_no,)))


def parse_redemption_id(text: str) -> tuple[int, int, int, int] | None:
    """Campaign, lane, entry and lock number behind a redemption's name; None if it is none."""
    return _parse("R", text)


def _parse(letter: str, text: str) -> tuple[int, int, int, int] | None:
    name = read_name(letter, 1, text)
    return name and (name.campaign_id, name.lane, name.idx, name.attempts[0])


def decide_quote(
    voucher: Voucher,
    code: OneTimeCode,
    store: Store,
    order: Order,
    *,
    rulebook: Rulebook,
    now: datetime,
) -> Quote | Refusal:
    """Say what the voucher would take off this order, and touch nothing (R1.2, R1.3).

    The rulebook is the version in force now; face and threshold are the voucher's own, as they
    were when it was won. The threshold is held against what is left after merchant and platform
    offers (order 1,100, offers 110, threshold 1,000: refused at 990). As a face value is never
    above its threshold, the voucher is always spent whole.

    Refuses, in this order: STORE_NOT_OPEN, RAIL_NOT_HERE; CODE_USED, CODE_EXPIRED, CODE_UNKNOWN;
    ALREADY_REDEEMED, VOUCHER_EXPIRED, NOT_YET_VALID, VOUCHER_LOCKED; WRONG_PACK, WRONG_CITY;
    BAD_AMOUNT, OFFERS_EXCEED_ORDER, BELOW_THRESHOLD.
    """
    flaw = (
        _store_flaw(store)
        or _code_flaw(code, voucher, now)
        or voucher_flaw(voucher, now)
        or _place_flaw(voucher, store, rulebook, now)
    )
    if flaw:
        return flaw
    net_fen = decide_net(order)
    if isinstance(net_fen, Refusal):
        return net_fen
    if net_fen < voucher.threshold_fen:
        return Refusal.BELOW_THRESHOLD
    return Quote(
        pack=voucher.pack,
        face_fen=voucher.face_fen,
        threshold_fen=voucher.threshold_fen,
        order_fen=order.order_fen,
        offers_fen=offers_fen(order.offers),
        net_fen=net_fen,
        discount_fen=min(voucher.face_fen, net_fen),
    )


def _store_flaw(store: Store) -> Refusal | None:
    """Is the store open, and does it take the rail by which this till wants to be paid (R3.8)?"""
    if not store.is_open:
        return Refusal.STORE_NOT_OPEN
    return None if store.rail is None or store.rail in store.rails else Refusal.RAIL_NOT_HERE


def _code_flaw(code: OneTimeCode, voucher: Voucher, now: datetime) -> Refusal | None:
    taken = decide_code(code, now)
    if isinstance(taken, Refusal):
        return taken
    return None if code.serial == voucher.serial else Refusal.CODE_UNKNOWN


def voucher_flaw(voucher: Voucher, now: datetime) -> Refusal | None:
    """Why a voucher cannot be spent at this instant, wherever it is; None if it can.

    One of ALREADY_REDEEMED, VOUCHER_EXPIRED, NOT_YET_VALID, VOUCHER_LOCKED.
    """
    state = state_at(voucher, now)
    if state is State.REDEEMED:
        return Refusal.ALREADY_REDEEMED
    if state is State.EXPIRED:
        return Refusal.VOUCHER_EXPIRED
    if now < voucher.valid_from:
        return Refusal.NOT_YET_VALID
    return Refusal.VOUCHER_LOCKED if state is State.LOCKED else None


def _place_flaw(
    voucher: Voucher, store: Store, rulebook: Rulebook, now: datetime
) -> Refusal | None:
    """Pack, channel and city: may vouchers of this kind be spent at this store now?"""
    pack = pack_numbered(rulebook, voucher.pack)
    assert pack is not None, f"pack {voucher.pack} is not in the rulebook"
    takes_pack = any(
        taken.pack == voucher.pack
        and taken.open_from <= now
        and (taken.open_until is None or now < taken.open_until)
        for taken in store.packs
    )
    if not takes_pack or store.channel is not pack.channel:
        return Refusal.WRONG_PACK
    city_bound = rulebook.use_area is UseArea.REGISTRATION_CITY
    return Refusal.WRONG_CITY if city_bound and store.city != voucher.city else None


def decide_lock(
    voucher: Voucher,
    code: OneTimeCode,
    store: Store,
    order: Order,
    *,
    rules: RulebookVersion,
    now: datetime,
) -> Lock | Refusal:
    """Set the voucher aside for this order while the customer pays; the code is used up.

    Refuses what `decide_quote` refuses, and ORDER_NEEDED. The lock lasts `lock_ttl_s` of the
    rulebook, but never beyond the voucher's validity. A lock whose time is over counts as held
    again. The lock, and the redemption after it, carry the version of the rules by which they were
    judged.
    """
    rulebook = rules.rulebook
    quote = decide_quote(voucher, code, store, order, rulebook=rulebook, now=now)
    if isinstance(quote, Refusal):
        return quote
    if _lacks_order(store, order, rulebook):
        return Refusal.ORDER_NEEDED
    return Lock(
        campaign_id=voucher.campaign_id,
        lane=voucher.lane,
        idx=voucher.idx,
        lock_no=voucher.lock_no + 1,
        state=LockState.OPEN,
        store_id=store.store_id,
        quote=quote,
        offers=order.offers,
        rulebook_version=rules.version,
        locked_at=now,
        acquirer_id=store.acquirer_id,
        locked_until=min(now + timedelta(seconds=rulebook.lock_ttl_s), voucher.valid_until),
    )


def door_flaw(till: Till, lock: Lock) -> Refusal | None:
    """OTHER_STORE for a lock that was taken over another's door; None if it is this till's."""
    return None if lock.acquirer_id == till.acquirer_id else Refusal.OTHER_STORE


def _lacks_order(store: Store, order: Order, rulebook: Rulebook) -> bool:
    """Whether an online voucher is asked for without its order, or for another amount (R3.7)."""
    if store.open_order_fen is not None:
        return store.open_order_fen != order.order_fen
    return rulebook.online.orders_only and store.channel is Channel.ONLINE


def decide_unlock(
    voucher: Voucher, lock: Lock, *, store_id: int, now: datetime
) -> Unlock | Refusal:
    """Give up a lock: the customer went away, or wants another voucher.

    Refuses OTHER_STORE, ALREADY_REDEEMED, LOCK_RELEASED, LOCK_EXPIRED (another till has taken the
    voucher since), VOUCHER_EXPIRED. A lapsed lock may be given up: nothing can be paid under it
    from then on.
    """
    return _lock_flaw(voucher, lock, store_id) or Unlock(
        lock_id=lock.lock_id, lock_no=lock.lock_no, released_at=now
    )


def decide_redemption(
    voucher: Voucher, lock: Lock, store: Store, payment_ref: str, *, now: datetime
) -> Redemption | Refusal:
    """Spend a locked voucher on the order it was locked for, now that the customer has paid.

    The amounts are those of the lock. A payment that is reported after the lock's end counts, if
    within 15 minutes, while the voucher is still good, and if no other till has taken it since:
    the customer has paid the lower price, the money is still set aside, and nobody is worse off.
    Later than that the till must ask the customer for a fresh code, for a lock kept in a
    drawer would let a store spend vouchers of people who have left.

    Refuses MALFORMED (a payment reference that is empty, unprintable or over 64 characters),
    OTHER_STORE, ALREADY_REDEEMED, LOCK_RELEASED, LOCK_EXPIRED, VOUCHER_EXPIRED, STORE_NOT_OPEN
    (the store was suspended meanwhile: money guards fail closed). That one payment pays for one
    redemption (PAYMENT_REF_USED) is guarded where it is written.
    """
    if not 0 < len(payment_ref.strip()) <= PAYMENT_REF_MAX or not payment_ref.isprintable():
        return Refusal.MALFORMED
    flaw = _lock_flaw(voucher, lock, store.store_id) or _time_flaw(voucher, lock, now)
    if flaw:
        return flaw
    if not store.is_open:
        return Refusal.STORE_NOT_OPEN
    return Redemption(
        campaign_id=lock.campaign_id,
        lane=lock.lane,
        idx=lock.idx,
        lock_no=lock.lock_no,
        day=day_of(now),
        store_id=store.store_id,
        merchant_id=store.merchant_id,
        city=store.city,
        payment_ref=payment_ref.strip(),
        quote=lock.quote,
        rulebook_version=lock.rulebook_version,
        redeemed_at=now,
        acquirer_id=lock.acquirer_id,
    )


def _lock_flaw(voucher: Voucher, lock: Lock, store_id: int) -> Refusal | None:
    """May this store still act on this lock? Only the last lock of a voucher counts."""
    assert (voucher.lane, voucher.idx) == (lock.lane, lock.idx)
    if lock.store_id != store_id:
        return Refusal.OTHER_STORE
    if voucher.state is State.REDEEMED or lock.state is LockState.REDEEMED:
        return Refusal.ALREADY_REDEEMED
    if lock.state is LockState.RELEASED:
        return Refusal.LOCK_RELEASED
    if voucher.lock_no != lock.lock_no:
        return Refusal.LOCK_EXPIRED
    return Refusal.VOUCHER_EXPIRED if voucher.state is State.EXPIRED else None


def _time_flaw(voucher: Voucher, lock: Lock, now: datetime) -> Refusal | None:
    if now >= lock.locked_until + LATE_PAYMENT_GRACE:
        return Refusal.LOCK_EXPIRED
    return Refusal.VOUCHER_EXPIRED if now >= voucher.valid_until else None
