"""The end of a campaign: what is in its way, who approved it, what went back to whom.  活动关闭"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.domain.fund import Share, Standing
from huiquan.domain.ledger import Account


@dataclass(frozen=True, kw_only=True)
class ClosingRow:
    """One closing of a campaign as it stands."""

    closing_no: int
    state: str
    remainder_fen: int
    receivable_fen: int
    opened_by: int
    opened_at: datetime
    approved_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """What goes, or went, back to the payer of one tranche."""

    tranche_no: int
    payer: str
    payer_account: str
    amount_fen: int
    bank_ref: str | None
    returned_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DebtRow:
    """A merchant that owes the fund; closing does not wait for it."""

    merchant_id: int
    name: str
    receivable_fen: int


async def hold_books(tx: Tx, campaign_id: int) -> None:
    """Hold every book of a campaign until the commit, so that no money moves meanwhile.

    One after the other, as a cluster holds rows; no book is added to a campaign that has begun.
    """
    books = "select lane from books where campaign_id = $1 order by lane"
    for book in await tx.fetch(books, campaign_id):
        await tx.execute(
            "select from books where lane = $1 and campaign_id = $2 for update",
            book["lane"],
            campaign_id,
        )


async def standing(tx: Tx, campaign_id: int) -> Standing:
    """What must be known to close a campaign; all of one instant while the books are held."""
    row = await tx.fetchrow(
        """
        select ends_on,
               (select count(*) from vouchers
                 where campaign_id = $1
                   and state in ('held', 'locked')) as live_count,
               (select count(*) from config_days
                 where campaign_id = $1
                   and released_at is not null
                   and closed_at is null) as open_days
          from campaigns
         where campaign_id = $1
        """,
        campaign_id,
    )
    stands = await tx.fetch(
        """
        select account, sum(amount_fen)::bigint as amount_fen
          from balances
         where campaign_id = $1
         group by account
        """,
        campaign_id,
    )
    totals = dict.fromkeys(Account, 0)
    totals |= {Account(one["account"]): one["amount_fen"] for one in stands}
    return Standing(
        ends_on=row["ends_on"],
        live_count=row["live_count"],
        open_days=row["open_days"],
        totals=totals,
    )


async def newest(tx: Tx, campaign_id: int) -> ClosingRow | None:
    """The newest closing that was not withdrawn, or None."""
    row = await tx.fetchrow(
        """
        select closing_no, state, remainder_fen, receivable_fen, opened_by, opened_at, approved_at,
               closed_at
          from closings
         where campaign_id = $1
           and state <> 'withdrawn'
         order by closing_no desc
         limit 1
        """,
        campaign_id,
    )
    return ClosingRow(**dict(row)) if row else None


async def is_approved(tx: Tx, campaign_id: int) -> bool:
    """Whether a remainder is on its way back: until it is, no other money may come in."""
    found: bool = await tx.fetchval(
        """
        select exists (select from closings
                        where campaign_id = $1
                          and state = 'approved')
        """,
        campaign_id,
    )
    return found


async def record(
    tx: Tx,
    campaign_id: int,
    *,
    remainder_fen: int,
    receivable_fen: int,
    shares: Sequence[Share],
    by: int,
    at: datetime,
) -> int:
    """Open a closing with its shares under the next number; two at once are a key violation."""
    number: int = await tx.fetchval(
        """
        insert into closings (campaign_id, closing_no, state, remainder_fen, receivable_fen,
                              opened_by, opened_at)
        select $1, coalesce(max(closing_no), 0) + 1, 'opened', $2, $3, $4, $5
          from closings
         where campaign_id = $1
        returning closing_no
        """,
        campaign_id,
        remainder_fen,
        receivable_fen,
        by,
        at,
    )
    await tx.execute(
        """
        insert into closing_shares (campaign_id, closing_no, tranche_no, amount_fen)
        select $1, $2, tranche_no, amount_fen
          from unnest($3::smallint[], $4::bigint[]) s (tranche_no, amount_fen)
        """,
        campaign_id,
        number,
        [one.tranche_no for one in shares],
        [one.amount_fen for one in shares],
    )
    return number


async def move(
    tx: Tx, campaign_id: int, closing_no: int, before: str, after: str, at: datetime
) -> None:
    """One step of a closing, once: opened -> approved -> closed, or opened -> withdrawn."""
    moved = await tx.fetchval(
        """
        update closings
           set state = $4,
               approved_at = case when $4 = 'approved' then $5 else approved_at end,
               closed_at = case when $4 = 'closed' then $5 end
         where campaign_id = $1
           and closing_no = $2
           and state = $3
        returning 1
        """,
        campaign_id,
        closing_no,
        before,
        after,
        at,
    )
    assert moved == 1, "the closing moved although the books were held"


async def shares(tx: Tx, campaign_id: int, closing_no: int) -> list[ShareRow]:
    """What goes back to whom, the earliest tranche first."""
    rows = await tx.fetch(
        """
        select s.tranche_no, t.payer, t.payer_account, s.amount_fen, s.bank_ref, s.returned_at
          from closing_shares s
          join tranches t
         using (campaign_id, tranche_no)
         where s.campaign_id = $1
           and s.closing_no = $2
         order by s.tranche_no
        """,
        campaign_id,
        closing_no,
    )
    return [ShareRow(**dict(row)) for row in rows]


async def mark_returned(
    tx: Tx,
    campaign_id: int,
    closing_no: int,
    tranche_no: int,
    *,
    bank_ref: str,
    by: str,
    at: datetime,
) -> None:
    """The bank has paid a share back, once."""
    marked = await tx.fetchval(
        """
        update closing_shares
           set bank_ref = $4,
               returned_by = $5,
               returned_at = $6
         where campaign_id = $1
           and closing_no = $2
           and tranche_no = $3
           and bank_ref is null
        returning 1
        """,
        campaign_id,
        closing_no,
        tranche_no,
        bank_ref,
        by,
        at,
    )
    assert marked == 1, "the share was returned although the books were held"


async def is_return_ref_used(tx: Tx, campaign_id: int, bank_ref: str) -> bool:
    """Whether a share went back under this reference."""
    used: bool = await tx.fetchval(
        """
        select exists (select from closing_shares
                        where campaign_id = $1
                          and bank_ref = $2)
        """,
        campaign_id,
        bank_ref,
    )
    return used


async def debts(tx: Tx, campaign_id: int) -> list[DebtRow]:
    """Every merchant that owes the fund, the greatest debt first."""
    rows = await tx.fetch(
        """
        select m.merchant_id, m.name, b.amount_fen as receivable_fen
          from balances b
          join merchants m
            on m.merchant_id = b.holder::bigint
         where b.campaign_id = $1
           and b.lane = -1
           and b.account = 'receivable'
           and b.amount_fen > 0
         order by b.amount_fen desc, m.merchant_id
        """,
        campaign_id,
    )
    return [DebtRow(**dict(row)) for row in rows]
