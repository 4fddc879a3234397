"""Parts of a book, and the refunds that its transfers name.  账本区段

Goods that came back are booked under the name of their refund, in the lane's book or, after
settlement, in the house's: only the name says whose redemption it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from huiquan.db.connection import Tx
from huiquan.domain.refunds import parse_refund_id

Part = tuple[int, int, int, int]
"""Some transfers of a book: campaign, lane, the first number and the one after the last."""

REFUNDS = ("refund", "reinstate", "refund_late")


@dataclass(frozen=True, kw_only=True)
class BookedRefund:
    """One refund as it stands in a book: whose it is, when it was booked, how much in fen."""

    lane: int
    idx: int
    lock_no: int
    refund_no: int
    on_day: int
    fen: int


async def refunds_in(tx: Tx, part: Part, kinds: Sequence[str] = REFUNDS) -> list[BookedRefund]:
    """The refunds of some kinds that a part of a book names."""
    campaign_id, lane, first_no, next_no = part
    rows = await tx.fetch(
        """
        select ref, day, amount_fen
          from transfers
         where lane = $1
           and campaign_id = $2
           and no >= $3
           and no < $4
           and kind = any($5::text[])
        """,
        lane,
        campaign_id,
        first_no,
        next_no,
        list(kinds),
    )
    found = []
    for row in rows:
        name = parse_refund_id(row["ref"])
        assert name is not None, "a refund is booked under its name"
        _, of_lane, idx, lock_no, refund_no = name
        found.append(
            BookedRefund(
                lane=of_lane,
                idx=idx,
                lock_no=lock_no,
                refund_no=refund_no,
                on_day=row["day"],
                fen=row["amount_fen"],
            )
        )
    return found
