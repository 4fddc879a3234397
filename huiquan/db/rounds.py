"""Rounds of a lane: sealed, then final; and the public log they stand in.  轮次与公开日志"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.rounds import Final, Seal, decode_seal, encode_final, encode_seal
from huiquan.domain.stock import Account


@dataclass(frozen=True, kw_only=True)
class RoundRow:
    """One round as it stands; the proofs and the final are None until it is drawn."""

    seal: Seal
    raw_seal: bytes
    seal_hash: bytes
    state: str
    sealed_at: datetime
    pi_notary: bytes | None
    pi_auditor: bytes | None
    raw_final: bytes | None
    left_after: tuple[int, ...] | None


COLUMNS = """
    r.seal, r.seal_hash, r.state, r.sealed_at, r.pi_notary, r.pi_auditor, r.final, r.left_after
"""


async def record_seal(tx: Tx, campaign_id: int, seal: Seal, seal_hash: bytes, at: datetime) -> bool:
    """Seal the next round; False when the lane has moved on meanwhile, and nothing was done.

    The guards: the round before is final, the queue still ends where it did, the lane seals for
    this epoch, nobody froze it.
    """
    recorded = await tx.fetchval(
        """
        with moved as (
            update lanes
               set sealed_idx = sealed_idx + $5,
                   next_seq = next_seq + 1,
                   prev_seal_hash = $6
             where lane = $1
               and campaign_id = $2
               and next_seq = $3
               and sealed_idx = $4
               and final_idx = $4
               and epoch = $15
               and frozen_at is null
            returning lane
        )
        insert into rounds (lane, campaign_id, seq, first_idx, entry_count, seal_hash, state,
                            cfg_hash, day, slot, root, left_before, prev_seal_hash, seal,
                            sealed_at)
        select lane, $2, $3, $4, $5, $6, 'sealed', $7, $8, $9, $10, $11, $12, $13, $14
          from moved
        returning 1
        """,
        seal.lane,
        campaign_id,
        seal.seq,
        seal.first_idx,
        seal.count,
        seal_hash,
        seal.cfg_hash,
        seal.day,
        seal.slot,
        seal.root,
        list(seal.left_before),
        seal.prev_seal_hash,
        encode_seal(seal),
        at,
        seal.epoch,
    )
    return bool(recorded == 1)


async def record_final(
    tx: Tx, campaign_id: int, seal: Seal, final: Final, left_after: Sequence[int], at: datetime
) -> bool:
    """Make a sealed round final; False when it was final already, and then nothing was done."""
    moved = await tx.fetchval(
        """
        with drawn as (
            update rounds
               set state = 'final',
                   pi_notary = $4,
                   pi_auditor = $5,
                   seed = $6,
                   kept = $7,
                   cut = $8,
                   left_after = $9,
                   final = $10,
                   final_at = $11
             where lane = $1
               and campaign_id = $2
               and seq = $3
               and state = 'sealed'
               and seal_hash = $12
            returning lane, first_idx + entry_count as next_idx
        )
        update lanes
           set final_idx = drawn.next_idx
          from drawn
         where lanes.lane = drawn.lane
           and lanes.campaign_id = $2
        returning 1
        """,
        seal.lane,
        campaign_id,
        seal.seq,
        final.pi_notary,
        final.pi_auditor,
        final.seed,
        list(final.kept),
        list(final.cut),
        list(left_after),
        encode_final(final),
        at,
        final.seal_hash,
    )
    return bool(moved == 1)


async def open_round(tx: Tx, campaign_id: int, lane: int) -> RoundRow | None:
    """The lane's round that still waits for its signatures, or None."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from rounds r
         where r.lane = $1
           and r.campaign_id = $2
           and r.state = 'sealed'
        """,
        lane,
        campaign_id,
    )
    return round_row(row) if row else None


async def last_round(tx: Tx, campaign_id: int, lane: int) -> RoundRow | None:
    """The lane's newest round, or None before its first."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from rounds r
         where r.lane = $1
           and r.campaign_id = $2
         order by r.seq desc
         limit 1
        """,
        lane,
        campaign_id,
    )
    return round_row(row) if row else None


async def of_seq(tx: Tx, campaign_id: int, lane: int, seq: int) -> RoundRow | None:
    """The lane's round of this number, or None."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from rounds r
         where r.lane = $1
           and r.campaign_id = $2
           and r.seq = $3
        """,
        lane,
        campaign_id,
        seq,
    )
    return round_row(row) if row else None


async def seal_hashes(
    tx: Tx, campaign_id: int, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """The seal hashes of those of these rounds (lane, seq) that exist."""
    rows = await tx.fetch(
        """
        select r.lane, r.seq, r.seal_hash
          from unnest($2::smallint[], $3::bigint[]) as named (lane, seq)
          join rounds r
            on (r.lane, r.campaign_id, r.seq) = (named.lane, $1, named.seq)
        """,
        campaign_id,
        [lane for lane, _ in places],
        [seq for _, seq in places],
    )
    return {(row["lane"], row["seq"]): row["seal_hash"] for row in rows}


async def last_account(tx: Tx, campaign_id: int, lane: int) -> Account | None:
    """What the lane had left after its newest final round, or None before its first."""
    row = await tx.fetchrow(
        """
        select day, slot, left_after
          from rounds
         where lane = $1
           and campaign_id = $2
           and state = 'final'
         order by seq desc
         limit 1
        """,
        lane,
        campaign_id,
    )
    if row is None:
        return None
    return Account(day=row["day"], slot=row["slot"], left_after=tuple(row["left_after"]))


async def containing(tx: Tx, campaign_id: int, lane: int, idx: int) -> RoundRow | None:
    """The round that holds this entry, or None while it is not sealed."""
    row = await tx.fetchrow(
        f"""
        select {COLUMNS}
          from rounds r
         where r.lane = $1
           and r.campaign_id = $2
           and r.first_idx <= $3
         order by r.first_idx desc
         limit 1
        """,
        lane,
        campaign_id,
        idx,
    )
    found = round_row(row) if row else None
    if found is None or idx >= found.seal.first_idx + found.seal.count:
        return None
    return found


async def of_day(tx: Tx, campaign_id: int, day: int) -> list[RoundRow]:
    """Every round of a day, in (lane, seq) order."""
    rows = await tx.fetch(
        f"""
        select {COLUMNS}
          from rounds r
         where r.campaign_id = $1
           and r.day = $2
         order by r.lane, r.seq
        """,
        campaign_id,
        day,
    )
    return [round_row(row) for row in rows]


async def state_before(
    tx: Tx, campaign_id: int, lane: int, seq: int
) -> tuple[Account, bytes] | None:
    """What the round before this one left in the lane, and its final; None before the first."""
    row = await tx.fetchrow(
        """
        select day, slot, left_after, final
          from rounds
         where lane = $1
           and campaign_id = $2
           and seq = $3 - 1
           and state = 'final'
        """,
        lane,
        campaign_id,
        seq,
    )
    if row is None:
        return None
    account = Account(day=row["day"], slot=row["slot"], left_after=tuple(row["left_after"]))
    return account, row["final"]


async def lanes_waiting(tx: Tx, campaign_id: int) -> list[int]:
    """The lanes in which someone waits for a round or a round waits to be drawn.

    A list waits for its ceremony, not for the loop.
    """
    rows = await tx.fetch(
        """
        select l.lane
          from lanes l
          join campaigns c
         using (campaign_id)
         where l.campaign_id = $1
           and c.mode = 'instant'
           and l.frozen_at is null
           and l.final_idx < l.next_idx
         order by l.lane
        """,
        campaign_id,
    )
    return [row["lane"] for row in rows]


def round_row(row: Row) -> RoundRow:
    """Translate a database row."""
    return RoundRow(
        seal=decode_seal(row["seal"]),
        raw_seal=row["seal"],
        seal_hash=row["seal_hash"],
        state=row["state"],
        sealed_at=row["sealed_at"],
        pi_notary=row["pi_notary"],
        pi_auditor=row["pi_auditor"],
        raw_final=row["final"],
        left_after=tuple(row["left_after"]) if row["left_after"] is not None else None,
    )
