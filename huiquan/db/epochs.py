"""A change of keys: its draft, its beginning, the seals that were never drawn.  换钥"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.epochs import (
    DeclaredEpoch,
    EpochSignatures,
    decode_declaration,
    first_link,
    voided_in,
)

LOG_LANE = -1
"""Under this lane the declaration stands in log_leaves: it belongs to none."""


@dataclass(frozen=True, kw_only=True)
class EpochRow:
    """A declaration as it stands: a draft, or begun once all three signatures are there."""

    epoch: int
    role: str
    body: bytes
    declaration_hash: bytes
    platform_signature: bytes
    survivor_signature: bytes | None
    successor_signature: bytes | None
    leaf: int | None
    drafted_at: datetime
    begun_at: datetime | None

    @property
    def declared(self) -> DeclaredEpoch | None:
        """The declaration with its signatures, or None while it is a draft."""
        if self.survivor_signature is None or self.successor_signature is None:
            return None
        return DeclaredEpoch(
            declaration=decode_declaration(self.body),
            raw=self.body,
            signatures=EpochSignatures(
                platform=self.platform_signature,
                survivor=self.survivor_signature,
                successor=self.successor_signature,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class PastRow:
    """One drawn round of the epoch before, and the seal of the lane's round before it."""

    seq: int
    first_idx: int
    entry_count: int
    seal: bytes
    final: bytes
    before: bytes | None


async def of_campaign(tx: Tx, campaign_id: int) -> EpochRow | None:
    """The campaign's declaration, a draft or begun; None while no key was lost."""
    row = await tx.fetchrow(
        """
        select epoch, role, body, declaration_hash, platform_signature, survivor_signature,
               successor_signature, leaf, drafted_at, begun_at
          from epochs
         where campaign_id = $1
        """,
        campaign_id,
    )
    return EpochRow(**dict(row)) if row else None


async def draft(
    tx: Tx, campaign_id: int, declared: DeclaredEpoch, *, at: datetime, by: str
) -> None:
    """Keep a declaration that waits for its signatures; a second one is a unique violation."""
    said = declared.declaration
    await tx.execute(
        """
        insert into epochs (campaign_id, epoch, role, body, declaration_hash, platform_signature,
                            drafted_at, drafted_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        campaign_id,
        said.epoch,
        said.role,
        declared.raw,
        declared.hash,
        declared.signatures.platform,
        at,
        by,
    )


async def withdraw(tx: Tx, campaign_id: int) -> bool:
    """Drop a draft; False when there is none, and what has begun stays."""
    row = await tx.fetchval(
        "delete from epochs where campaign_id = $1 and begun_at is null returning campaign_id",
        campaign_id,
    )
    return row is not None


async def begin(tx: Tx, campaign_id: int, declared: DeclaredEpoch, leaf: int, at: datetime) -> bool:
    """The draft is declared and the campaign is in its new epoch; False when it was already."""
    row = await tx.fetchval(
        """
        update epochs
           set survivor_signature = $3,
               successor_signature = $4,
               leaf = $5,
               begun_at = $6
         where campaign_id = $1
           and declaration_hash = $2
           and begun_at is null
        returning campaign_id
        """,
        campaign_id,
        declared.hash,
        declared.signatures.survivor,
        declared.signatures.successor,
        leaf,
        at,
    )
    await tx.execute(
        "update campaigns set epoch = $2 where campaign_id = $1",
        campaign_id,
        declared.declaration.epoch,
    )
    return row is not None


async def open_seals(tx: Tx, campaign_id: int) -> dict[int, tuple[int, bytes]]:
    """Number and seal hash of each lane's round that is sealed and not drawn."""
    rows = await tx.fetch(
        """
        select lane, seq, seal_hash
          from rounds
         where campaign_id = $1
           and state = 'sealed'
         order by lane
        """,
        campaign_id,
    )
    return {row["lane"]: (row["seq"], row["seal_hash"]) for row in rows}


async def begin_lane(
    tx: Tx, campaign_id: int, lane: int, declared: DeclaredEpoch, at: datetime
) -> bool:
    """While a draft waits, set the lane's undrawn round aside for good and let the lane go on
    behind its last drawn round, under the declaration's link. Holds the lane.

    False if a seal or a final is there that the declaration does not know; then the transaction
    must not be committed. On a cluster nothing more of this lane can be asked before it ends.
    """
    said = declared.declaration
    start = said.lanes[lane]
    begun: bool = await tx.fetchval(
        "select begin_lane($1::smallint, $2::smallint, $3, $4, $5, $6, $7)",
        lane,
        campaign_id,
        start.next_idx,
        voided_in(said, lane),
        start.next_seq,
        first_link(said, declared.hash, lane),
        at,
    )
    return begun


async def past_rounds(
    tx: Tx, campaign_id: int, lane: int, first_day: int, until_seq: int
) -> list[PastRow]:
    """The lane's rounds below a number, from the first round of a day on.

    The day is first_day, or that of the last of these rounds if it is earlier. Only the first row
    names the seal before it.
    """
    rows = await tx.fetch(
        """
        with reached as (
            select least($3, max(day) filter (where seq = $4 - 1)) as day
              from rounds
             where lane = $1
               and campaign_id = $2
               and seq < $4
        )
        select r.seq, r.first_idx, r.entry_count, r.seal, r.final,
               case when row_number() over (order by r.seq) = 1 then b.seal end as before
          from reached
          join rounds r
            on r.lane = $1
           and r.campaign_id = $2
           and r.seq < $4
           and r.day >= reached.day
          left join rounds b
            on (b.lane, b.campaign_id, b.seq) = (r.lane, r.campaign_id, r.seq - 1)
         order by r.seq
        """,
        lane,
        campaign_id,
        first_day,
        until_seq,
    )
    return [PastRow(**dict(row)) for row in rows]
