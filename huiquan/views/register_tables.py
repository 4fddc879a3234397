"""The whole register as tables: every row an auditor needs, in one order.  台账导出

One snapshot for all of them. Names and documents of people are in none; a voucher is its serial.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from huiquan.app import App
from huiquan.db import campaigns
from huiquan.db.connection import Tx
from huiquan.domain.refusals import Refusal

PAGE = 5_000

# Each table by the name of its file: what is asked, in the order in which the file has it.
TABLES: Mapping[str, str] = {
    "transfers": """
        select lane, no, kind, debit, debit_lane, debit_holder, credit, credit_lane, credit_holder,
               amount_fen, ref, idx, day, booked_at
          from transfers
         where campaign_id = $1
         order by lane, no
    """,
    "links": """
        select lane, link_no, first_no, next_no, prev_hash, link_hash, closed_at
          from links
         where campaign_id = $1
         order by lane, link_no
    """,
    "books": """
        select lane, next_no, linked_no, link_hash
          from books
         where campaign_id = $1
         order by lane
    """,
    "balances": """
        select lane, account, holder, amount_fen
          from balances
         where campaign_id = $1
           and amount_fen > 0
         order by lane, account, holder collate "C"
    """,
    "tranches": """
        select tranche_no, planned_fen, due_on, payer, payer_account, planned_by, planned_at,
               bank_ref, received_fen, received_by, received_at
          from tranches
         where campaign_id = $1
         order by tranche_no
    """,
    "compensations": """
        select bank_ref, amount_fen, payer, reason, redemption, booked_by, booked_at
          from compensations
         where campaign_id = $1
         order by booked_at, bank_ref
    """,
    "repayments": """
        select bank_ref, merchant_id, amount_fen, booked_by, booked_at
          from repayments
         where campaign_id = $1
         order by booked_at, bank_ref
    """,
    "shares": """
        select s.closing_no, c.state, s.tranche_no, s.amount_fen, s.bank_ref, s.returned_by,
               s.returned_at
          from closing_shares s
          join closings c
         using (campaign_id, closing_no)
         where s.campaign_id = $1
         order by s.closing_no, s.tranche_no
    """,
    "pledges": """
        select pledge_id, funder, merchant_id, pledged_fen, document, recorded_by, recorded_at
          from pledges
         where campaign_id = $1
         order by pledge_id
    """,
    "merchants": """
        select merchant_id, name, uscc
          from merchants
         where merchant_id in (select merchant_id from redemptions where campaign_id = $1)
         order by merchant_id
    """,
    "settlements": """
        select settlement_id, merchant_id, day, payable_fen, recovered_fen, amount_fen, state,
               settled_at, bank_ref, paid_at, carried_fen
          from settlements
         where campaign_id = $1
         order by settlement_id
    """,
    "vouchers": """
        select lane, idx, serial, day, pack, tier, face_fen, threshold_fen, city, state, issued_at,
               valid_until
          from vouchers
         where campaign_id = $1
         order by lane, idx
    """,
    "redemptions": """
        select r.lane, r.idx, r.lock_no, r.day, r.store_id, r.merchant_id, r.city, r.payment_ref,
               r.order_fen, o.platform_offer_fen, o.merchant_offer_fen, r.net_fen, r.discount_fen,
               r.refunded_fen, r.returned_fen, r.settlement_id, r.redeemed_at
          from redemptions r
          join locks l
         using (lane, campaign_id, idx, lock_no)
         cross join lateral (
               select coalesce(sum((p ->> 'amount_fen')::bigint)
                               filter (where p ->> 'funder' = 'platform'), 0)::bigint
                          as platform_offer_fen,
                      coalesce(sum((p ->> 'amount_fen')::bigint)
                               filter (where p ->> 'funder' = 'merchant'), 0)::bigint
                          as merchant_offer_fen
                 from jsonb_array_elements(l.offers) p) o
         where r.campaign_id = $1
         order by r.lane, r.idx, r.lock_no
    """,
    "refunds": """
        select lane, idx, lock_no, refund_no, amount_fen, to_consumer_fen, to_fund_fen, late, day,
               refunded_at
          from refunds
         where campaign_id = $1
         order by lane, idx, lock_no, refund_no
    """,
}


@dataclass(frozen=True, kw_only=True)
class RegisterTables:
    """The register of a campaign, open to be read, all of one instant."""

    campaign_id: int
    campaign: str
    platform: str
    made_at: datetime
    transfer_count: int
    _tx: Tx = field(repr=False)

    async def rows(self, table: str) -> AsyncIterator[list[str]]:
        """A table's head, then its rows, every value as it is written in the file."""
        question = await self._tx.prepare(TABLES[table])
        yield [column.name for column in question.get_attributes()]
        async for row in question.cursor(self.campaign_id, prefetch=PAGE):
            yield [written(value) for value in row.values()]


def written(value: Any) -> str:
    """One value as text: times in UTC to the microsecond, bytes in hex, nothing as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)


@asynccontextmanager
async def open_tables(app: App, code: str) -> AsyncIterator[RegisterTables | Refusal]:
    """Open the register of a whole campaign (R2.4, R5.8). Refuses UNKNOWN_CAMPAIGN."""
    async with app.db.reading() as tx:
        campaign = await campaigns.find(tx, code)
        if campaign is None:
            yield Refusal.UNKNOWN_CAMPAIGN
            return
        count = await tx.fetchval(
            "select count(*) from transfers where campaign_id = $1", campaign.campaign_id
        )
        yield RegisterTables(
            campaign_id=campaign.campaign_id,
            campaign=campaign.code,
            platform=campaign.platform,
            made_at=app.clock(),
            transfer_count=count,
            _tx=tx,
        )
