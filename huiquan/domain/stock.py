"""Stock of the draw: which lane holds how many vouchers of each tier, hour by hour.  投放到通道

Units are dealt to lanes by a public rule that nobody could foresee when people were given their
lanes. Each lane starts every day with nothing, grows with the day's hourly top-ups and falls with
every win that is kept; what is left at 24:00 goes back to the pool.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from huiquan.domain.hashes import leading_u64, start_of_tagged, tagged_hash

# The days of a few configs; each is a few megabytes.
DEALS_KEPT = 12


class TopUp(NamedTuple):
    """Vouchers of one tier that a lane gains when an hour of the Shanghai day begins."""

    slot: int
    lane: int
    tier: int
    units: int


class Release(NamedTuple):
    """Vouchers of one tier that all lanes together gain when an hour begins.  投放量"""

    slot: int
    tier: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Account:
    """How a lane stood after its last round: the round's day and hour, and what was left."""

    day: int
    slot: int
    left_after: tuple[int, ...]


def lane_of_unit(root: bytes, day: int, tier: int, unit: int, lanes: int) -> int:
    """The lane that unit number `unit` of a tier goes to; root is a checkpoint's root."""
    place = day.to_bytes(4, "big") + bytes((tier,)) + unit.to_bytes(4, "big")
    return leading_u64(tagged_hash("unit", root + place)) % lanes


def deal_units(
    root: bytes, day: int, tier: int, units: int, lanes: int, first_unit: int = 0
) -> list[int]:
    """Deal this many units, numbered from first_unit, and say how many each lane got.

    The same rule as `lane_of_unit`, with what all units share hashed together only once: a large
    day has hundreds of thousands, and a signer deals them all again while others wait for it.
    """
    place = day.to_bytes(4, "big") + bytes((tier,))
    shared = start_of_tagged("unit", root + place)
    dealt = [0] * lanes
    for unit in range(first_unit, first_unit + units):
        hashed = shared.copy()
        hashed.update(unit.to_bytes(4, "big"))
        dealt[leading_u64(hashed.digest()) % lanes] += 1
    return dealt


def deal_day(root: bytes, day: int, lanes: int, releases: Iterable[Release]) -> tuple[TopUp, ...]:
    """Deal a whole day's releases to lanes, in the order of hour, lane and tier.

    The units of a tier are numbered through the day, earliest hour first, so the releases alone
    say which unit belongs to which hour. Lanes that got nothing are left out.
    """
    return _dealt(root, day, lanes, tuple(sorted(_per_hour(releases).items())))


@lru_cache(maxsize=DEALS_KEPT)
def _dealt(
    root: bytes, day: int, lanes: int, per_hour: tuple[tuple[tuple[int, int], int], ...]
) -> tuple[TopUp, ...]:
    """The same, remembered: who makes a config deals its days, then checks what was dealt."""
    first_unit: Counter[int] = Counter()
    topups = []
    for (slot, tier), units in per_hour:
        dealt = deal_units(root, day, tier, units, lanes, first_unit[tier])
        first_unit[tier] += units
        topups += [TopUp(slot, lane, tier, got) for lane, got in enumerate(dealt) if got]
    return tuple(sorted(topups))


def releases_of(topups: Iterable[TopUp]) -> tuple[Release, ...]:
    """What all lanes together gain in each hour: the releases behind the top-ups."""
    summed = _per_hour(Release(slot, tier, units) for slot, _, tier, units in topups)
    return tuple(Release(slot, tier, units) for (slot, tier), units in sorted(summed.items()))


def topups_of_lane(topups: Iterable[TopUp], lane: int) -> tuple[TopUp, ...]:
    """The top-ups that belong to one lane."""
    return tuple(topup for topup in topups if topup.lane == lane)


def left_before(
    previous: Account | None, day: int, slot: int, topups: Iterable[TopUp], tiers: int
) -> tuple[int, ...]:
    """What a lane holds of each tier when a round of this day and hour is sealed.

    topups are those of this lane on this day. The first round of a day (no account yet, or one
    of an earlier day) counts every top-up up to its hour; a later round adds the hours that have
    begun since the round before it.
    """
    left, seen = [0] * tiers, -1
    if previous is not None and previous.day == day:
        left, seen = list(previous.left_after), previous.slot
    for topup in topups:
        if seen < topup.slot <= slot:
            left[topup.tier - 1] += topup.units
    return tuple(left)


def released_until(topups: Iterable[TopUp], slot: int, tiers: int) -> tuple[int, ...]:
    """How many of each tier these top-ups bring up to and including an hour."""
    return left_before(None, 0, slot, topups, tiers)


def is_dealt(root: bytes, day: int, lanes: int, topups: Sequence[TopUp]) -> bool:
    """True if these top-ups are exactly what the public rule deals from this root."""
    return deal_day(root, day, lanes, releases_of(topups)) == tuple(topups)


def _per_hour(releases: Iterable[Release]) -> Counter[tuple[int, int]]:
    """Releases of the same hour and tier added up."""
    summed: Counter[tuple[int, int]] = Counter()
    for slot, tier, units in releases:
        summed[slot, tier] += units
    return summed
