"""The days of a draw as everyone may see them: counts, config, checkpoint.  公开日页

What a day's final rounds hold never changes, so it is counted once and forwards: whoever counts
says how far it has come, and gets the rounds that followed. Nothing is counted of entries whose
round is not final, for there is no outcome yet.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from huiquan.app import App
from huiquan.db import configs, public_log
from huiquan.db.connection import Row, Tx
from huiquan.domain.checkpoints import SignedNote, parse_note
from huiquan.domain.draw_config import ConfigSignatures, DrawConfig, decode_config
from huiquan.domain.refusals import Refusal
from huiquan.domain.win_rates import By, GroupCount, RoundCount

LAST_DAY = 99_991_231
ENTRIES_AT_ONCE = 200_000
ROUNDS_OF_A_LANE = 200


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Rounds that followed those counted before, and their entries by group."""

    rounds: Sequence[RoundCount]
    groups: Sequence[GroupCount]


@dataclass(frozen=True, kw_only=True)
class DayLine:
    """A day that has a config. Once it is closed, nothing of it is undrawn: it changes no more."""

    day: int
    is_closed: bool


@dataclass(frozen=True, kw_only=True)
class DayConfig:
    """The config a day is drawn under, with both signatures over its hash."""

    cfg_hash: bytes
    config: DrawConfig
    signatures: ConfigSignatures


@dataclass(frozen=True, kw_only=True)
class LogHead:
    """The log's newest checkpoint, and everything that is signed under it."""

    size: int
    root: bytes
    note: SignedNote
    published_at: datetime


async def days_with_config(app: App, campaign_id: int) -> list[DayLine]:
    """Every day of a campaign that has a config, the oldest first."""
    async with app.db.reading() as tx:
        rows = await configs.days(tx, campaign_id, 0, LAST_DAY)
    return [DayLine(day=row.day, is_closed=row.closed_at is not None) for row in rows]


async def day_line(app: App, campaign_id: int, day: int) -> DayLine | Refusal:
    """One day. Refuses NOT_FOUND for a day without a config."""
    async with app.db.reading() as tx:
        rows = await configs.days(tx, campaign_id, day, day)
    if not rows:
        return Refusal.NOT_FOUND
    return DayLine(day=day, is_closed=rows[0].closed_at is not None)


async def config_of_day(app: App, campaign_id: int, day: int) -> DayConfig:
    """The config of a day that has one."""
    async with app.db.reading() as tx:
        (row,) = await configs.days(tx, campaign_id, day, day)
        stored = await configs.by_hash(tx, campaign_id, row.cfg_hash)
    assert stored is not None, "a day names a recorded config"
    return DayConfig(
        cfg_hash=stored.cfg_hash,
        config=decode_config(stored.body),
        signatures=ConfigSignatures(
            platform=stored.platform_signature, approver=stored.approver_signature
        ),
    )


async def log_head(app: App, campaign_id: int) -> LogHead | None:
    """The log's newest checkpoint, or None before the first."""
    async with app.db.reading() as tx:
        last = await public_log.last_checkpoint(tx, campaign_id)
    if last is None:
        return None
    return LogHead(
        size=last.size,
        root=last.root,
        note=parse_note(last.note),
        published_at=last.published_at,
    )


async def count_next(app: App, campaign_id: int, day: int, next_idx: Mapping[int, int]) -> Counted:
    """The next final rounds of a day after those that end at `next_idx` of each lane.

    At most about 200,000 entries are read at once; nothing comes when all are counted. A list
    (名单摇号) is counted once its wins are vouchers, that is when it is issued.
    """
    async with app.db.reading() as tx:
        found = await tx.fetch(
            """
            select r.lane, r.slot, r.first_idx, r.entry_count, r.kept, r.cut
              from lanes l
              left join unnest($3::smallint[], $4::bigint[]) as seen(lane, next_idx)
                on seen.lane = l.lane
             cross join lateral (select *
                                   from rounds r
                                  where r.lane = l.lane
                                    and r.campaign_id = l.campaign_id
                                    and r.day = $2
                                    and r.first_idx >= coalesce(seen.next_idx, 0)
                                    and r.state = 'final'
                                  order by r.first_idx
                                  limit $5) r
             where l.campaign_id = $1
               and not exists (select
                                 from lists
                                where (campaign_id, day) = ($1, $2)
                                  and issued_at is null)
             order by r.lane, r.first_idx
            """,
            campaign_id,
            day,
            list(next_idx.keys()),
            list(next_idx.values()),
            ROUNDS_OF_A_LANE,
        )
        before = accumulate((row["entry_count"] for row in found), initial=0)
        taken = [
            row for row, entries in zip(found, before, strict=False) if entries < ENTRIES_AT_ONCE
        ]
        groups = await _groups(tx, campaign_id, taken) if taken else []
    return Counted(rounds=[_round(row) for row in taken], groups=groups)


async def _groups(tx: Tx, campaign_id: int, rounds: Sequence[Row]) -> list[GroupCount]:
    """Entries and kept wins of some rounds by lane, hour of the seal, city and last digit.

    The database groups by all four at once, beginning with the lane: so each machine of a cluster
    groups what it holds, and every entry is read once. Grouping sets would be refused there.
    """
    rows = await tx.fetch(
        """
        select e.lane,
               r.slot as hour,
               e.city,
               e.idx % 10 as digit,
               e.pack,
               count(*) as entered,
               count(v.idx) as won
          from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::smallint[])
                   as r(lane, first_idx, next_idx, slot)
          join entries e
            on e.lane = r.lane
           and e.campaign_id = $1
           and e.idx >= r.first_idx
           and e.idx < r.next_idx
          left join vouchers v
            on (v.lane, v.campaign_id, v.idx) = (e.lane, e.campaign_id, e.idx)
         group by e.lane, r.slot, e.city, e.idx % 10, e.pack
        """,
        campaign_id,
        [row["lane"] for row in rounds],
        [row["first_idx"] for row in rounds],
        [row["first_idx"] + row["entry_count"] for row in rounds],
        [row["slot"] for row in rounds],
    )
    entered: Counter[tuple[By, str, int]] = Counter()
    won: Counter[tuple[By, str, int]] = Counter()
    for row in rows:
        for by in By:
            group = (by, str(row[by.value]), row["pack"])
            entered[group] += row["entered"]
            won[group] += row["won"]
    return [
        GroupCount(by=by, key=key, pack=pack, entered=count, won=won[by, key, pack])
        for (by, key, pack), count in entered.items()
    ]


def _round(row: Row) -> RoundCount:
    """A round as the tally takes it."""
    return RoundCount(
        lane=row["lane"],
        next_idx=row["first_idx"] + row["entry_count"],
        kept=tuple(row["kept"]),
        cut=tuple(row["cut"]),
    )
