"""Settlements as they are kept: one a merchant, rail and day, over their redemptions.  清算"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.db.connection import Tx
from huiquan.db.payees import HELD, NEW_STORE, Payee
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.settlement import LaneAmount, Settlement, Terms


@dataclass(frozen=True, kw_only=True)
class SettlementRow:
    """One settlement as it stands; bank_ref is the bank's, once it has paid."""

    settlement_id: int
    campaign_id: int
    merchant_id: int
    rail: str
    day: date
    ref: str
    amount_fen: int
    state: str
    bank_ref: str | None


async def hold_merchant(tx: Tx, campaign_id: int, merchant_id: int) -> None:
    """Hold a merchant's account until the commit: its settlements and payments follow in turn."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('settling', $1::bigint << 48 | $2::bigint))",
        campaign_id,
        merchant_id,
    )


async def campaigns_of(tx: Tx, merchant_id: int) -> list[int]:
    """The campaigns in which a merchant may be settled, in the order in which they are held."""
    rows = await tx.fetch(
        """
        select distinct campaign_id
          from store_packs
          join stores using (store_id)
         where merchant_id = $1
         order by campaign_id
        """,
        merchant_id,
    )
    return [row["campaign_id"] for row in rows]


async def is_settled(tx: Tx, campaign_id: int, payee: Payee, day: date) -> bool:
    """Whether the merchant's settlement of this day and rail stands already."""
    found: bool = await tx.fetchval(
        """
        select exists (select from settlements
                        where campaign_id = $1
                          and merchant_id = $2
                          and rail = $3
                          and day = $4)
        """,
        campaign_id,
        payee.merchant_id,
        payee.rail,
        day_number(day),
    )
    return found


async def record(
    tx: Tx,
    campaign_id: int,
    settlement: Settlement,
    terms: Terms,
    *,
    rulebook_version: int,
    now: datetime,
) -> int:
    """Record a settlement of the run that began at `now`, with its redemptions; gives its id.

    The guards: one settlement a merchant, rail and day, and each redemption and each bounced
    payment is taken only while it is in none. That as much was taken as was decided on is
    asserted.
    """
    settlement_id: int = await tx.fetchval(
        """
        insert into settlements (campaign_id, merchant_id, rail, day, ref, payable_fen, carried_fen,
                                 recovered_fen, amount_fen, state, settled_at, rulebook_version)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'settled', $10, $11)
        returning settlement_id
        """,
        campaign_id,
        settlement.merchant_id,
        settlement.rail,
        day_number(settlement.day),
        settlement.ref,
        settlement.payable_fen,
        settlement.carried_fen,
        settlement.recovered_fen,
        settlement.amount_fen,
        now,
        rulebook_version,
    )
    await _record_lines(tx, settlement_id, settlement)
    taken = await _take_redemptions(tx, settlement_id, campaign_id, settlement, terms, now)
    again = await _take_bounced(tx, settlement_id, campaign_id, settlement)
    decided = (sum(line.count for line in settlement.lines), settlement.payable_fen)
    assert (taken, again) == (decided, settlement.carried_fen), "it moved although it was held"
    return settlement_id


async def _record_lines(tx: Tx, settlement_id: int, settlement: Settlement) -> None:
    await tx.executemany(
        """
        insert into settlement_lines (settlement_id, lane, redeemed_count, payable_fen, carried_fen,
                                      recovered_fen)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [
            (
                settlement_id,
                line.lane,
                line.count,
                line.payable_fen,
                line.carried_fen,
                line.recovered_fen,
            )
            for line in settlement.lines
        ],
    )


async def _take_redemptions(
    tx: Tx,
    settlement_id: int,
    campaign_id: int,
    settlement: Settlement,
    terms: Terms,
    now: datetime,
) -> tuple[int, int]:
    """Put what is due into the settlement, by the same terms; gives how many and how much."""
    rows = await tx.fetch(
        f"""
        update redemptions d
           set settlement_id = $1
          from stores s
         where s.store_id = d.store_id
           and d.campaign_id = $2
           and d.merchant_id = $3
           and d.rail = $7
           and d.settlement_id is null
           and (({NEW_STORE} and d.day <= $8::integer) or (not {NEW_STORE} and d.day <= $4))
           and not {HELD}
        returning d.discount_fen - d.returned_fen as due_fen
        """,
        settlement_id,
        campaign_id,
        settlement.merchant_id,
        day_number(terms.last_day),
        timedelta(days=terms.new_store_days),
        now,
        settlement.rail,
        day_number(terms.new_store_last_day),
    )
    return len(rows), sum(row["due_fen"] for row in rows)


async def _take_bounced(
    tx: Tx, settlement_id: int, campaign_id: int, settlement: Settlement
) -> int:
    """Carry over what bounced before; gives how much."""
    rows = await tx.fetch(
        """
        update settlements
           set resettled_by = $1
         where campaign_id = $2
           and merchant_id = $3
           and rail = $4
           and state = 'bounced'
           and resettled_by is null
        returning amount_fen
        """,
        settlement_id,
        campaign_id,
        settlement.merchant_id,
        settlement.rail,
    )
    return sum(row["amount_fen"] for row in rows)


async def find(tx: Tx, settlement_id: int) -> SettlementRow | None:
    """One settlement as it stands, or None."""
    return await _one(tx, settlement_id, "")


async def hold(tx: Tx, settlement_id: int) -> SettlementRow | None:
    """One settlement, held until the commit, or None."""
    return await _one(tx, settlement_id, "for update")


async def _one(tx: Tx, settlement_id: int, lock: str) -> SettlementRow | None:
    row = await tx.fetchrow(
        f"""
        select settlement_id, campaign_id, merchant_id, rail, day, ref, amount_fen, state, bank_ref
          from settlements
         where settlement_id = $1
           {lock}
        """,
        settlement_id,
    )
    return SettlementRow(**{**dict(row), "day": day_from_number(row["day"])}) if row else None


async def lane_amounts(tx: Tx, settlement_id: int) -> list[LaneAmount]:
    """What a settlement pays, lane by lane."""
    rows = await tx.fetch(
        """
        select lane, payable_fen + carried_fen - recovered_fen as amount_fen
          from settlement_lines
         where settlement_id = $1
         order by lane
        """,
        settlement_id,
    )
    return [LaneAmount(**dict(row)) for row in rows]


async def mark_paid(tx: Tx, settlement_id: int, bank_ref: str, at: datetime) -> None:
    """in_file -> paid, once."""
    marked = await tx.fetchval(
        """
        update settlements
           set state = 'paid',
               bank_ref = $2,
               paid_at = $3
         where settlement_id = $1
           and state = 'in_file'
        returning 1
        """,
        settlement_id,
        bank_ref,
        at,
    )
    assert marked == 1, "the settlement was paid although it was held for this"


async def mark_bounced(tx: Tx, row: SettlementRow, reason: str, at: datetime) -> None:
    """in_file or paid -> bounced, once; what had been paid keeps the bank's reference."""
    marked = await tx.fetchval(
        """
        update settlements
           set state = 'bounced',
               bounce_reason = $3,
               bounced_at = $4
         where settlement_id = $1
           and state = $2
        returning 1
        """,
        row.settlement_id,
        row.state,
        reason,
        at,
    )
    assert marked == 1, "the settlement moved although it was held for this"
