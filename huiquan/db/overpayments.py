"""What a case of the bank's statement says of a payment of ours, and its booking.  重付"""

from datetime import datetime

from huiquan.db.connection import Tx
from huiquan.db.ledger import booked_fen
from huiquan.domain.days import day_number, day_of
from huiquan.domain.ledger import HOUSE_LANE, Kind
from huiquan.domain.overpayments import LatePayment


async def merchant_of(tx: Tx, case_id: int) -> tuple[int, int] | None:
    """Campaign and merchant whose settlement a bank's lone line of money out names, or None."""
    row = await tx.fetchrow(
        """
        select s.campaign_id, s.merchant_id
          from cases c
          join settlements s
         using (campaign_id, ref)
         where c.case_id = $1
           and c.book = 'bank'
           and c.line_kind = 'out'
           and c.ours_key is null
        """,
        case_id,
    )
    return (row["campaign_id"], row["merchant_id"]) if row else None


async def hold_payment(tx: Tx, case_id: int) -> LatePayment:
    """The payment that a case is about, held until the commit; hold its merchant first."""
    row = await tx.fetchrow(
        """
        select s.campaign_id, s.merchant_id, s.ref, s.amount_fen, -c.theirs_fen as left_fen,
               s.state = 'bounced' as is_bounced
          from cases c
          join settlements s
         using (campaign_id, ref)
         where c.case_id = $1
           for update of s
        """,
        case_id,
    )
    booked = await booked_fen(tx, row["campaign_id"], HOUSE_LANE, Kind.OVERPAY.value, row["ref"])
    return LatePayment(
        merchant_id=row["merchant_id"],
        ref=row["ref"],
        amount_fen=row["amount_fen"],
        left_fen=row["left_fen"],
        is_bounced=row["is_bounced"],
        is_booked=booked is not None,
    )


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
