"""What is wrong with a draw config, before anyone signs it.  摇号配置校验

Each flaw is one sentence that names its place. A config without flaws can be signed, dealt and
drawn by anyone; a config with one is refused by the notary, the auditor and every verifier.
"""

import re
from collections.abc import Iterator

from huiquan.domain.days import day_from_number, starts_at
from huiquan.domain.draw_config import NOTICE, DayPlan, DrawConfig, stands_from
from huiquan.domain.lottery import CERTAINTY
from huiquan.domain.stock import is_dealt
from huiquan.domain.vrf import is_valid_key

_WHOLE_NUMBER = re.compile("[1-9][0-9]{0,19}")


def flaws_of(config: DrawConfig) -> tuple[str, ...]:
    """Every flaw of a config, in the order of the document; none means it may be signed."""
    return tuple(
        flaw
        for check in (_keys, _witnesses, _limits, _packs_and_tiers, _times, _days)
        for flaw in check(config)
    )


def _keys(config: DrawConfig) -> Iterator[str]:
    """Four parties, four keys; a signer's key must also serve for provable randomness."""
    keys = config.keys
    if len({keys.platform, keys.approver, keys.notary, keys.auditor}) < 4:
        yield "keys: platform, approver, notary and auditor need four different keys"
    for role, key in (("notary", keys.notary), ("auditor", keys.auditor)):
        if not is_valid_key(bytes.fromhex(key)):
            yield f"keys: the {role}'s key is not a valid key"


def _witnesses(config: DrawConfig) -> Iterator[str]:
    """Witnesses have different names and keys, and enough of them exist for the quorum."""
    witnesses = config.log.witnesses
    names = {witness.name for witness in witnesses} | {config.log.origin}
    if len(names) <= len(witnesses) or len({one.key for one in witnesses}) < len(witnesses):
        yield "log: each witness needs a name and a key of its own"
    if any(not name.isascii() or " " in name or "+" in name for name in names):
        yield "log: names on a checkpoint are ASCII without spaces or plus signs"
    if config.log.quorum > len(witnesses):
        yield f"log: a quorum of {config.log.quorum} needs as many witnesses"


def _limits(config: DrawConfig) -> Iterator[str]:
    """One draw and at most one win a day on each platform (R1.4)."""
    if (config.limits.entries_per_day, config.limits.wins_per_day) != (1, 1):
        yield "limits: a person enters once a day and wins at most once a day"


def _packs_and_tiers(config: DrawConfig) -> Iterator[str]:
    """Packs and tiers are numbered from 1 without a gap; a tier belongs to a known pack."""
    if sorted(config.packs) != list(range(1, min(len(config.packs), 255) + 1)) or not config.packs:
        yield "packs: numbered from 1 without a gap, at most 255"
    if sorted(config.tiers) != list(range(1, min(len(config.tiers), 255) + 1)) or not config.tiers:
        yield "tiers: numbered from 1 without a gap, at most 255"
    for number, tier in config.tiers.items():
        if tier.pack not in config.packs:
            yield f"tiers: tier {number} belongs to pack {tier.pack}, which does not exist"
        if tier.threshold_fen < tier.face_fen:
            yield f"tiers: the threshold of tier {number} is below its face value"


def _times(config: DrawConfig) -> Iterator[str]:
    """A config acts no sooner than 12 hours after its publication."""
    if config.active_from - config.published_at < NOTICE:
        yield "active_from: at least 12 hours after published_at"


def _days(config: DrawConfig) -> Iterator[str]:
    """Each day is a day, with a sound table for each pack and dealt top-ups."""
    if not config.days:
        yield "days: a config holds at least one day"
    for number, plan in config.days.items():
        try:
            begins = starts_at(day_from_number(number))
        except ValueError:
            yield f"days: {number} is no day"
            continue
        if stands_from(number, plan) > begins:
            yield f"days {number}: a day stands when it begins, or earlier"
        yield from _tables(config, number, plan)
        yield from _topups(config, number, plan)


def _tables(config: DrawConfig, day: int, plan: DayPlan) -> Iterator[str]:
    """Bounds rise strictly between 0 and 2^64, and each names a tier of its own pack."""
    if set(plan.tables) != set(config.packs):
        yield f"days {day}: a table for each pack, and for no other"
    for pack, rows in plan.tables.items():
        last, seen = 0, set()
        for bound, tier in rows:
            if not _WHOLE_NUMBER.fullmatch(bound):
                yield f"days {day}, pack {pack}: {bound!r} is no whole number"
                break
            if not last < int(bound) < CERTAINTY:
                yield f"days {day}, pack {pack}: bounds rise, above 0 and below 2^64"
            if tier not in config.tiers or config.tiers[tier].pack != pack or tier in seen:
                yield f"days {day}, pack {pack}: tier {tier} is unknown, foreign or repeated"
            last = int(bound)
            seen.add(tier)


def _topups(config: DrawConfig, day: int, plan: DayPlan) -> Iterator[str]:
    """Top-ups name an hour, a lane and a tier that exist, and were dealt by the public rule."""
    for slot, lane, tier, units in plan.topups:
        if not (0 <= slot < 24 and 0 <= lane < config.lanes and 0 < units < 2**32):
            yield f"days {day}: top-up {[slot, lane, tier, units]} is out of range"
            return
        if tier not in config.tiers:
            yield f"days {day}: top-up {[slot, lane, tier, units]} names an unknown tier"
            return
    if sum(topup.units for topup in plan.topups) >= 2**32:
        yield f"days {day}: more vouchers than can be counted"
        return
    if not is_dealt(bytes.fromhex(config.dealing.root), day, config.lanes, plan.topups):
        yield f"days {day}: the top-ups are not what the published root deals"
