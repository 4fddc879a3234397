"""Links of the ledger's chain as they are kept, and the booked transfers they cover.  台账链"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.book_heads import BookHead
from huiquan.domain.ledger import Account, AccountRef, Kind, Transfer
from huiquan.domain.ledger_chain import BookedTransfer, Link


@dataclass(frozen=True, kw_only=True)
class Book:
    """One book: the lane it belongs to, and how many transfers stand in it."""

    lane: int
    next_no: int


async def books(tx: Tx, campaign_id: int) -> list[Book]:
    """Every book of a campaign, the house's own first."""
    rows = await tx.fetch(
        "select lane, next_no from books where campaign_id = $1 order by lane", campaign_id
    )
    return [Book(**dict(row)) for row in rows]


async def transfers_between(
    tx: Tx, campaign_id: int, lane: int, first_no: int, next_no: int
) -> list[BookedTransfer]:
    """The transfers first_no … next_no - 1 of a book, in order, as they stand."""
    rows = await tx.fetch(
        """
        select lane, campaign_id, no, kind, debit, debit_lane, debit_holder, credit, credit_lane,
               credit_holder, amount_fen, ref, idx, day, booked_at
          from transfers
         where lane = $1
           and campaign_id = $2
           and no >= $3
           and no < $4
         order by no
        """,
        lane,
        campaign_id,
        first_no,
        next_no,
    )
    return [booked_of(row) for row in rows]


def booked_of(row: Row) -> BookedTransfer:
    """A booked transfer from a row that holds all columns of `transfers`."""
    return BookedTransfer(
        campaign_id=row["campaign_id"],
        lane=row["lane"],
        no=row["no"],
        transfer=Transfer(
            kind=Kind(row["kind"]),
            debit=_account(row, "debit"),
            credit=_account(row, "credit"),
            amount_fen=row["amount_fen"],
            ref=row["ref"],
            idx=row["idx"],
        ),
        day=row["day"],
        booked_at=row["booked_at"],
    )


def _account(row: Row, side: str) -> AccountRef:
    return AccountRef(
        account=Account(row[side]), lane=row[f"{side}_lane"], holder=row[f"{side}_holder"]
    )


async def last_link(tx: Tx, campaign_id: int, lane: int) -> Link | None:
    """The newest link of a book, or None before its first."""
    row = await tx.fetchrow(
        """
        select link_no, first_no, next_no, prev_hash, link_hash
          from links
         where lane = $1
           and campaign_id = $2
         order by link_no desc
         limit 1
        """,
        lane,
        campaign_id,
    )
    return Link(**dict(row)) if row else None


async def heads_before(tx: Tx, campaign_id: int, at: datetime) -> list[BookHead]:
    """The newest link of each book that was closed before an instant; its hash covers the rest.

    Once the instant is past the answer stays the same for good.
    """
    rows = await tx.fetch(
        """
        select distinct on (lane) lane, next_no, link_hash
          from links
         where campaign_id = $1
           and closed_at < $2
         order by lane, link_no desc
        """,
        campaign_id,
        at,
    )
    return [
        BookHead(lane=row["lane"], next_no=row["next_no"], link_hash=row["link_hash"].hex())
        for row in rows
    ]


async def links_from(tx: Tx, campaign_id: int, lane: int, first: int, most: int) -> list[Link]:
    """Up to `most` links of a book, from number `first` on, in order."""
    rows = await tx.fetch(
        """
        select link_no, first_no, next_no, prev_hash, link_hash
          from links
         where lane = $1
           and campaign_id = $2
           and link_no >= $3
         order by link_no
         limit $4
        """,
        lane,
        campaign_id,
        first,
        most,
    )
    return [Link(**dict(row)) for row in rows]


async def record(tx: Tx, campaign_id: int, lane: int, link: Link, at: datetime) -> bool:
    """Append a link; False when another one was closed over the same stretch first (the guard)."""
    recorded: int | None = await tx.fetchval(
        """
        with moved as (
            update books
               set linked_no = $5,
                   link_hash = $7
             where lane = $1
               and campaign_id = $2
               and linked_no = $4
               and link_hash = $6
            returning lane
        )
        insert into links (lane, campaign_id, link_no, first_no, next_no, prev_hash, link_hash,
                           closed_at)
        select lane, $2, $3, $4, $5, $6, $7, $8
          from moved
        returning 1
        """,
        lane,
        campaign_id,
        link.link_no,
        link.first_no,
        link.next_no,
        link.prev_hash,
        link.link_hash,
        at,
    )
    return recorded == 1
