"""What a case of the bank's statement says of a payment of ours, and its booking.  重付"""

from dataclasses import dataclass
from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.ledger import booked_fen
from huiquan.db.their_lines import THEIR_LINES
from huiquan.domain.bill_mappings import Book
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import HOUSE_LANE, Kind
from huiquan.domain.overpayments import LatePayment


@dataclass(frozen=True, kw_only=True)
class Named:
    """The payment of ours that a line of the bank was: a settlement, by its reference."""

    campaign_id: int
    merchant_id: int
    ref: str


async def named_by(tx: Tx, case_id: int, payment_ref: str) -> Named | None:
    """The settlement that a bank's lone line of money out names, or else a person; or None.

    A line names it by our number or by the bank's own, which the bank may have told only after the
    case was opened. payment_ref is what the person says, "" for nothing; one that is not what the
    line names is none.
    """
    rows = await tx.fetch(
        f"""
        select s.campaign_id, s.merchant_id, s.ref
          from cases c
          join ({THEIR_LINES[Book.BANK]}) l
            on (l.campaign_id, l.source, l.day, l.line_key)
             = (c.campaign_id, c.source, c.theirs_day, c.theirs_key)
          join settlements s
            on s.campaign_id = c.campaign_id
           and s.ref in (l.ref, $2)
         where c.case_id = $1
           and c.book = 'bank'
           and c.line_kind = 'out'
           and c.ours_key is null
        """,
        case_id,
        payment_ref,
    )
    found = [Named(**dict(row)) for row in rows]
    is_clear = len(found) == 1 and payment_ref in ("", found[0].ref)
    return found[0] if is_clear else None


async def hold_payment(tx: Tx, case_id: int, named: Named) -> LatePayment:
    """The payment that a case is about, held until the commit; hold its merchant first."""
    row = await tx.fetchrow(
        """
        select s.merchant_id, s.ref, s.amount_fen, -c.theirs_fen as left_fen,
               s.state = 'bounced' as is_bounced
          from cases c
          join settlements s
            on s.campaign_id = c.campaign_id
           and s.ref = $2
         where c.case_id = $1
           for update of s
        """,
        case_id,
        named.ref,
    )
    booked = await booked_fen(tx, named.campaign_id, HOUSE_LANE, Kind.OVERPAY.value, named.ref)
    return LatePayment(**dict(row), is_booked=booked is not None)


async def keep_beside(tx: Tx, case_id: int, no: int, fen: int, at: datetime) -> None:
    """Put our booking, number no of the house's book, into the case beside the bank's line.

    Its place is decided with that: no later comparison looks for its counterpart.
    """
    await tx.execute(
        """
        update cases
           set ours_key = 'transfer/' || $2::bigint,
               ours_day = $3,
               ours_at = $4,
               ours_fen = $5
         where case_id = $1
           and ours_key is null
        """,
        *(case_id, no, day_number(day_of(at)), at, -fen),
    )
