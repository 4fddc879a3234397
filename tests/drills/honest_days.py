"""Honest days of any size: real keys, real chains, a real log, made from a seed.  诚实的一天

A day is described by its shape and played hour by hour: people enter, lanes seal and draw, the
log grows between leaves of other days. The same shape gives the same bytes.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from huiquan.domain import draw_config, merkle, rounds
from huiquan.domain.draw_config import DayPlan, DrawConfig, Pack, Tier
from huiquan.domain.hashes import tagged_hash
from huiquan.domain.stock import Release, deal_day
from tests.domain.changed_days import change_keys
from tests.domain.draw_days import DAY, OPENS, DrawDay, a_config

CODES = ("retail", "dining", "online")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a day goes. units is what each tier gets in each hour; small numbers run out.

    away names a lane whose signers are away until the last hour; yesterday counts rounds drawn
    before the day, strangers leaves of other days that the log takes up in between. loses_key names
    the signer whose key is lost, and exchanged, before the second hour.
    """

    seed: int
    people: int
    lanes: int = 2
    per_round: int = 20
    hours: tuple[int, ...] = (10, 11)
    packs: int = 2
    tiers_of_pack: int = 2
    chance: Fraction = Fraction(1, 8)
    units: int = 4
    campaign: str = "2026-mashangyouli"
    checkpoint_every: int = 1
    yesterday: int = 0
    strangers: int = 0
    away: int | None = None
    changes_config: bool = False
    loses_key: str | None = None


def random_shape(seed: int) -> Shape:
    """The shape of honest day number seed: no two are alike."""
    dice = random.Random(seed)
    lanes = dice.choice((1, 2, 3, 5, 8))
    first = dice.randrange(8, 20)
    return Shape(
        seed=seed,
        people=dice.choice((0, 1, 17, 90, 240, 600)),
        lanes=lanes,
        per_round=dice.choice((1, 7, 30, 50)),
        hours=tuple(range(first, first + dice.randint(1, 4))),
        packs=dice.randint(1, 3),
        tiers_of_pack=dice.randint(1, 3),
        chance=Fraction(1, dice.choice((3, 5, 12, 100, 5000))),
        units=dice.choice((0, 1, 3, 40)),
        loses_key=dice.choice((None, None, "notary", "auditor")),
        campaign=dice.choice(("2026-mashangyouli", "2025-09-huigou")),
        checkpoint_every=dice.choice((1, 1, 4)),
        yesterday=dice.choice((0, 0, 5)),
        strangers=dice.choice((0, 3)),
        away=dice.choice((None, None, 0)),
        changes_config=dice.choice((False, False, True)),
    )


def big_shape(people: int, seed: int = 1) -> Shape:
    """A whole day of a province: four lanes, rounds of 250, a checkpoint every fourth round."""
    return Shape(
        seed=seed,
        people=people,
        lanes=4,
        per_round=250,
        hours=tuple(range(10, 24)),
        packs=3,
        chance=Fraction(1, 20),
        units=max(1, people // 200),
        checkpoint_every=4,
    )


def config_of(shape: Shape) -> DrawConfig:
    """The config of a day of this shape."""
    numbered = [
        (pack, tier)
        for pack in range(1, shape.packs + 1)
        for tier in range((pack - 1) * shape.tiers_of_pack + 1, pack * shape.tiers_of_pack + 1)
    ]
    basis = a_config()
    origin = f"huiquan/{shape.campaign}"
    releases = [Release(slot, tier, shape.units) for slot in (0, *shape.hours)
                for _, tier in numbered if shape.units]  # fmt: skip
    return a_config(
        campaign=shape.campaign,
        lanes=shape.lanes,
        round_max=max(50, shape.per_round),
        packs={pack: Pack(code=CODES[pack - 1]) for pack in range(1, shape.packs + 1)},
        tiers={tier: Tier(pack=pack, face_fen=1000 * tier, threshold_fen=5000 * tier)
               for pack, tier in numbered},
        log=replace(basis.log, origin=origin),
        days={
            DAY: DayPlan(
                tables=_tables(shape, numbered),
                topups=deal_day(merkle.EMPTY_ROOT, DAY, shape.lanes, releases),
            )
        },
    )  # fmt: skip


def honest_day(shape: Shape) -> tuple[DrawDay, dict[str, bytes]]:
    """Play a day of this shape and export it."""
    day = DrawDay(
        config=config_of(shape),
        people=shape.seed * 100_000_000,
        checkpoint_every=shape.checkpoint_every,
    )
    _play_yesterday(day, shape.yesterday)
    taken = {lane.lane: bytearray() for lane in day.lanes}
    for number, hour in enumerate(shape.hours):
        is_last = number == len(shape.hours) - 1
        if shape.changes_config and number == 1:
            day.change_config(_follower_of(day, hour))
        if shape.loses_key is not None and number == 1:
            at = OPENS.replace(hour=hour) - timedelta(hours=13)
            change_keys(day, shape.loses_key, at, {})
        for entry in day.enter(_share(shape.people, len(shape.hours), number)):
            taken[entry.lane] += rounds.encode_entry(entry)
        _log_strangers(day, shape.strangers)
        _draw_waiting(day, hour, shape.per_round, None if is_last else shape.away)
    if day.frontier.size and (day.leaves or day.notes) and not _is_covered(day):
        day.publish_checkpoint()
    return day, day.files({lane: bytes(raw) for lane, raw in taken.items() if raw})


def write_day(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write an exported day into a folder, as huiquan export-draws does."""
    for path, raw in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)
    return folder


def _tables(
    shape: Shape, numbered: list[tuple[int, int]]
) -> dict[int, tuple[tuple[str, int], ...]]:
    """Each tier of a pack with its part of the pack's chance."""
    part = shape.chance / shape.tiers_of_pack
    return {
        pack: draw_config.table_from([(tier, part) for of, tier in numbered if of == pack])
        for pack in range(1, shape.packs + 1)
    }


def _share(people: int, hours: int, number: int) -> int:
    """How many of all people enter in an hour."""
    return people * (number + 1) // hours - people * number // hours


def _play_yesterday(day: DrawDay, count: int) -> None:
    """Rounds that were drawn before the day: numbers go on, the log is not empty."""
    if not count:
        return
    day.enter(count * len(day.lanes))
    _draw_waiting(day, 0, count, None)
    day.rows, day.kept, day.notes = [], [], []
    day.log_before, day.leaves = day.frontier, []
    for lane in day.lanes:
        lane.account = None


def _log_strangers(day: DrawDay, count: int) -> None:
    """Rounds of another day become final in between."""
    for number in range(count):
        leaf = tagged_hash("link", b"%d of %d" % (number, day.frontier.size))
        day.leaves.append(leaf.hex())
        day.frontier = day.frontier.append(leaf)


def _draw_waiting(day: DrawDay, hour: int, per_round: int, away: int | None) -> None:
    """Every lane seals and draws until nobody waits, lane by lane in turn."""
    open_lanes = [lane for lane in day.lanes if lane.lane != away]
    while any(lane.entries for lane in open_lanes):
        for lane in open_lanes:
            if lane.entries:
                day.draw(lane.lane, hour, per_round)


def _is_covered(day: DrawDay) -> bool:
    """True if the newest checkpoint covers the whole day."""
    return bool(day.notes) and day.notes[-1].split("\n")[1] == str(day.frontier.size)


def _follower_of(day: DrawDay, hour: int) -> DrawConfig:
    """The next config of the same epoch, with the same day, beginning at this hour."""
    begins = OPENS.replace(hour=hour)
    return replace(
        day.config,
        epoch_start=day.cfg_hash.hex(),
        published_at=begins - timedelta(hours=13),
        active_from=begins,
    )
