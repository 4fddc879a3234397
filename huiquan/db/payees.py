"""What settlement must know of a merchant: what is due, held back, bounced, and owed.  应付明细"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huiquan.db import ledger
from huiquan.db.connection import Tx
from huiquan.domain.days import day_from_number, day_number
from huiquan.domain.ledger import Account, of_merchant
from huiquan.domain.settlement import Due, LaneAmount, MerchantAccount, Terms

# Whether a redemption `d` of store `s` was redeemed while the store counted as new ($5: for how
# long), and whether somebody holds it or its store back at $6. A cluster takes no sum of a moment
# and an interval in an update, for that could hang on a time zone; a difference cannot.
NEW_STORE = "d.redeemed_at - s.opened_at < $5::interval"
HELD = """exists (select from settlement_holds h
                    where h.merchant_id = d.merchant_id
                      and h.lifted_at is null
                      and (h.until is null or h.until > $6)
                      and (h.store_id = d.store_id
                           or (h.lane, h.campaign_id, h.idx, h.lock_no)
                            = (d.lane, d.campaign_id, d.idx, d.lock_no)))"""


@dataclass(frozen=True, kw_only=True)
class Payee:
    """A merchant that is to be settled on a rail."""

    merchant_id: int
    rail: str


async def payees_due(tx: Tx, campaign_id: int, last_day: date) -> list[Payee]:
    """Who has redemptions up to a day in no settlement yet, or a payment that bounced."""
    rows = await tx.fetch(
        """
        select distinct merchant_id, rail
          from redemptions
         where campaign_id = $1
           and settlement_id is null
           and day <= $2
           and returned_fen < discount_fen
        union
        select merchant_id, rail
          from settlements
         where campaign_id = $1
           and state = 'bounced'
           and resettled_by is null
         order by merchant_id, rail
        """,
        campaign_id,
        day_number(last_day),
    )
    return [Payee(**dict(row)) for row in rows]


async def account_of(
    tx: Tx, campaign_id: int, payee: Payee, terms: Terms, now: datetime
) -> MerchantAccount:
    """What settlement must know of a merchant; its redemptions up to a day are held for it.

    A refund that is on its way is waited for; one that comes later finds them settled. They are
    held lane by lane, in order: a cluster holds rows on one shard at a time.
    """
    rows = await tx.fetch(
        """
        select distinct lane
          from redemptions
         where campaign_id = $1
           and merchant_id = $2
           and rail = $3
           and day <= $4
           and settlement_id is null
         order by lane
        """,
        campaign_id,
        payee.merchant_id,
        payee.rail,
        day_number(terms.last_day),
    )
    dues = [
        due
        for row in rows
        for due in await _hold_dues(tx, campaign_id, row["lane"], payee, terms, now)
    ]
    return MerchantAccount(
        merchant_id=payee.merchant_id,
        rail=payee.rail,
        dues=tuple(sorted(dues, key=lambda due: (due.day, due.lane))),
        receivable_fen=await ledger.balance_fen(
            tx, campaign_id, of_merchant(Account.RECEIVABLE, payee.merchant_id)
        ),
        bounced=await _bounced(tx, campaign_id, payee),
        is_held=await _is_held(tx, payee.merchant_id, now),
    )


async def _hold_dues(
    tx: Tx, campaign_id: int, lane: int, payee: Payee, terms: Terms, now: datetime
) -> list[Due]:
    """Hold a merchant's unsettled redemptions in one lane; a line for each day and kind."""
    rows = await tx.fetch(
        f"""
        with held as (
            select d.day, d.lane, d.discount_fen, d.returned_fen,
                   {NEW_STORE} as is_new_store, {HELD} as is_held
              from redemptions d
              join stores s using (store_id)
             where d.lane = $1
               and d.campaign_id = $2
               and d.merchant_id = $3
               and d.day <= $4
               and d.rail = $7
               and d.settlement_id is null
             order by d.idx, d.lock_no
               for update of d
        )
        select day, lane, is_new_store, is_held, count(*) as count,
               sum(discount_fen)::bigint as redeemed_fen,
               sum(returned_fen)::bigint as returned_fen
          from held
         group by day, lane, is_new_store, is_held
         order by day
        """,
        lane,
        campaign_id,
        payee.merchant_id,
        day_number(terms.last_day),
        timedelta(days=terms.new_store_days),
        now,
        payee.rail,
    )
    return [Due(**{**dict(row), "day": day_from_number(row["day"])}) for row in rows]


async def _bounced(tx: Tx, campaign_id: int, payee: Payee) -> tuple[LaneAmount, ...]:
    rows = await tx.fetch(
        """
        select l.lane, sum(l.payable_fen + l.carried_fen - l.recovered_fen)::bigint as amount_fen
          from settlements s
          join settlement_lines l using (settlement_id)
         where s.campaign_id = $1
           and s.merchant_id = $2
           and s.rail = $3
           and s.state = 'bounced'
           and s.resettled_by is null
         group by l.lane
        having sum(l.payable_fen + l.carried_fen - l.recovered_fen) > 0
         order by l.lane
        """,
        campaign_id,
        payee.merchant_id,
        payee.rail,
    )
    return tuple(LaneAmount(**dict(row)) for row in rows)


async def _is_held(tx: Tx, merchant_id: int, now: datetime) -> bool:
    found: bool = await tx.fetchval(
        """
        select exists (select from settlement_holds
                        where merchant_id = $1
                          and kind = 'merchant'
                          and lifted_at is null
                          and (until is null or until > $2))
        """,
        merchant_id,
        now,
    )
    return found
