"""Entries of the draw: one row a person and day, numbered gaplessly in the lane.  参与记录"""

from collections import Counter
from collections.abc import Sequence

from huiquan.db.connection import Row, Tx
from huiquan.domain.consents import ConsentStanding
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

_CONSENTS = {standing.value: standing for standing in ConsentStanding}


_STANDINGS = f"""
    select r.pid as person, r.city as home, r.wins, r.consent_standing,
           r.suspended_at is not null as is_suspended,
           x.person_key is not null as is_excluded,
           found.*
      from unnest($5::bytea[]) p (pid)
      join registrations r
        on r.lane = $1
       and r.campaign_id = $2
       and r.pid = p.pid
      left join exclusions x
        on x.campaign_id = r.campaign_id
       and x.person_key = r.person_key
      left join lateral (
           select {ENTRY_COLUMNS}
             from entries e
            where e.lane = $1
              and e.campaign_id = $2
              and e.pid = p.pid
              and e.day >= least($3, (select u.day
                                        from entries u
                                       where u.lane = $1
                                         and u.campaign_id = $2
                                         and u.idx >= $4
                                       order by u.idx
                                       limit 1))
            order by e.day) found
        on true
"""


async def standings(
    tx: Tx, *, campaign_id: int, lane: int, day: int, final_idx: int, pids: Sequence[bytes]
) -> dict[bytes, Standing]:
    """The standing of each registered person among these; unknown pids are left out.

    One question for a whole batch, with few looks into an index for a person. Of someone's entries
    it gives today's and those that are not drawn yet: entries are numbered in the order of their
    days, so none from before the day of the lane's first undrawn entry is of interest. The order of
    days has each person looked up by the one key that keeps it, whatever a planner believes of a
    table that filled up a moment ago.
    """
    rows = await tx.fetch(
        _STANDINGS,
        lane,
        campaign_id,
        day,
        final_idx,
        pids,
    )
    taken = [row for row in rows if row["idx"] is not None]
    entered = {row["pid"]: entry_row(row) for row in taken if row["day"] == day}
    # A person who was asked about twice is in the rows twice.
    undrawn = Counter(
        pid for pid, idx in {(row["pid"], row["idx"]) for row in taken} if idx >= final_idx
    )
    return {
        pid: Standing(
            city=city,
            is_suspended=is_suspended,
            is_excluded=is_excluded,
            consents=_CONSENTS[consents],
            wins=wins,
            undrawn=undrawn.get(pid, 0),
            entered=entered.get(pid),
        )
        for pid, city, wins, consents, is_suspended, is_excluded in (row[:6] for row in rows)
    }


async def record(
    tx: Tx, *, campaign_id: int, lane: int, first_idx: int, rows: Sequence[EntryRow]
) -> None:
    """Append the entries of one batch to the queue: of one day, config and moment.

    The guard: the queue still ends at first_idx. That everyone is registered in this lane was read
    in the same transaction (`standings`), and registrations are never deleted.
    """
    first = rows[0]
    fixed = b"".join(
        [row.entry.pid + row.entry.client_nonce + row.salt + row.entry.elig for row in rows]
    )
    recorded = await tx.execute(
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
        select moved.lane, $2, $3 + e.no - 1, $5,
               substring($6::bytea from (e.no * 80 - 79)::int for 16),
               get_byte($7::bytea, e.no::int - 1),
               substring($6 from (e.no * 80 - 63)::int for 16),
               substring($6 from (e.no * 80 - 47)::int for 16),
               e.decision,
               substring($6 from (e.no * 80 - 31)::int for 32),
               $8, e.city, e.request_key, $9
          from moved,
               unnest($10::bytea[], $11::text[], $12::text[]) with ordinality
                 e (decision, city, request_key, no)
        """,
        lane,
        campaign_id,
        first_idx,
        len(rows),
        first.entry.day,
        fixed,
        bytes([row.entry.pack for row in rows]),
        first.cfg_hash,
        first.entered_at,
        [row.decision for row in rows],
        [row.city for row in rows],
        [row.request_key for row in rows],
    )
    assert recorded == f"INSERT 0 {len(rows)}", "the queue moved"


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
