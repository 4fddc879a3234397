"""Outcomes for many at once: what each of these people needs, in one question for all.  批量查询

The joins are lateral with a limit, one look into an index for each key, whatever the planner
believes about the size of a table that was empty this morning. They start from the lanes, so that
each machine of a cluster looks for its own; what is asked joins them from the left, for only so
does Citus take a limit to where the lanes are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huiquan.app import App
from huiquan.db import configs
from huiquan.db.connection import Row
from huiquan.domain import draw_config
from huiquan.domain.campaigns import Campaign
from huiquan.domain.lottery import Tables
from huiquan.domain.rounds import Final, decode_final
from huiquan.views.outcomes import Entered, Won

Person = tuple[int, bytes, int]
"""Lane, pid and day."""

Place = tuple[int, int]
"""Lane and idx."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FinalRound:
    """A final round: its entries are first_idx to next_idx, the last not included."""

    seq: int
    first_idx: int
    next_idx: int
    day: int
    cfg_hash: bytes
    final: Final


async def entries_of(app: App, campaign_id: int, asked: Sequence[Person]) -> dict[Person, Entered]:
    """The entries of these people; who did not enter that day is left out.

    A person's first entry from that day on is looked for, because only one index keeps that order:
    a planner that knows nothing of a young table has no other to choose. Whether it is of that day
    is seen here: a cluster would not pass such a question on to its shards.
    """
    async with app.db.asking() as tx:
        rows = await tx.fetch(
            """
            select a.lane, a.pid, a.day, e.idx, e.pack, e.entered_at, e.day as found
              from lanes l
              left join unnest($2::smallint[], $3::bytea[], $4::int[]) a (lane, pid, day)
                on a.lane = l.lane
             cross join lateral (
                   select idx, day, pack, entered_at
                     from entries e
                    where (e.lane, e.campaign_id) = (l.lane, l.campaign_id)
                      and e.pid = a.pid
                      and e.day >= a.day
                    order by e.day
                    limit 1) e
             where l.campaign_id = $1
               and l.lane = any($2)
            """,
            campaign_id,
            [lane for lane, _, _ in asked],
            [pid for _, pid, _ in asked],
            [day for _, _, day in asked],
        )
    found = [Entered(*row[:-1]) for row in rows if row["found"] == row["day"]]
    return {(one.lane, one.pid, one.day): one for one in found}


async def finals_after(
    app: App, campaign_id: int, known: Mapping[int, int], most: int
) -> dict[int, list[FinalRound]]:
    """For each lane the final rounds after the one that is known, in order: the newest `most`."""
    async with app.db.asking() as tx:
        rows = await tx.fetch(
            """
            select a.lane, r.seq, r.first_idx, r.entry_count, r.day, r.cfg_hash, r.final
              from lanes l
              left join unnest($2::smallint[], $3::bigint[]) a (lane, seq)
                on a.lane = l.lane
             cross join lateral (
                   select seq, first_idx, entry_count, day, cfg_hash, final
                     from rounds r
                    where (r.lane, r.campaign_id) = (l.lane, l.campaign_id)
                      and r.seq > a.seq
                      and r.state = 'final'
                    order by r.seq desc
                    limit $4) r
             where l.campaign_id = $1
               and l.lane = any($2)
             order by a.lane, r.seq
            """,
            campaign_id,
            list(known),
            list(known.values()),
            most,
        )
    found: dict[int, list[FinalRound]] = {lane: [] for lane in known}
    for row in rows:
        found[row["lane"]].append(_final_round(row))
    return found


async def rounds_holding(
    app: App, campaign_id: int, places: Sequence[Place]
) -> dict[Place, FinalRound]:
    """The final rounds that hold these entries; an entry that is not drawn yet is left out."""
    async with app.db.asking() as tx:
        rows = await tx.fetch(
            """
            select a.lane, a.idx, r.seq, r.first_idx, r.entry_count, r.day, r.cfg_hash, r.final
              from lanes l
              left join unnest($2::smallint[], $3::bigint[]) a (lane, idx)
                on a.lane = l.lane
             cross join lateral (
                   select seq, first_idx, entry_count, day, cfg_hash, final
                     from rounds r
                    where (r.lane, r.campaign_id) = (l.lane, l.campaign_id)
                      and r.first_idx <= a.idx
                    order by r.first_idx desc
                    limit 1) r
             where l.campaign_id = $1
               and l.lane = any($2)
               and r.final is not null
            """,
            campaign_id,
            [lane for lane, _ in places],
            [idx for _, idx in places],
        )
    found = {(row["lane"], row["idx"]): _final_round(row) for row in rows}
    return {place: one for place, one in found.items() if place[1] < one.next_idx}


async def vouchers_won(app: App, campaign_id: int, places: Sequence[Place]) -> dict[Place, Won]:
    """The vouchers that these entries won, looked for in an order as in `entries_of`."""
    async with app.db.asking() as tx:
        rows = await tx.fetch(
            """
            select v.lane, v.idx, v.serial, v.tier, v.face_fen, v.threshold_fen, v.valid_until,
                   a.idx as asked
              from lanes l
              left join unnest($2::smallint[], $3::bigint[]) a (lane, idx)
                on a.lane = l.lane
             cross join lateral (
                   select *
                     from vouchers v
                    where (v.lane, v.campaign_id) = (l.lane, l.campaign_id)
                      and v.idx >= a.idx
                    order by v.idx
                    limit 1) v
             where l.campaign_id = $1
               and l.lane = any($2)
            """,
            campaign_id,
            [lane for lane, _ in places],
            [idx for _, idx in places],
        )
    return {
        (row["lane"], row["idx"]): Won(
            serial=row["serial"],
            tier=row["tier"],
            face_fen=row["face_fen"],
            threshold_fen=row["threshold_fen"],
            valid_until=row["valid_until"],
        )
        for row in rows
        if row["idx"] == row["asked"]
    }


async def tables_under(app: App, campaign: Campaign, cfg_hash: bytes, day: int) -> Tables:
    """The tables of a day under a config: from memory, or read when it is long ago."""
    known = campaign.days.get(day)
    if known is not None and known.cfg_hash == cfg_hash:
        return draw_config.tables_of(known.plan)
    async with app.db.reading() as tx:
        stored = await configs.by_hash(tx, campaign.campaign_id, cfg_hash)
    assert stored is not None, "a round names a recorded config"
    return draw_config.tables_of(draw_config.decode_config(stored.body).days[day])


def _final_round(row: Row) -> FinalRound:
    return FinalRound(
        seq=row["seq"],
        first_idx=row["first_idx"],
        next_idx=row["first_idx"] + row["entry_count"],
        day=row["day"],
        cfg_hash=row["cfg_hash"],
        final=decode_final(row["final"]),
    )
