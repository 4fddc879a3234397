"""Settlements as they are kept: one a merchant and day, over redemptions it alone holds.  清算"""

from dataclasses import dataclass
from datetime import date, datetime

from huiquan.db import ledger
from huiquan.db.connection import Tx
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.ledger import Account, of_merchant
from huiquan.domain.settlement import Due, MerchantAccount, Settlement


@dataclass(frozen=True, kw_only=True)
class SettlementRow:
    """One settlement as it stands; bank_ref is the bank's, once it has paid."""

    settlement_id: int
    campaign_id: int
    merchant_id: int
    day: date
    amount_fen: int
    bank_ref: str | None


async def merchants_due(tx: Tx, campaign_id: int, last_day: date) -> list[int]:
    """The merchants with redemptions up to a day that are in no settlement yet."""
    rows = await tx.fetch(
        """
        select distinct merchant_id
          from redemptions
         where campaign_id = $1
           and settlement_id is null
           and day <= $2
           and returned_fen < discount_fen
         order by merchant_id
        """,
        campaign_id,
        day_number(last_day),
    )
    return [row["merchant_id"] for row in rows]


async def hold_merchant(tx: Tx, campaign_id: int, merchant_id: int) -> None:
    """Hold a merchant's account until the commit: its settlements and payments follow in turn."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('settling', $1::bigint << 48 | $2::bigint))",
        campaign_id,
        merchant_id,
    )


async def account_of(tx: Tx, campaign_id: int, merchant_id: int, last_day: date) -> MerchantAccount:
    """What settlement must know of a merchant; its redemptions up to a day are held for it.

    A refund that is on its way is waited for; one that comes later finds them settled. They are
    held lane by lane, in order: a cluster holds rows on one shard at a time.
    """
    last = day_number(last_day)
    rows = await tx.fetch(
        """
        select distinct lane
          from redemptions
         where campaign_id = $1
           and merchant_id = $2
           and day <= $3
           and settlement_id is null
         order by lane
        """,
        campaign_id,
        merchant_id,
        last,
    )
    dues = [
        due
        for row in rows
        for due in await _hold_dues(tx, campaign_id, row["lane"], merchant_id, last)
    ]
    return MerchantAccount(
        merchant_id=merchant_id,
        dues=tuple(sorted(dues, key=lambda due: (due.day, due.lane))),
        receivable_fen=await ledger.balance_fen(
            tx, campaign_id, of_merchant(Account.RECEIVABLE, merchant_id)
        ),
    )


async def _hold_dues(
    tx: Tx, campaign_id: int, lane: int, merchant_id: int, last_day: int
) -> list[Due]:
    """Hold a merchant's unsettled redemptions in one lane; a line for each day."""
    rows = await tx.fetch(
        """
        with held as (
            select day, lane, discount_fen, returned_fen
              from redemptions
             where lane = $1
               and campaign_id = $2
               and merchant_id = $3
               and day <= $4
               and settlement_id is null
             order by idx, lock_no
               for update
        )
        select day, lane, count(*) as count, sum(discount_fen)::bigint as redeemed_fen,
               sum(returned_fen)::bigint as returned_fen
          from held
         group by day, lane
         order by day
        """,
        lane,
        campaign_id,
        merchant_id,
        last_day,
    )
    return [Due(**{**dict(row), "day": day_from_number(row["day"])}) for row in rows]


async def is_settled(tx: Tx, campaign_id: int, merchant_id: int, day: date) -> bool:
    """Whether the merchant's settlement of this day stands already."""
    found: bool = await tx.fetchval(
        """
        select exists (select from settlements
                        where campaign_id = $1
                          and merchant_id = $2
                          and day = $3)
        """,
        campaign_id,
        merchant_id,
        day_number(day),
    )
    return found


async def record(tx: Tx, campaign_id: int, settlement: Settlement, at: datetime) -> int:
    """Record a settlement and put its redemptions into it; gives its id.

    The guards: one settlement a merchant and day, and each redemption is taken only while it is
    in none. That as many were taken as were decided on is asserted.
    """
    settlement_id: int = await tx.fetchval(
        """
        insert into settlements (campaign_id, merchant_id, day, payable_fen, recovered_fen,
                                 amount_fen, state, settled_at)
        values ($1, $2, $3, $4, $5, $6, 'settled', $7)
        returning settlement_id
        """,
        campaign_id,
        settlement.merchant_id,
        day_number(settlement.day),
        settlement.payable_fen,
        settlement.recovered_fen,
        settlement.amount_fen,
        at,
    )
    taken = await tx.fetch(
        """
        update redemptions
           set settlement_id = $1
         where campaign_id = $2
           and merchant_id = $3
           and day <= $4
           and settlement_id is null
        returning discount_fen - returned_fen as due_fen
        """,
        settlement_id,
        campaign_id,
        settlement.merchant_id,
        day_number(settlement.last_day),
    )
    decided = (sum(line.count for line in settlement.lines), settlement.payable_fen)
    done = (len(taken), sum(row["due_fen"] for row in taken))
    assert done == decided, "redemptions moved although held"
    return settlement_id


async def hold(tx: Tx, settlement_id: int) -> SettlementRow | None:
    """One settlement, held until the commit, or None."""
    row = await tx.fetchrow(
        """
        select settlement_id, campaign_id, merchant_id, day, amount_fen, bank_ref
          from settlements
         where settlement_id = $1
           for update
        """,
        settlement_id,
    )
    return SettlementRow(**{**dict(row), "day": day_from_number(row["day"])}) if row else None


async def mark_paid(tx: Tx, settlement_id: int, bank_ref: str, at: datetime) -> None:
    """settled -> paid, once."""
    marked = await tx.fetchval(
        """
        update settlements
           set state = 'paid',
               bank_ref = $2,
               paid_at = $3
         where settlement_id = $1
           and state = 'settled'
        returning 1
        """,
        settlement_id,
        bank_ref,
        at,
    )
    assert marked == 1, "the settlement was paid although it was held for this"
