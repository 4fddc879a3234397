"""What comes into the dedicated account, beside its transfers.  拨款批次、赔付、还款"""

from dataclasses import dataclass
from datetime import date, datetime

from huiquan.db.connection import Row, Tx
from huiquan.domain.fund import Tranche

_COLUMNS = "tranche_no, planned_fen, due_on, payer, payer_account, bank_ref, received_fen"


@dataclass(frozen=True, kw_only=True)
class TrancheRow:
    """A tranche, and who planned and received it."""

    tranche: Tranche
    planned_by: str
    planned_at: datetime
    received_by: str | None
    received_at: datetime | None


async def hold_fund(tx: Tx, campaign_id: int) -> None:
    """Hold what belongs to the whole campaign until the commit: one after another moves it."""
    await tx.execute(
        "select from books where lane = -1 and campaign_id = $1 for update", campaign_id
    )


async def record(
    tx: Tx,
    campaign_id: int,
    *,
    planned_fen: int,
    due_on: date,
    payer: str,
    payer_account: str,
    by: str,
    at: datetime,
) -> int:
    """Record a planned tranche under the next number; hold the fund first."""
    number: int = await tx.fetchval(
        """
        insert into tranches (campaign_id, tranche_no, planned_fen, due_on, payer, payer_account,
                              planned_by, planned_at)
        select $1, coalesce(max(tranche_no), 0) + 1, $2, $3, $4, $5, $6, $7
          from tranches
         where campaign_id = $1
        returning tranche_no
        """,
        campaign_id,
        planned_fen,
        due_on,
        payer,
        payer_account,
        by,
        at,
    )
    return number


async def find(tx: Tx, campaign_id: int, tranche_no: int) -> Tranche | None:
    """One tranche as it stands, or None."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from tranches where campaign_id = $1 and tranche_no = $2",
        campaign_id,
        tranche_no,
    )
    return _tranche(row) if row else None


async def by_bank_ref(tx: Tx, campaign_id: int, bank_ref: str) -> Tranche | None:
    """The tranche that arrived under this reference, or None."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from tranches where campaign_id = $1 and bank_ref = $2",
        campaign_id,
        bank_ref,
    )
    return _tranche(row) if row else None


async def mark_received(
    tx: Tx, campaign_id: int, tranche_no: int, *, bank_ref: str, fen: int, by: str, at: datetime
) -> None:
    """planned -> received, once."""
    marked = await tx.fetchval(
        """
        update tranches
           set bank_ref = $3,
               received_fen = $4,
               received_by = $5,
               received_at = $6
         where campaign_id = $1
           and tranche_no = $2
           and bank_ref is null
        returning 1
        """,
        campaign_id,
        tranche_no,
        bank_ref,
        fen,
        by,
        at,
    )
    assert marked == 1, "the tranche was received although the fund was held"


async def everything(tx: Tx, campaign_id: int) -> list[TrancheRow]:
    """Every tranche of a campaign, the first planned first."""
    rows = await tx.fetch(
        f"""
        select {_COLUMNS}, planned_by, planned_at, received_by, received_at
          from tranches
         where campaign_id = $1
         order by tranche_no
        """,
        campaign_id,
    )
    return [
        TrancheRow(
            tranche=_tranche(row),
            planned_by=row["planned_by"],
            planned_at=row["planned_at"],
            received_by=row["received_by"],
            received_at=row["received_at"],
        )
        for row in rows
    ]


async def compensation(tx: Tx, campaign_id: int, bank_ref: str) -> tuple[int, str | None] | None:
    """What was compensated under this reference: fen and the redemption; or None."""
    row = await tx.fetchrow(
        """
        select amount_fen, redemption
          from compensations
         where campaign_id = $1
           and bank_ref = $2
        """,
        campaign_id,
        bank_ref,
    )
    return (row["amount_fen"], row["redemption"]) if row else None


async def compensated_fen(tx: Tx, campaign_id: int, redemption: str) -> int:
    """What was made good for one redemption so far."""
    fen: int = await tx.fetchval(
        """
        select coalesce(sum(amount_fen), 0)::bigint
          from compensations
         where campaign_id = $1
           and redemption = $2
        """,
        campaign_id,
        redemption,
    )
    return fen


async def record_compensation(
    tx: Tx,
    campaign_id: int,
    *,
    bank_ref: str,
    fen: int,
    payer: str,
    reason: str,
    redemption: str | None,
    by: str,
    at: datetime,
) -> None:
    """Record what the platform made good."""
    await tx.execute(
        """
        insert into compensations (campaign_id, bank_ref, amount_fen, payer, reason, redemption,
                                   booked_by, booked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        campaign_id,
        bank_ref,
        fen,
        payer,
        reason,
        redemption,
        by,
        at,
    )


async def repayment(tx: Tx, campaign_id: int, bank_ref: str) -> tuple[int, int] | None:
    """Who repaid how much under this reference: merchant and fen; or None."""
    row = await tx.fetchrow(
        """
        select merchant_id, amount_fen
          from repayments
         where campaign_id = $1
           and bank_ref = $2
        """,
        campaign_id,
        bank_ref,
    )
    return (row["merchant_id"], row["amount_fen"]) if row else None


async def record_repayment(
    tx: Tx, campaign_id: int, *, bank_ref: str, merchant_id: int, fen: int, by: str, at: datetime
) -> None:
    """Record what a merchant paid back in cash."""
    await tx.execute(
        """
        insert into repayments (campaign_id, bank_ref, merchant_id, amount_fen, booked_by,
                                booked_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        campaign_id,
        bank_ref,
        merchant_id,
        fen,
        by,
        at,
    )


async def is_ref_used(tx: Tx, campaign_id: int, bank_ref: str) -> bool:
    """Whether a reference of the bank stands for any money that came in."""
    used: bool = await tx.fetchval(
        """
        select exists (select from tranches where campaign_id = $1 and bank_ref = $2)
            or exists (select from compensations where campaign_id = $1 and bank_ref = $2)
            or exists (select from repayments where campaign_id = $1 and bank_ref = $2)
        """,
        campaign_id,
        bank_ref,
    )
    return used


def _tranche(row: Row) -> Tranche:
    return Tranche(
        tranche_no=row["tranche_no"],
        planned_fen=row["planned_fen"],
        due_on=row["due_on"],
        payer=row["payer"],
        payer_account=row["payer_account"],
        bank_ref=row["bank_ref"],
        received_fen=row["received_fen"] or 0,
    )
