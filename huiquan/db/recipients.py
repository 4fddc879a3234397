"""Whom a message is for: the voucher it is about, and its holder's sealed phone.  收件人"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huiquan.db.connection import Tx


@dataclass(frozen=True, kw_only=True)
class RecipientRow:
    """A voucher's holder and what the message says of the voucher."""

    campaign_id: int
    lane: int
    pid: bytes
    sealed: bytes = field(repr=False)
    pack: int
    rulebook_version: int
    face_fen: int
    threshold_fen: int
    valid_until: datetime
    discount_fen: int | None
    store: str | None


async def of_vouchers(
    tx: Tx, campaign_id: int, lane: int, idxs: Sequence[int]
) -> dict[int, RecipientRow]:
    """The holders of vouchers of one lane, each with the newest redemption if there is one."""
    rows = await tx.fetch(
        """
        select v.idx, v.campaign_id, v.lane, v.pid, g.sealed, v.pack, v.rulebook_version,
               v.face_fen, v.threshold_fen, v.valid_until, r.discount_fen, s.name as store
          from vouchers v
          join registrations g
            on (g.lane, g.campaign_id, g.pid) = (v.lane, v.campaign_id, v.pid)
          left join lateral (
                select discount_fen, store_id
                  from redemptions
                 where (lane, campaign_id, idx) = (v.lane, v.campaign_id, v.idx)
                 order by lock_no desc
                 limit 1) r on true
          left join stores s on s.store_id = r.store_id
         where v.lane = $1
           and v.campaign_id = $2
           and v.idx = any($3)
        """,
        lane,
        campaign_id,
        idxs,
    )
    return {row["idx"]: RecipientRow(**dict(list(row.items())[1:])) for row in rows}
