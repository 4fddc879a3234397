"""Habits: who draws when, shops when, for how much, and brings goods back.  行为参数

Shapes follow published outcomes of earlier rounds where there are any, else they are assumed: the
arrivals of a day, the seven-day curve of redemptions (70 % of vouchers), orders that sit at the
threshold, refunds by trade. A choice hangs on the person and the day alone.

A simulated person is one who takes part: three in five draw on an opening day where of all that
are registered one in four does. The proportions between days are those of the forecast.
"""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from huiquan.domain.days import DayKind
from simulation.dice import dice, pick
from simulation.people import Person
from simulation.stores import DINING, ONLINE, RETAIL

OPENING_DAYS = 3
OPENING_SHARE, STEADY_SHARE, FREE_DAY_FACTOR = 0.60, 0.36, 1.5


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A time of day, with its share of the day's draws, dining and shopping, in percent."""

    at: time
    draws: float
    dining: float
    retail: float


# Draws: 36 % in the first hour, 24 % over noon, 12 % in the afternoon, 20 % and 8 % in the
# evening. Nobody redeems in the first quarter of an hour.
WAVES = (
    Wave(at=time(10, 0), draws=6, dining=0, retail=0),
    Wave(at=time(10, 5), draws=9, dining=0, retail=0),
    Wave(at=time(10, 30), draws=14, dining=1, retail=5),
    Wave(at=time(11, 0), draws=7, dining=4, retail=9),
    Wave(at=time(12, 30), draws=24, dining=35, retail=14),
    Wave(at=time(15, 30), draws=12, dining=8, retail=27),
    Wave(at=time(18, 30), draws=20, dining=34, retail=27),
    Wave(at=time(20, 0), draws=0, dining=14, retail=12),
    Wave(at=time(21, 30), draws=8, dining=4, retail=6),
)

# Of a hundred vouchers so many are redeemed on the first day, the second …; thirty expire.
_REDEEMED_ON = (8, 10, 9, 9, 9, 11, 14)
_EXPIRED = 30
_KIND_FACTOR = {DayKind.WORKDAY: 1.0, DayKind.WEEKEND: 1.4, DayKind.HOLIDAY: 1.6}

# A third of orders sit right at the threshold, the others lie above it, by pack.
_AT_THRESHOLD = 0.35
_ABOVE = {ONLINE: 0.45, RETAIL: 0.45, DINING: 0.29}

_REFUNDED = {ONLINE: 0.12, RETAIL: 0.04, DINING: 0.008}
_REFUND_DELAY_DAYS = {ONLINE: 6, RETAIL: 3, DINING: 0}
_IN_FULL = 0.6


class Tap(StrEnum):
    """How somebody taps on the button."""

    ONCE = "once"
    TWICE = "twice"  # the finger trembles, or the page asks again: the same request
    NEW_PAGE = "new_page"  # a second request of its own: one draw a day
    POOR_FIX_FIRST = "poor_fix_first"


class Slip(StrEnum):
    """What goes wrong at the till before it goes right, or for good."""

    NONE = "none"
    TOO_LITTLE = "too_little"  # first an order below the threshold
    WRONG_STORE = "wrong_store"  # first a store that does not take this pack
    UNLOCKED = "unlocked"  # the customer fetches something else and comes back
    LEFT = "left"  # the customer never comes back to pay


_TAPS = ((Tap.ONCE, 0.95), (Tap.TWICE, 0.025), (Tap.NEW_PAGE, 0.015), (Tap.POOR_FIX_FIRST, 0.01))
_SLIPS = (
    (Slip.NONE, 0.94),
    (Slip.TOO_LITTLE, 0.02),
    (Slip.WRONG_STORE, 0.02),
    (Slip.UNLOCKED, 0.015),
    (Slip.LEFT, 0.005),
)
_OFFERS = (((), 0.6), (("merchant",), 0.25), (("platform",), 0.1), (("merchant", "platform"), 0.05))
_OFFER_NAMES = {"merchant": "店庆满减", "platform": "平台优惠"}


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A person's draw on a day: in which wave, for which pack, and how."""

    wave: int
    pack: int
    tap: Tap


@dataclass(frozen=True, kw_only=True)
class Win:
    """A voucher somebody holds."""

    serial: str
    day: date
    wave: int
    pack: int
    face_fen: int
    threshold_fen: int


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """When a voucher is spent and on what: the order, and the offers that come off it first."""

    day: date
    wave: int
    net_fen: int
    offers: tuple[tuple[str, str, int], ...]
    slip: Slip
    store_draw: float

    @property
    def order_fen(self) -> int:
        """The order before any offer."""
        return self.net_fen + sum(amount_fen for _, _, amount_fen in self.offers)


@dataclass(frozen=True, kw_only=True)
class Return:
    """Goods that come back: on which day, and worth how much."""

    day: date
    wave: int
    amounts_fen: tuple[int, ...]


def joins_on(seed: int | str, person: Person, days: int) -> int:
    """On which of the played days a person hears of it: three in five on the first."""
    throw = dice(seed, person.number, "joins")
    return 0 if throw.random() < 0.6 else throw.randrange(days)


def visit_on(seed: int | str, person: Person, day: date, since: int, kind: DayKind) -> Visit | None:
    """Whether and how a person draws on a day, `since` days after the opening."""
    throw = dice(seed, person.number, day)
    share = OPENING_SHARE if since < OPENING_DAYS else STEADY_SHARE
    if since >= OPENING_DAYS and kind is not DayKind.WORKDAY:
        share *= FREE_DAY_FACTOR
    if throw.random() >= share * person.eagerness:
        return None
    wave = pick(throw, [(number, each.draws) for number, each in enumerate(WAVES)])
    pack = pick(throw, list(zip((ONLINE, RETAIL, DINING), person.packs, strict=True)))
    return Visit(wave=wave, pack=pack, tap=pick(throw, _TAPS))


def purchase_with(
    seed: int | str, person: Person, win: Win, kinds: dict[date, DayKind]
) -> Purchase | None:
    """When and how a winner spends a voucher; None if it is left to expire.

    kinds names the days on which the voucher is good; free days draw more people.
    """
    throw = dice(seed, person.number, win.serial)
    if throw.random() * 100 < _EXPIRED:
        return None
    mass = {win.day + timedelta(days=after): each for after, each in enumerate(_REDEEMED_ON)}
    if not _waves_left(win, win.day):
        del mass[win.day]
    day = pick(throw, [(day, mass[day] * _KIND_FACTOR[kinds[day]]) for day in mass if day in kinds])
    wave = pick(throw, _waves_left(win, day))
    net_fen = _net_fen(throw, win)
    return Purchase(
        day=day,
        wave=wave,
        net_fen=net_fen,
        offers=_offers(throw, net_fen),
        slip=pick(throw, _SLIPS),
        store_draw=throw.random(),
    )


def _waves_left(win: Win, day: date) -> list[tuple[int, float]]:
    """The waves of a day in which this voucher may be spent; on the first day those to come."""
    first = win.wave + 1 if day == win.day else 0
    busy = [each.dining if win.pack == DINING else each.retail for each in WAVES]
    return [(wave, busy[wave]) for wave in range(first, len(WAVES)) if busy[wave]]


def _net_fen(throw: random.Random, win: Win) -> int:
    """What is left to pay after offers: a third of customers stop right at the threshold."""
    ratio = 1 + throw.random() * 0.05
    if throw.random() >= _AT_THRESHOLD:
        ratio = 1 + throw.expovariate(1 / _ABOVE[win.pack])
    return max(win.threshold_fen, int(round(win.threshold_fen * ratio, -1)))


def _offers(throw: random.Random, net_fen: int) -> tuple[tuple[str, str, int], ...]:
    """Offers of merchant or platform, 3 to 10 % of what is left to pay."""
    funders: tuple[str, ...] = pick(throw, _OFFERS)
    return tuple(
        (funder, _OFFER_NAMES[funder], int(round(net_fen * throw.uniform(0.03, 0.1), -1)))
        for funder in funders
    )


def return_of(
    seed: int | str, person: Person, win: Win, purchase: Purchase, last_day: date
) -> Return | None:
    """Whether goods come back, when, and worth how much; not after the last day.

    The delay is the trade's median half of the time. Returns are made in the last wave of a day,
    after every purchase.
    """
    throw = dice(seed, person.number, win.serial, "return")
    if throw.random() >= _REFUNDED[win.pack]:
        return None
    median = _REFUND_DELAY_DAYS[win.pack]
    delay = round(throw.expovariate(0.693 / median)) if median else 0
    day = purchase.day + timedelta(days=delay)
    if day > last_day:
        return None
    amounts_fen = amounts_back(throw, purchase.net_fen)
    return Return(day=day, wave=len(WAVES) - 1, amounts_fen=amounts_fen)


def amounts_back(throw: random.Random, net_fen: int) -> tuple[int, ...]:
    """What comes back of a purchase: all of it in three of five cases, else a part; a part is
    followed by the rest in three of ten cases."""
    if throw.random() < _IN_FULL:
        return (net_fen,)
    part_fen = max(1, round(net_fen * throw.uniform(0.1, 0.9)))
    rest_fen = net_fen - part_fen
    return (part_fen, rest_fen) if rest_fen and throw.random() < 0.3 else (part_fen,)
