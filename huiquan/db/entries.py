"""Entries of the draw: one row a person and day, numbered gaplessly in the lane.  参与记录"""

from collections.abc import Sequence

import msgspec

from huiquan.db.connection import Row, Tx
from huiquan.domain.consents import Consent
from huiquan.domain.entering import EntryRow, Standing
from huiquan.domain.rounds import Entry

ENTRY_COLUMNS = """
    e.lane, e.idx, e.day, e.pack, e.pid, e.client_nonce, e.salt, e.decision, e.elig,
    e.cfg_hash, e.city, e.request_key, e.entered_at
"""

# The 80 bytes of an entry, as `encode_entry` writes them.
RAW_ENTRY = """
    '\\x01'::bytea || int2send(e.lane) || int4send(e.day) || int8send(e.idx)
        || substring(int2send(e.pack) from 2) || e.pid || e.client_nonce || e.elig
"""


async def standings(
    tx: Tx, *, campaign_id: int, lane: int, day: int, final_idx: int, pids: Sequence[bytes]
) -> dict[bytes, Standing]:
    """The standing of each registered person among these; unknown pids are left out."""
    rows = await tx.fetch(
        f"""
        select r.pid as person,
               r.city as registered_city,
               r.suspended_at is not null as is_suspended,
               r.wins,
               exists (select from exclusions x
                        where x.campaign_id = r.campaign_id
                          and x.person_key = r.person_key) as is_excluded,
               (select jsonb_agg(to_jsonb(c)) from (
                    select distinct on (kind) kind, version, granted_at, revoked_at
                      from consents
                     where (lane, campaign_id, pid) = (r.lane, r.campaign_id, r.pid)
                     order by kind, granted_at desc) c) as consents,
               (select count(*) from entries u
                 where (u.lane, u.campaign_id, u.pid) = (r.lane, r.campaign_id, r.pid)
                   and u.idx >= $4) as undrawn,
               {ENTRY_COLUMNS}
          from registrations r
          left join entries e
            on (e.lane, e.campaign_id, e.pid) = (r.lane, r.campaign_id, r.pid)
           and e.day = $3
         where r.lane = $1
           and r.campaign_id = $2
           and r.pid = any($5)
        """,
        lane,
        campaign_id,
        day,
        final_idx,
        list(pids),
    )
    return {row["person"]: _standing(row) for row in rows}


async def record(
    tx: Tx, *, campaign_id: int, lane: int, first_idx: int, rows: Sequence[EntryRow]
) -> None:
    """Append entries to the queue; the guard is that the queue still ends at first_idx."""
    moved = await tx.fetchval(
        """
        with moved as (
            update lanes
               set next_idx = next_idx + $4
             where lane = $1
               and campaign_id = $2
               and next_idx = $3
            returning lane
        )
        insert into entries (lane, campaign_id, idx, day, pid, pack, client_nonce, salt, decision,
                             elig, cfg_hash, city, request_key, entered_at)
        select moved.lane, $2, e.*
          from moved,
               unnest($5::bigint[], $6::int[], $7::bytea[], $8::smallint[], $9::bytea[],
                      $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[], $14::text[],
                      $15::text[], $16::timestamptz[]) e
        returning 1
        """,
        lane,
        campaign_id,
        first_idx,
        len(rows),
        [row.entry.idx for row in rows],
        [row.entry.day for row in rows],
        [row.entry.pid for row in rows],
        [row.entry.pack for row in rows],
        [row.entry.client_nonce for row in rows],
        [row.salt for row in rows],
        [row.decision for row in rows],
        [row.entry.elig for row in rows],
        [row.cfg_hash for row in rows],
        [row.city for row in rows],
        [row.request_key for row in rows],
        [row.entered_at for row in rows],
    )
    assert moved == 1, "the lane's queue moved although it was held"


async def between(
    tx: Tx, campaign_id: int, lane: int, first_idx: int, count: int
) -> list[EntryRow]:
    """The entries first_idx … first_idx + count - 1, in order, as they stand."""
    rows = await tx.fetch(
        f"""
        select {ENTRY_COLUMNS}
          from entries e
         where e.lane = $1
           and e.campaign_id = $2
           and e.idx >= $3
           and e.idx < $3 + $4
         order by e.idx
        """,
        lane,
        campaign_id,
        first_idx,
        count,
    )
    return [entry_row(row) for row in rows]


async def run_between(tx: Tx, campaign_id: int, lane: int, first_idx: int, count: int) -> bytes:
    """The bytes of the entries first_idx … first_idx + count - 1, one after another, in order."""
    run: bytes | None = await tx.fetchval(
        f"""
        select string_agg(raw, ''::bytea)
          from (select {RAW_ENTRY} as raw
                  from entries e
                 where e.lane = $1
                   and e.campaign_id = $2
                   and e.idx >= $3
                   and e.idx < $3 + $4
                 order by e.idx) ordered
        """,
        lane,
        campaign_id,
        first_idx,
        count,
    )
    return run or b""


async def at_places(
    tx: Tx, campaign_id: int, lane: int, idxs: Sequence[int]
) -> dict[int, EntryRow]:
    """The entries with these numbers."""
    rows = await tx.fetch(
        f"""
        select {ENTRY_COLUMNS}
          from entries e
         where e.lane = $1
           and e.campaign_id = $2
           and e.idx = any($3)
        """,
        lane,
        campaign_id,
        list(idxs),
    )
    return {row["idx"]: entry_row(row) for row in rows}


async def of_person(tx: Tx, campaign_id: int, lane: int, pid: bytes, day: int) -> EntryRow | None:
    """One person's entry of one day, or None."""
    row = await tx.fetchrow(
        f"""
        select {ENTRY_COLUMNS}
          from entries e
         where e.lane = $1
           and e.campaign_id = $2
           and e.pid = $3
           and e.day = $4
        """,
        lane,
        campaign_id,
        pid,
        day,
    )
    return entry_row(row) if row else None


async def all_of_person(
    tx: Tx, campaign_id: int, lane: int, pid: bytes, most: int
) -> list[EntryRow]:
    """A person's entries, the newest day first."""
    rows = await tx.fetch(
        f"""
        select {ENTRY_COLUMNS}
          from entries e
         where e.lane = $1
           and e.campaign_id = $2
           and e.pid = $3
         order by e.day desc
         limit $4
        """,
        lane,
        campaign_id,
        pid,
        most,
    )
    return [entry_row(row) for row in rows]


def entry_row(row: Row) -> EntryRow:
    """Translate a database row."""
    return EntryRow(
        entry=Entry(
            lane=row["lane"],
            day=row["day"],
            idx=row["idx"],
            pack=row["pack"],
            pid=row["pid"],
            client_nonce=row["client_nonce"],
            elig=row["elig"],
        ),
        salt=row["salt"],
        decision=row["decision"],
        cfg_hash=row["cfg_hash"],
        city=row["city"],
        request_key=row["request_key"],
        entered_at=row["entered_at"],
    )


def _standing(row: Row) -> Standing:
    return Standing(
        pid=row["person"],
        city=row["registered_city"],
        is_suspended=row["is_suspended"],
        is_excluded=row["is_excluded"],
        consents=msgspec.convert(row["consents"] or [], tuple[Consent, ...]),
        wins=row["wins"],
        undrawn=row["undrawn"],
        entered=entry_row(row) if row["idx"] is not None else None,
    )
